"""A small solver for satisfiability: unit propagation and branching (Davis, Putnam, Logemann,
Loveland), enough for the formulas of a figure and for having no other program to trust.

Reference: M. Davis, G. Logemann, D. Loveland, A machine program for theorem-proving, CACM 5 (1962).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

Formula = Sequence[Sequence[int]]


def solve(formula: Formula, n: int) -> tuple[bool, ...] | None:
    """An assignment of n variables that satisfies every clause, or `None` if there is none.

    >>> solve([(1, 2), (-1, 2), (-2, 1)], 2)
    (True, True)
    >>> solve([(1,), (-1,)], 1) is None
    True
    """
    found = _search([frozenset(clause) for clause in formula])
    if found is None:
        return None
    return tuple(i in found for i in range(1, n + 1))


def _search(clauses: list[frozenset[int]]) -> frozenset[int] | None:
    """The literals made true, or `None`."""
    true: set[int] = set()
    while True:
        unit = next((next(iter(c)) for c in clauses if len(c) == 1), None)
        if unit is None:
            break
        true.add(unit)
        shorter = _assigned(clauses, unit)
        if shorter is None:
            return None
        clauses = shorter
    if not clauses:
        return frozenset(true)
    literal = Counter(l for c in clauses for l in c).most_common(1)[0][0]
    for choice in (literal, -literal):
        rest = _assigned(clauses, choice)
        if rest is not None:
            found = _search(rest)
            if found is not None:
                return found | true | {choice}
    return None


def _assigned(clauses: list[frozenset[int]], literal: int) -> list[frozenset[int]] | None:
    """The clauses once a literal is true; `None` if one becomes empty."""
    rest = []
    for clause in clauses:
        if literal in clause:
            continue
        shorter = clause - {-literal}
        if not shorter:
            return None
        rest.append(shorter)
    return rest
