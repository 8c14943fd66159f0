"""Equations in plain SymPy: as indexed sums to read, and written out in scalars to check with."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import Nested, evaluate
from backproof.theory.model import Model
from backproof.theory.notation import (
    POSITION,
    Affine,
    Delta,
    Entry,
    Index,
    Map,
    Ones,
    Tensor,
    slot,
)


def to_sympy(equation: Equation) -> sp.Eq:
    """The equation as SymPy's ``Eq`` of `Indexed`, `Sum` and `KroneckerDelta`.

    Indices count from 0, ``Sum(…, (i, 0, n - 1))``; sizes are the symbols of the shapes.  What
    SymPy has no indexed form for is a function by its name: a maximum of its operand and range,
    a function of a matrix of the operand, the ranges of rows and columns, and its own indices.

    To evaluate, write the sums out term by term: SymPy's ``doit`` solves a delta such as
    ``KroneckerDelta(1, 3*i + j)`` over the rationals and lands between the entries.

    >>> from backproof.theory.trace.tracing import trace
    >>> to_sympy(trace("X @ w", X="n d", w="d")["f"])
    Eq(f[i], Sum(X[i, j]*w[j], (j, 0, d - 1)))
    """
    # Unevaluated: an equation such as y[i] = x[i] stays one.
    left, right = (_plain(side) for side in (equation.entry, equation.rhs))
    return sp.Eq(left, right, evaluate=False)


@singledispatch
def _plain(form: Any) -> sp.Expr:
    """A form in SymPy's own terms."""
    raise TypeError(f"cannot export a {type(form).__name__}")


@_plain.register
def _(form: Index) -> sp.Expr:
    return sp.Symbol(form.name, integer=True, nonnegative=True)


@_plain.register
def _(form: Affine) -> sp.Expr:
    return form.offset + sp.Add(*(c * _plain(part) for part, c in form.terms))


@_plain.register
def _(form: Entry) -> sp.Expr:
    tensor = form.tensor
    if tensor.name == POSITION:
        return _plain(form.subscripts[0])
    known = {"real": True} if tensor.dtype == "real" else {"integer": True, "nonnegative": True}
    if not form.subscripts:
        return sp.Symbol(tensor.name, **known)
    base = sp.IndexedBase(tensor.name, shape=tensor.shape, **known)
    return base[tuple(_plain(s) for s in form.subscripts)]


@_plain.register
def _(form: Delta) -> sp.Expr:
    return sp.KroneckerDelta(_plain(form.left), _plain(form.right))


@_plain.register
def _(form: Ones) -> sp.Expr:
    return sp.S.One


@_plain.register
def _(form: Map) -> sp.Expr:
    return form.expression.xreplace({slot(n): _plain(a) for n, a in enumerate(form.arguments)})


@_plain.register
def _(form: Contraction) -> sp.Expr:
    body = sp.Mul(*map(_plain, form.factors))
    return form.coefficient * (sp.Sum(body, *_ranges(form.over)) if form.over else body)


@_plain.register
def _(form: Sum) -> sp.Expr:
    return sp.Add(*map(_plain, form.terms))


@_plain.register
def _(form: Reduction) -> sp.Expr:
    operand, ranges = _plain(form.operand), _ranges(form.over)
    if form.kind == "logsumexp":
        return sp.log(sp.Sum(sp.exp(operand), *ranges))
    if form.kind == "prod":
        return sp.Product(operand, *ranges)
    return sp.Function(form.kind)(operand, *ranges)


@_plain.register
def _(form: MatrixValue) -> sp.Expr:
    out = map(_plain, form.out)
    return sp.Function(form.function)(_plain(form.operand), *_ranges(form.over), *out)


def _ranges(over: Sequence[Index]) -> list[sp.Tuple]:
    return [sp.Tuple(_plain(i), sp.S.Zero, i.size - 1) for i in over]


def scalar_expansion(
    model: Model, sizes: Mapping[str, int], labels: Mapping[str, Any] | None = None
) -> tuple[Nested, dict[str, Nested]]:
    """The output written out in scalar symbols at concrete sizes, and the symbols of each input.

    The output is one SymPy expression (nested tuples of them for an array) in SymPy's own
    functions, and ``W[0, 1]`` is the symbol ``W_0_1``.  SymPy's derivative of it shares no rule
    with the derivation of the model.  ``labels`` gives the values of integer inputs.

    Raises `BackproofError` when labels are missing, or when the model compares symbols to find
    the position of a maximum.

    >>> from backproof.theory.trace.tracing import trace
    >>> expression, symbols = scalar_expansion(trace("x @ x", x="n"), {"n": 2})
    >>> expression, symbols["x"]
    (x_0**2 + x_1**2, (x_0, x_1))
    """
    given = dict(labels or {})
    symbols: dict[str, Nested] = {}
    extents = {sp.Symbol(n, integer=True, positive=True): size for n, size in sizes.items()}
    for name, tensor in model.arguments.items():
        if tensor.dtype != "real":
            if name not in given:
                raise BackproofError(
                    name, "labels without values", "integers", f"pass labels={{{name!r}: […]}}"
                )
            continue
        shape = [size.subs(extents) for size in tensor.shape]
        unknown = sorted(str(s) for size in shape for s in size.free_symbols)
        if unknown:
            move = f"pass sizes={{{unknown[0]!r}: …}}"
            raise BackproofError("sizes", f"no value for {unknown[0]}", "every size known", move)
        symbols[name] = _symbols(tensor, [int(size) for size in shape])
    _refuse_ambiguous(symbols)
    values = evaluate(model, {**symbols, **given}, sizes)
    return values[model.output.name], symbols


def _symbols(tensor: Tensor, shape: Sequence[int], position: tuple[int, ...] = ()) -> Nested:
    if shape:
        first, *rest = shape
        return tuple(_symbols(tensor, rest, (*position, n)) for n in range(first))
    known = {"positive": True} if "positive" in tensor.assumptions else {"real": True}
    return sp.Symbol("_".join([tensor.name, *map(str, position)]), **known)


def _refuse_ambiguous(symbols: Mapping[str, Nested]) -> None:
    """Refuse inputs ``x`` and ``x_0`` whose scalars would share a name."""
    for (a, left), (b, right) in itertools.combinations(symbols.items(), 2):
        shared = sp.Tuple(left).free_symbols & sp.Tuple(right).free_symbols
        if shared:
            found = f"the symbol {shared.pop()}, which {a} has too"
            raise BackproofError(b, found, "one meaning a name", f"rename {a} or {b}")
