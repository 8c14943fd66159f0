"""Assignments of numbers to symbolic sizes: unequal ones, equal ones, ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.numerics.judge.reference.quantities import extent
from backproof.numerics.judge.statement import Statement
from backproof.theory.errors import BackproofError

Sizes = Mapping[sp.Symbol, int]
TRIED = 240  # permutations of small sizes that are looked at
ENOUGH = 20  # possible ones after which larger sizes are not


@dataclass(frozen=True)
class Assignment:
    """Numbers for the size symbols, and what is special about them."""

    name: str
    sizes: Sizes

    def __str__(self) -> str:
        return ", ".join(f"{s} = {n}" for s, n in self.sizes.items())


def possible(statement: Statement, sizes: Sizes) -> bool:
    """Whether every size that occurs is then a positive integer."""
    known = tuple(sorted(sizes.items(), key=lambda pair: pair[0].name))
    values = (extent(size, known) for size in statement.extents)
    return all(v.is_Integer and v > 0 for v in values)


def unequal(statement: Statement) -> list[dict[sp.Symbol, int]]:
    """Sizes that all differ, also from the concrete ones, the smallest first.

    Where a window may or may not fit, those come first that leave it more than one place.
    """
    symbols = statement.sizes
    concrete = {int(s) for s in statement.extents if s.is_Integer} | {*statement.fixed.values()}
    pool = [n for n in range(2, 40) if n not in concrete]
    shuffled = random.Random(0)  # the first permutations alone keep the first sizes small
    found = []
    for width in range(len(symbols), len(symbols) + 4):
        tried = list(itertools.islice(itertools.permutations(pool[:width], len(symbols)), TRIED))
        if len(tried) == TRIED:
            tried += [tuple(shuffled.sample(pool[:width], len(symbols))) for _ in range(TRIED)]
        for values in tried:
            sizes = {**statement.fixed, **dict(zip(symbols, values, strict=True))}
            if possible(statement, sizes):
                found.append(sizes)
        if len(found) >= ENOUGH:
            break
    return sorted(found, key=lambda sizes: _ones(statement, sizes))


def _ones(statement: Statement, sizes: Sizes) -> int:
    """How many extents are then 1."""
    known = tuple(sorted(sizes.items(), key=lambda pair: pair[0].name))
    symbolic = [size for size in statement.extents if not size.is_Integer]
    return sum(extent(size, known) == 1 for size in symbolic)


def assignments(statement: Statement) -> list[Assignment]:
    """The assignments that every verification tries.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("W @ x", W="m n", x="n")
    >>> for a in assignments(Statement.of(model, ["value"])): print(a.name, "|", a)
    all sizes differ | m = 2, n = 3
    all sizes differ | m = 3, n = 2
    equal sizes | m = 3, n = 3
    every size is 1 | m = 1, n = 1
    m is 1 | m = 1, n = 3
    n is 1 | m = 2, n = 1
    """
    symbols = statement.sizes
    fixed = statement.fixed
    if not symbols:
        return [Assignment("the sizes stated", fixed)]
    differing = unequal(statement)
    alike = [s for s in differing[1:] if sorted(s.values()) == sorted(differing[0].values())]
    chosen = [*differing[:1], *(alike or differing[1:])[-1:]]  # the same sizes in another order
    found = [Assignment("all sizes differ", sizes) for sizes in chosen]
    base = differing[0] if differing else {**fixed, **dict.fromkeys(symbols, 3)}
    trials = [
        ("equal sizes", {**fixed, **dict.fromkeys(symbols, 3)}),
        ("every size is 1", {**fixed, **dict.fromkeys(symbols, 1)}),
    ]
    if len(symbols) > 1:
        trials += [(f"{s} is 1", {**base, s: 1}) for s in symbols]
    stated = {int(s) for s in statement.extents if s.is_Integer} | {*fixed.values()}
    for n in sorted(n for n in stated if 1 < n <= 16):
        trials += [(f"{s} equals a stated size", {**base, s: n}) for s in symbols]
    found += [Assignment(name, sizes) for name, sizes in trials if possible(statement, sizes)]
    if not found:
        raise BackproofError(
            "bp.verify",
            f"no small sizes {', '.join(map(str, symbols))} with positive shapes",
            "shapes such as (L - k + 1) that are positive for some sizes below 40",
            "check the shapes of the model",
        )
    return found


def random_sizes(statement: Statement, rng: Any) -> Sizes | None:
    """Sizes from 1 to 6, or `None` when a few tries find none that are possible."""
    for _ in range(20):
        sizes = {**statement.fixed, **{s: int(rng.integers(1, 7)) for s in statement.sizes}}
        if possible(statement, sizes):
            return sizes
    return None


def small_sizes(statement: Statement) -> Iterator[dict[Any, int]]:
    """Assignments with sizes up to 3, those with the smallest sum first."""
    count = len(statement.sizes)
    grid = itertools.product((1, 2, 3), repeat=min(count, 5))
    for values in sorted(grid, key=lambda v: (sum(v), max(v, default=0)))[:40]:
        padded = (*values, *[2] * (count - len(values)))
        sizes = {**statement.fixed, **dict(zip(statement.sizes, padded, strict=True))}
        if possible(statement, sizes):
            yield sizes
