"""From clauses to bits: satisfaction by an assignment is a disjunction of single literals.

A K-clause over n variables is a word of K literals, each one of ±1, …, ±n.  Written one-hot, slot
by slot, it is x ∈ {0, 1}^{2nK}; an assignment ψ makes n of the 2n literals true, so that

    ψ satisfies the clause  ⟺  ⋁_{slot k} ⋁_{literal l true under ψ} x_{k,l},

a disjunction of nK single bits.  A word of M clauses is satisfied if M such disjunctions hold, and
is not if one of M conjunctions of negated bits does: a DNF of M terms over 2nKM bits.
Reference: A. Daniely, S. Shalev-Shwartz, Complexity theoretic limitations on learning DNF's, COLT
2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from backproof.theory.errors import BackproofError

Clause = tuple[int, ...]
Assignment = tuple[bool, ...]  # the value of variable i at place i − 1
Bits = int  # a set of places in {0, …, 2nK − 1}


def checked(clause: Sequence[int], n: int) -> Clause:
    """The clause, with its literals in ±1, …, ±n; or one clear error."""
    bad = [
        l for l in clause if not isinstance(l, int) or isinstance(l, bool) or not 1 <= abs(l) <= n
    ]
    if bad or not clause:
        raise BackproofError(
            "clause", f"{bad[0] if bad else 'nothing'!r}", f"literals among ±1, …, ±{n}", "mend it"
        )
    return tuple(clause)


def place(slot: int, literal: int, n: int) -> int:
    """Where the bit of a literal in a slot stands: positive literals first, then negated ones."""
    return slot * 2 * n + (literal - 1 if literal > 0 else n - literal - 1)


def encode(clause: Sequence[int], n: int) -> Bits:
    """The clause in {0, 1}^{2nK}, one bit a slot, as the integer Σ 2^place.

    >>> bin(encode((1, -2), n=2))
    '0b10000001'
    """
    return sum(1 << place(slot, l, n) for slot, l in enumerate(checked(clause, n)))


def vector(bits: Bits, length: int) -> tuple[int, ...]:
    """The 0/1 vector of a set of places."""
    return tuple(bits >> i & 1 for i in range(length))


def disjunction(assignment: Assignment, slots: int) -> Bits:
    """The nK places whose disjunction says "satisfied by ψ".

    >>> disjunction((True, False), slots=2).bit_count()
    4
    """
    n = len(assignment)
    true = [i if value else -i for i, value in enumerate(assignment, 1)]
    return sum(1 << place(slot, l, n) for slot in range(slots) for l in true)


def holds(hypothesis: Bits, example: Bits) -> bool:
    """The disjunction of the places of the hypothesis, at an example."""
    return hypothesis & example != 0


def satisfied(clause: Sequence[int], assignment: Assignment) -> bool:
    """Whether a literal of the clause is true, from the definition."""
    return any(assignment[abs(l) - 1] == (l > 0) for l in clause)


def assignments(n: int) -> Iterator[Assignment]:
    """All 2^n."""
    return product((False, True), repeat=n)


def clauses(n: int, slots: int) -> Iterator[Clause]:
    """All (2n)^K words of K literals."""
    return product([*range(1, n + 1), *range(-n, 0)], repeat=slots)


def satisfied_share(slots: int) -> Fraction:
    """The chance that ψ satisfies a random clause: each slot is false with chance ½.

    >>> satisfied_share(3)
    Fraction(7, 8)
    """
    return 1 - Fraction(1, 2**slots)
