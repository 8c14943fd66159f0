"""Rows for rewrites of terms: what each makes of a term, and how it would go wrong.

A rewrite claims that two things are equal.  The three oracles are evaluation at exact rationals,
at numbers of many digits, and over the prime field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from backproof.theory.deltas import (
    digits,
    equal_sides,
    never_equal,
    one_value,
    only_place,
    summed_delta,
)
from backproof.theory.equations import Contraction
from backproof.theory.normal import lone_index, redundant_ones
from backproof.theory.notation import Affine, Delta, Entry, Index, Ones, Tensor
from laws.random_equations import LABELS, M, N

A, B = (Tensor(name, (N, N)) for name in "AB")
LONG = Tensor("z", (N * M,))
WIDE = Tensor("u", (2 * N,))
i, j, k = (Index(letter, N) for letter in "ijk")
p, q = Index("p", M), Index("q", M)
place = Index("z0", N * M)
ZERO, ONE, TWO = sp.S.Zero, sp.S.One, sp.Integer(2)


def spot(n: Index, m: Index) -> Affine:
    """The place M·n + m."""
    return Affine(sp.S.Zero, ((n, M), (m, ONE)))


@dataclass(frozen=True)
class TermRow:
    """A rule of terms, terms it applies to, and wrong versions of what it makes of them."""

    rule: Callable[[Contraction], Contraction | None]
    terms: tuple[Contraction, ...]
    mutants: tuple[Callable[[Contraction], Contraction], ...]


def twice(term: Contraction) -> Contraction:
    """A wrong factor."""
    return Contraction(2 * term.coefficient, term.factors, term.over)


def fewer(term: Contraction) -> Contraction:
    """The last factor that is not ones is lost."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    ones = tuple(Ones(n) for n in term.free)
    kept = tuple(f for f in term.factors if not solid or f != solid[-1])
    carried = Contraction(ONE, kept).free
    over = tuple(n for n in term.over if n in carried)
    return Contraction(term.coefficient, (*kept, *ones), over)


def one_more(term: Contraction) -> Contraction:
    """A term where there is none, or one too many."""
    return Contraction(term.coefficient + 1, (*term.factors, *map(Ones, FREE)), term.over)


UNIT = Index("e", ONE)
FREE = (i, j)
OF_TERMS = (
    TermRow(
        one_value,
        (Contraction(ONE, (Delta(i, Affine(ONE, ((UNIT, ONE),))), Entry(A, (i, j))), (UNIT,)),),
        (twice, fewer),
    ),
    TermRow(
        digits,
        (
            Contraction(ONE, (Delta(spot(i, p), spot(j, q)), Entry(A, (i, j))), ()),
            Contraction(
                ONE,
                (Delta(Affine(sp.S.Zero, ((i, N), (j, ONE))), Affine(sp.S.Zero, ((k, N + 1),))),),
            ),
            Contraction(ONE, (Delta(spot(i, p), Affine(sp.S.Zero, ((j, M),))), Entry(A, (i, j)))),
        ),
        (twice, fewer),
    ),
    TermRow(
        equal_sides,
        (
            Contraction(ONE, (Delta(i, i), Entry(A, (i, j)))),
            Contraction(ONE, (Delta(spot(i, p), spot(i, p)),)),
            Contraction(ONE, (Delta(Entry(LABELS, (i,)), Entry(LABELS, (i,))), Entry(A, (i, j)))),
            Contraction(ONE, (Delta(Entry(LABELS, (i,)), Entry(LABELS, (j,))), Delta(i, j))),
        ),
        (twice, lambda term: Contraction(-term.coefficient, term.factors, term.over)),
    ),
    TermRow(
        only_place,
        (
            Contraction(ONE, (Delta(UNIT, Affine(ZERO)), Entry(A, (i, j)))),
            Contraction(ONE, (Delta(Affine(ZERO, ((UNIT, N),)), Affine(ZERO)), Ones(i))),
        ),
        (twice, fewer),
    ),
    TermRow(
        summed_delta,
        (
            Contraction(ONE, (Delta(k, i), Entry(A, (k, j)), Entry(B, (j, k))), (k,)),
            Contraction(ONE, (Delta(q, Entry(LABELS, (i,))), Entry(LONG, (spot(j, q),))), (q,)),
            Contraction(ONE, (Delta(place, spot(i, p)), Entry(LONG, (place,))), (place,)),
            Contraction(ONE, (Delta(Affine(N - 1, ((k, -ONE),)), i), Entry(A, (k, j))), (k,)),
        ),
        (twice, fewer),
    ),
    TermRow(
        never_equal,
        (
            Contraction(ONE, (Delta(i, Affine(N, ((j, ONE),))),)),
            Contraction(ONE, (Delta(Affine(ONE, ((i, TWO),)), Affine(ZERO, ((j, TWO),))),)),
            Contraction(ONE, (Delta(i, Affine(ZERO)), Delta(i, Affine(ONE)), Ones(j))),
        ),
        (one_more,),
    ),
    TermRow(
        redundant_ones,
        (
            Contraction(ONE, (Ones(i), Entry(A, (i, j)), Ones(j))),
            Contraction(ONE, (Ones(i), Ones(i), Entry(A, (k, j))), (k,)),
        ),
        (twice, fewer),
    ),
    TermRow(
        lone_index,
        (
            Contraction(ONE, (Entry(A, (i, j)),), (k,)),
            Contraction(ONE / N, (Entry(A, (i, j)), Ones(p)), (p, k)),
        ),
        (lambda term: Contraction(ONE, term.factors, term.over), twice),
    ),
)
