"""The dense matrix of a map that is affine in one of its inputs: derived, with what it shares.

    z = A x + b        A = ∂z/∂x        b = z at x = 0

A convolution has a matrix with few entries that are not zero, and those repeat a few parameters;
a stack of linear layers has one matrix.  Both are read off the derivative.

Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), sections 9.1 and 9.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.gathers import Within, gathered
from backproof.theory.layers import Layer
from backproof.theory.letters import letters_of
from backproof.theory.maps import as_factors
from backproof.theory.model import Model, needed
from backproof.theory.normal import normal
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Tensor,
    indices_in,
    slot,
)
from backproof.theory.rewriting.unrolling import unrolled
from backproof.theory.trace.values import Value
from backproof.theory.written_out import Table, table


@dataclass(frozen=True)
class LinearMap:
    """An affine map ``z = A x + b``: ``equation`` says so, ``matrix`` is A and ``offset`` is b.

    The axes of A are those of z (``rows``), then those of x (``columns``).  Axes on which the map
    does the same for every value, such as the batch, are ``shared``, and A does not have them.
    ``known`` are quantities that A and b mention, none of which depends on x.
    """

    equation: Equation
    matrix: Equation
    offset: Equation
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    shared: tuple[Index, ...]
    known: tuple[Equation, ...]

    @property
    def dense(self) -> sp.Expr:
        """The number of entries of A: the weights of a dense layer in its place."""
        return sp.Mul(*(i.size for i in (*self.rows, *self.columns)))

    @property
    def parameters(self) -> sp.Expr:
        """The number of entries of the tensors that A is made of."""
        return sp.Add(*(sp.Mul(*t.shape) for t in self.matrix.operands))

    @property
    def condition(self) -> str:
        """Where an entry of A can be other than zero, read off the deltas; a line a kind of term.

        >>> from backproof.theory.layers import Convolution
        >>> print(linear_map(Convolution("o", ("k",)), input="c L").condition)
        0 <= r-j < k
        """
        from backproof.theory.printing.text import text

        lines = []
        for term in self._terms:
            rest, ranges = gathered(term)
            said = [_range(w, text) for w in ranges]
            said += [f"{text(f.left)} = {text(f.right)}" for f in rest.factors if isinstance(f, Delta)]
            lines.append(" and ".join(said) or "everywhere")
        return "\n".join(dict.fromkeys(lines)) or "nowhere"

    @property
    def _terms(self) -> tuple[Contraction, ...]:
        assert isinstance(self.matrix.rhs, Sum)
        return self.matrix.rhs.terms

    def entries(self, **sizes: int) -> Table:
        """A written out at these sizes, row by row: what stands in each entry, ``"0"`` for nothing.

        Raises `BackproofError` for sizes that are missing, unknown or too small.

        >>> from backproof.theory.layers import Convolution
        >>> for row in linear_map(Convolution(1, (2,)), input="1 L").entries(L=4):
        ...     print(row)
        ('K1[0,0,0]', 'K1[0,0,1]', '0', '0')
        ('0', 'K1[0,0,0]', 'K1[0,0,1]', '0')
        ('0', '0', 'K1[0,0,0]', 'K1[0,0,1]')
        """
        return table(Sum(self._terms), self.rows, self.columns, sizes)

    def pattern(self, **sizes: int) -> tuple[tuple[bool, ...], ...]:
        """Which entries of A can be other than zero, row by row."""
        return tuple(tuple(entry != "0" for entry in row) for row in self.entries(**sizes))

    def ties(self, **sizes: int) -> dict[str, tuple[tuple[int, int], ...]]:
        """Entries of A that are the same expression: for each, its rows and columns.

        What occurs once is left out, as are zeros.
        """
        found: dict[str, list[tuple[int, int]]] = {}
        for r, row in enumerate(self.entries(**sizes)):
            for c, entry in enumerate(row):
                found.setdefault(entry, []).append((r, c))
        return {e: tuple(at) for e, at in found.items() if e != "0" and len(at) > 1}

    def counts(self, **sizes: int) -> dict[str, int]:
        """How many entries A has (``dense``), how many are not zero, and how many differ."""
        entries = [entry for row in self.entries(**sizes) for entry in row]
        solid = [entry for entry in entries if entry != "0"]
        return {"dense": len(entries), "nonzero": len(solid), "different": len(set(solid))}

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        offset = [self.offset] if self.offset.rhs.terms else []  # type: ignore[union-attr]
        lines = [*map(text, (*self.known, self.equation, self.matrix, *offset))]
        if self.shared:
            lines.append(f"The same for every {', '.join(i.letter for i in self.shared)}.")
        where = self.condition.replace("\n", "; or ")
        lines.append(f"Not zero: {where}.")
        entries, parameters = text(self.dense), text(self.parameters)
        lines.append(f"A dense layer would have {entries} weights; these are made of {parameters}.")
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        from backproof.theory.printing.latex import latex

        return f"$${latex([*self.known, self.equation, self.matrix, self.offset])}$$"


def _range(within: Within, text: Callable[[Any], str]) -> str:
    low, high = within.sides
    end = f" < {text(within.size)}" if high else ""
    return f"{'0 <= ' if low else ''}{text(within.place)}{end}"


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
    jacobian = derive(model, wrt)
    result = jacobian[wrt]
    own = {e.tensor.name for e in model.equations}
    derived = {e.tensor.name: e for e in jacobian.equations if e.tensor.name not in own}
    assert isinstance(result.rhs, Sum)
    matrix = unrolled(result.rhs, derived)
    target = model.arguments.get(wrt) or model[wrt].tensor
    known = needed(jacobian.equations, [e.tensor for f in matrix.factors for e in _entries(f)])
    mentioned = {e.tensor for f in matrix.factors for e in _entries(f)}
    if target in mentioned or any(target in e.operands for e in known):
        _refuse(model, target)
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


def _entries(factor: Factor) -> tuple[Entry, ...]:
    """The entries that a factor is made of, those of labels aside."""
    if isinstance(factor, Map):
        return factor.arguments
    return (factor,) if isinstance(factor, Entry) else ()


def _refuse(model: Model, target: Tensor) -> None:
    """Name the first equation that is not affine in the target."""
    active = {target.name}
    for equation in model.equations:
        if active & {t.name for t in equation.operands}:
            if _bent(equation, active):
                raise BackproofError(
                    "bp.linear_map",
                    str(equation),
                    f"equations that are affine in {target.name}",
                    "ask for the map of a part, with model.up_to(…) or another wrt",
                )
            active.add(equation.tensor.name)
    found = f"a derivative that depends on {target.name}"
    raise BackproofError("bp.linear_map", found, "an affine map", "derive the Jacobian instead")


def _bent(equation: Equation, active: set[str]) -> bool:
    """Whether a right-hand side is other than linear in the quantities that are active."""
    if isinstance(equation.rhs, Reduction | MatrixValue):
        return True
    for term in equation.rhs.terms:
        maps = [e for f in term.factors if isinstance(f, Map) for e in f.arguments]
        plain = [f for f in term.factors if isinstance(f, Entry)]
        if any(e.tensor.name in active for e in maps):
            return True
        if sum(e.tensor.name in active for e in plain) > 1:
            return True
    return False


def _written(model: Model, target: Tensor, indices: tuple[Index, ...], total: Sum) -> LinearMap:
    """The map whose Jacobian is ``total``, free in these indices, those of the output first."""
    output = model.output
    lead, home = indices[: len(output.shape)], indices[len(output.shape) :]
    total, partner = _without_shared(total, lead, home)
    at_zero = _at_zero(model, target).renamed(
        dict(zip(model[output.name].indices, lead, strict=True))
    )
    mentioned = [e.tensor for f in (*total.factors, *at_zero.factors) for e in _entries(f)]
    known = needed(model.equations, mentioned)
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes}
    letters = letters_of(model.equations, names)
    letter = {i: axis for i, axis in zip(lead, output.axes, strict=True)}

    def define(wish: str, own: tuple[Index, ...], rhs: Sum) -> Equation:
        name = next(n for k in range(10**6) if (n := f"{wish}{k or ''}") not in names)
        names.add(name)
        axes = tuple(letter.get(i, i.letter) for i in own)
        return letters.write(Tensor(name, tuple(i.size for i in own), axes), own, rhs)

    rows = tuple(i for i in lead if i not in partner.values())
    columns = tuple(i for i in home if i not in partner)
    matrix = define("A", (*rows, *columns), total)
    solid = {i for f in at_zero.factors if not isinstance(f, Ones) for i in indices_in(f)}
    carried = tuple(i for i in lead if i in solid)
    offset = define("b", carried, Value(carried, _without_ones(at_zero)).rhs)
    x = Entry(target, tuple(partner.get(i, i) for i in home))
    terms = [Contraction(sp.S.One, (Entry(matrix.tensor, (*rows, *columns)), x), columns)]
    if at_zero.terms:
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


def _at_zero(model: Model, target: Tensor) -> Sum:
    """The output where the target is zero, free in the indices of its equation."""
    zero: dict[str, Equation] = {}
    for equation in model.equations:
        if not any(t == target or t.name in zero for t in equation.operands):
            continue
        if not isinstance(equation.rhs, Sum):
            _refuse(model, target)
        terms = (_term_at_zero(t, model, target, zero) for t in equation.rhs.terms)  # type: ignore[union-attr]
        rhs = unrolled(Sum(tuple(t for t in terms if t is not None)), zero)
        zero[equation.tensor.name] = Equation(equation.tensor, equation.indices, rhs)
    rhs_of = zero.get(model.output.name, model[model.output.name]).rhs
    if not isinstance(rhs_of, Sum):  # the output does not depend on the target
        one = Contraction(sp.S.One, (model[model.output.name].entry,))
        return Sum((one,))
    return rhs_of


def _term_at_zero(
    term: Contraction, model: Model, target: Tensor, zero: dict[str, Equation]
) -> Contraction | None:
    """A term where the target is zero; nothing if it vanishes."""
    nothing = {target.name, *(n for n, e in zero.items() if not e.rhs.terms)}  # type: ignore[union-attr]
    coefficient, factors = term.coefficient, []
    for factor in term.factors:
        if isinstance(factor, Entry) and factor.tensor.name in nothing:
            return None
        if not isinstance(factor, Map) or not any(e.tensor.name in nothing for e in factor.arguments):
            if any(e.tensor.name in zero for e in _entries(factor)) and isinstance(factor, Map):
                _refuse(model, target)
            factors.append(factor)
            continue
        slots = {slot(n): e for n, e in enumerate(factor.arguments)}
        gone = {s: sp.S.Zero for s, e in slots.items() if e.tensor.name in nothing}
        number, parts = as_factors(factor.expression.xreplace(gone), slots)
        coefficient *= number
        factors += [*parts, *(Ones(i) for i in indices_in(factor))]
    return Contraction(coefficient, tuple(factors), term.over) if coefficient != 0 else None


def _without_ones(total: Sum) -> Sum:
    """The terms without the ones that broadcast them."""
    return Sum(
        tuple(
            Contraction(t.coefficient, tuple(f for f in t.factors if not isinstance(f, Ones)), t.over)
            for t in normal(total).terms
        )
    )
