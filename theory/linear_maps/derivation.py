"""The matrix and the offset of an affine map, read off its derivative."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers import Layer
from backproof.theory.letters import letters_of
from backproof.theory.linear_maps.at_zero import at_zero, entries_of, refuse
from backproof.theory.linear_maps.linear_map import LinearMap
from backproof.theory.linear_maps.unrolling import unrolled
from backproof.theory.model import Model, needed
from backproof.theory.normal import normal
from backproof.theory.notation import Delta, Entry, Index, Ones, Tensor, indices_in
from backproof.theory.trace.values import Value


def linear_map(
    stated: Model | Layer, wrt: str = "x", input: str | Sequence[int | str] | None = None
) -> LinearMap:
    """The affine map from ``wrt`` to the output of a model, or of a layer on an input.

    A layer needs the shape of its ``input``; the map of one example has no batch.  Raises
    `BackproofError` where the output is not affine in ``wrt``, and names the first equation that
    is not.

    >>> from backproof.theory.networks import mlp
    >>> print(linear_map(mlp(["d", "h", "c"], "linear", "gaussian").up_to("z2")).matrix)
    A[k,i] = Σ_j W2[k,j] W1[j,i]
    """
    model = _model(stated, input)
    if not model.equations:
        found = "a layer that changes nothing"
        raise BackproofError("bp.linear_map", found, "an equation", "ask for the map of another")
    jacobian = derive(model, wrt)
    result = jacobian[wrt]
    own = {e.tensor.name for e in model.equations}
    derived = {e.tensor.name: e for e in jacobian.equations if e.tensor.name not in own}
    assert isinstance(result.rhs, Sum)
    matrix = unrolled(result.rhs, derived)
    target = model.arguments.get(wrt) or model[wrt].tensor
    known = needed(jacobian.equations, [e.tensor for f in matrix.factors for e in entries_of(f)])
    mentioned = {e.tensor for f in matrix.factors for e in entries_of(f)}
    if target in mentioned or any(target in e.operands for e in known):
        refuse(model, target)
    return _written(model, target, result.indices, matrix)


def _model(stated: Model | Layer, input: str | Sequence[int | str] | None) -> Model:
    if isinstance(stated, Layer):
        if input is None:
            found = "a layer without the shape of its input"
            raise BackproofError("bp.linear_map", found, "a shape", "pass input='c H W'")
        return stated.model(input)
    if not isinstance(stated, Model) or input is not None:
        found = "a shape for a model" if isinstance(stated, Model) else type(stated).__name__
        move = "drop input=" if isinstance(stated, Model) else "trace it first"
        raise BackproofError("bp.linear_map", found, "a model, or a layer and its input", move)
    return stated


def _written(model: Model, target: Tensor, indices: tuple[Index, ...], total: Sum) -> LinearMap:
    """The map whose Jacobian is ``total``, free in these indices, those of the output first."""
    output = model.output
    lead, home = indices[: len(output.shape)], indices[len(output.shape) :]
    total, partner = _without_shared(total, lead, home)
    start = at_zero(model, target).renamed(dict(zip(model[output.name].indices, lead, strict=True)))
    mentioned = [e.tensor for f in (*total.factors, *start.factors) for e in entries_of(f)]
    known = needed(model.equations, mentioned)
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes}
    letters = letters_of(model.equations, names)
    letter = dict(zip(lead, output.axes, strict=True))

    def define(wish: str, own: tuple[Index, ...], rhs: Sum) -> Equation:
        name = next(n for k in range(10**6) if (n := f"{wish}{k or ''}") not in names)
        names.add(name)
        axes = tuple(letter.get(i, i.letter) for i in own)
        return letters.write(Tensor(name, tuple(i.size for i in own), axes), own, rhs)

    rows = tuple(i for i in lead if i not in partner.values())
    columns = tuple(i for i in home if i not in partner)
    matrix = define("A", (*rows, *columns), total)
    solid = {i for f in start.factors if not isinstance(f, Ones) for i in indices_in(f)}
    carried = tuple(i for i in lead if i in solid)
    offset = define("b", carried, Value(carried, _without_ones(start)).rhs)
    x = Entry(target, tuple(partner.get(i, i) for i in home))
    terms = [Contraction(sp.S.One, (Entry(matrix.tensor, (*rows, *columns)), x), columns)]
    if start.terms:
        terms.append(Contraction(sp.S.One, (Entry(offset.tensor, carried),)))
    equation = letters.write(output, lead, Value(lead, Sum(tuple(terms))).rhs)
    cut = len(rows)
    shared = tuple(j for i, j in zip(lead, equation.indices, strict=True) if i not in rows)
    return LinearMap(
        equation, matrix, offset, matrix.indices[:cut], matrix.indices[cut:], shared, known
    )


def _without_shared(
    total: Sum, lead: Sequence[Index], home: Sequence[Index]
) -> tuple[Sum, dict[Index, Index]]:
    """The sum without the deltas δ[o, h] of axes on which the map does the same everywhere."""
    partner: dict[Index, Index] = {}
    for h in home:
        for o in lead:
            if o in partner.values() or h in partner or not total.terms:
                continue
            rest = [_without_delta(term, o, h) for term in total.terms]
            kept = [term for term in rest if term is not None]
            if len(kept) == len(rest):
                partner[h] = o
                total = Sum(tuple(kept))
    return total, partner


def _without_delta(term: Contraction, o: Index, h: Index) -> Contraction | None:
    """The term without δ[o, h], if it has that and nothing else of the two indices."""
    pair = (Delta(o, h), Delta(h, o))
    rest = tuple(f for f in term.factors if f not in pair)
    if len(rest) == len(term.factors) or any({o, h} & set(indices_in(f)) for f in rest):
        return None
    return Contraction(term.coefficient, rest, term.over)


def _without_ones(total: Sum) -> Sum:
    """The terms without the ones that broadcast them."""
    return Sum(
        tuple(
            Contraction(
                t.coefficient, tuple(f for f in t.factors if not isinstance(f, Ones)), t.over
            )
            for t in normal(total).terms
        )
    )
