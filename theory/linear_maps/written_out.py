"""A matrix written out at concrete sizes: what stands in each of its entries, as text.

The indices that the deltas of a term fix are computed, all others are counted through, so that
a matrix with few entries that are not zero takes few steps.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    indices_in,
    slot,
)

Table = tuple[tuple[str, ...], ...]
Polynomial = dict[tuple[str, ...], sp.Expr]
MOST = 5_000_000  # steps, and entries of a table


def table(
    total: Sum, rows: Sequence[Index], columns: Sequence[Index], sizes: Mapping[str, int]
) -> Table:
    """The entries of ``Σ terms``, free in rows and columns, at these sizes; ``"0"`` for nothing.

    Raises `BackproofError` for sizes that are missing, unknown or no positive integers, for
    labels, whose values nobody knows, and for a table of more than five million entries.
    """
    every = distinct([*rows, *columns, *(i for t in total.terms for i in t.over)])
    known = _known(every, sizes)

    def extent(size: sp.Expr) -> int:
        return int(size.xreplace(known))

    shape = [[extent(i.size) for i in side] for side in (rows, columns)]
    heights = [int(sp.prod(side)) for side in shape]
    _refuse_many(heights[0] * heights[1])
    cells: dict[tuple[int, int], Polynomial] = defaultdict(dict)
    for term in total.terms:
        for at in _assignments(term, (*rows, *columns), extent):
            place = tuple(
                _place([at[i] for i in side], extents)
                for side, extents in zip((rows, columns), shape, strict=True)
            )
            monomial = tuple(sorted(w for f in term.factors if (w := _word(f, at, extent))))
            cell = cells[place[0], place[1]]
            cell[monomial] = cell.get(monomial, sp.S.Zero) + term.coefficient.xreplace(known)
    written = {place: _text(polynomial) for place, polynomial in cells.items()}
    return tuple(
        tuple(written.get((r, c), "0") for c in range(heights[1])) for r in range(heights[0])
    )


def _known(indices: Sequence[Index], sizes: Mapping[str, int]) -> dict[sp.Symbol, sp.Integer]:
    symbols = {s.name: s for i in indices for s in i.size.free_symbols}
    named = ", ".join(sorted(symbols)) or "none"
    for name in sorted(symbols.keys() ^ sizes.keys()):
        found = f"no size {name}" if name in symbols else f"the unknown size {name}"
        raise BackproofError("sizes", found, f"a number for each of: {named}", "pass e.g. H=8")
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise BackproofError("sizes", f"{name}={size!r}", "a positive integer", "mend it")
    known = {symbols[name]: sp.Integer(size) for name, size in sizes.items()}
    for index in indices:
        if index.size.xreplace(known) < 1:
            facts = ", ".join(f"{name}={size}" for name, size in sizes.items())
            found = f"an axis of {index.size} entries at {facts}"
            raise BackproofError("sizes", found, "one or more", "choose larger sizes")
    return known


def _refuse_many(steps: int) -> None:
    if steps > MOST:
        found, expected = f"{steps} entries to write out", f"{MOST} at most"
        raise BackproofError("sizes", found, expected, "choose smaller sizes")


def _place(at: Sequence[int], extents: Sequence[int]) -> int:
    place = 0
    for position, extent in zip(at, extents, strict=True):
        place = place * extent + position
    return place


def _assignments(
    term: Contraction, free: Sequence[Index], extent: Callable[[sp.Expr], int]
) -> Iterator[dict[Index, int]]:
    """Every assignment of the free and summed indices at which the deltas of a term are one."""
    fixed: dict[Index, Subscript] = {}
    left: list[Delta] = []
    for delta in (f for f in term.factors if isinstance(f, Delta)):
        for index, other in ((delta.left, delta.right), (delta.right, delta.left)):
            if isinstance(index, Index) and _fixes(index, other, fixed):
                fixed[index] = other
                break
        else:
            left.append(delta)
    loops = [i for i in distinct([*free, *term.over]) if i not in fixed]
    ranges = [range(extent(i.size)) for i in loops]
    _refuse_many(int(sp.prod(map(len, ranges))))
    for values in itertools.product(*ranges):
        at = dict(zip(loops, values, strict=True))
        for index, other in fixed.items():
            at[index] = _value(other, at, extent)
        inside = all(0 <= at[i] < extent(i.size) for i in fixed)
        if inside and all(_value(d.left, at, extent) == _value(d.right, at, extent) for d in left):
            yield at


def _fixes(index: Index, other: Subscript, fixed: Mapping[Index, Subscript]) -> bool:
    """Whether an index can be computed from the other side of its delta."""
    if index in fixed or index in indices_in(other):
        return False
    return not any(index in indices_in(s) or i in indices_in(other) for i, s in fixed.items())


def _value(subscript: Subscript, at: Mapping[Index, int], extent: Callable[[sp.Expr], int]) -> int:
    if isinstance(subscript, Index):
        return at[subscript]
    if isinstance(subscript, Entry):
        name = subscript.tensor.name
        found, move = f"the label {name}", "ask for the equation instead"
        raise BackproofError("entries", found, "places that sizes alone decide", move)
    steps = (extent(c) * _value(part, at, extent) for part, c in subscript.terms)
    return extent(subscript.offset) + sum(steps)


def _word(factor: Factor, at: Mapping[Index, int], extent: Callable[[sp.Expr], int]) -> str:
    """A factor at an assignment, as text; nothing for what is one."""
    if isinstance(factor, Delta | Ones):
        return ""
    if isinstance(factor, Entry):
        places = ",".join(str(_value(s, at, extent)) for s in factor.subscripts)
        return f"{factor.tensor.name}[{places}]" if places else factor.tensor.name
    assert isinstance(factor, Map)
    words = {slot(n): sp.Symbol(_word(a, at, extent)) for n, a in enumerate(factor.arguments)}
    return f"({factor.expression.xreplace(words)})"


def _text(polynomial: Polynomial) -> str:
    out = ""
    for monomial, coefficient in sorted(polynomial.items()):
        if coefficient == 0:
            continue
        sign = ("-", " - ")[bool(out)] if coefficient < 0 else ("", " + ")[bool(out)]
        number = abs(coefficient)
        words = [*([] if number == 1 and monomial else [str(number)]), *monomial]
        out += sign + " ".join(words)
    return out or "0"
