"""The reduction from formulas to learning, as a program.

``consistent`` decides whether some assignment's disjunction accepts all encoded clauses, from the
bits alone: it never sees the formula.  So it agrees with a solver given the formula exactly if the
reduction is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from backproof.numerics.complexity.solver import Formula, solve
from backproof.theory.complexity.clauses import (
    Assignment,
    Bits,
    Clause,
    disjunction,
    encode,
    holds,
    place,
)

Solver = Callable[[Formula, int], Sequence[bool] | None]


def random_clauses(rng: np.random.Generator, n: int, slots: int, count: int) -> list[Clause]:
    """Clauses whose literals are drawn independently from all 2n."""
    values = rng.integers(1, n + 1, (count, slots)) * rng.choice([-1, 1], (count, slots))
    return [tuple(int(l) for l in row) for row in values]


def planted_clauses(
    rng: np.random.Generator, assignment: Assignment, slots: int, count: int
) -> list[Clause]:
    """Random clauses that an assignment satisfies: the others are drawn again."""
    found: list[Clause] = []
    accept = disjunction(assignment, slots)
    while len(found) < count:
        drawn = random_clauses(rng, len(assignment), slots, count)
        found += [c for c in drawn if holds(accept, encode(c, len(assignment)))]
    return found[:count]


def hypothesis_formula(examples: Sequence[Bits], n: int, slots: int) -> list[list[int]]:
    """CNF over one Boolean for each of the 2nK places of a disjunction.

    Of l and ¬l exactly one is in, and it is in for all slots or none: then the disjunction is an
    assignment's.  Every example has a place that is in.

    >>> len(hypothesis_formula([encode((1, -2), 2)], 2, 2))
    13
    """
    cnf: list[list[int]] = []
    for i in range(1, n + 1):
        a, b = place(0, i, n) + 1, place(0, -i, n) + 1
        cnf += [[a, b], [-a, -b]]
        for literal in (i, -i):
            first = place(0, literal, n) + 1
            for slot in range(1, slots):
                other = place(slot, literal, n) + 1
                cnf += [[-first, other], [first, -other]]
    size = 2 * n * slots
    cnf += [[p + 1 for p in range(size) if example >> p & 1] for example in examples]
    return cnf


def consistent(
    examples: Sequence[Bits], n: int, slots: int, solver: Solver = solve
) -> Assignment | None:
    """An assignment whose disjunction accepts every example, or `None`."""
    found = solver(hypothesis_formula(examples, n, slots), 2 * n * slots)
    if found is None:
        return None
    return tuple(bool(found[place(0, i, n)]) for i in range(1, n + 1))


@dataclass(frozen=True)
class Sample:
    """Words of M encoded clauses with labels; label 1 where the word came from the formula."""

    words: tuple[tuple[Bits, ...], ...]
    labels: tuple[int, ...]

    def mistakes(self, hypothesis: Bits) -> list[int]:
        """The examples on which the conjunction of M disjunctions errs."""
        return [
            i
            for i, (word, label) in enumerate(zip(self.words, self.labels, strict=True))
            if all(holds(hypothesis, example) for example in word) != bool(label)
        ]


def amplify(
    formula: Sequence[Clause], n: int, word: int, examples: int, rng: np.random.Generator
) -> Sample:
    """Examples with labels from a formula: its own words for label 1, fresh ones for label 0.

    The formula has to have ``word`` clauses for every example of label 1.
    """
    slots = len(formula[0])
    labels = rng.integers(0, 2, examples)
    rest = iter(formula)
    words = []
    for label in labels:
        drawn = [next(rest) for _ in range(word)] if label else random_clauses(rng, n, slots, word)
        words.append(tuple(encode(clause, n) for clause in drawn))
    return Sample(tuple(words), tuple(int(v) for v in labels))
