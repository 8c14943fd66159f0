"""The check of Daniely and Shalev-Shwartz: the reduction enumerated, solved and amplified."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, log

import numpy as np
from scipy.stats import binom

from backproof.numerics.complexity.reduction import (
    amplify,
    consistent,
    planted_clauses,
    random_clauses,
)
from backproof.numerics.complexity.solver import solve
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.complexity.amplification import Sizes, mistaken, scattered_fit, word
from backproof.theory.complexity.clauses import (
    assignments,
    clauses,
    disjunction,
    encode,
    holds,
    satisfied,
    satisfied_share,
)

ALPHA = 1e-6
SMALL = ((2, 2), (3, 2), (2, 3), (3, 3))  # variables and slots, every clause and assignment
RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)


def enumerate_clauses(n: int, slots: int) -> tuple[int, int, int]:
    """Pairs of clause and assignment; those on which the disjunction errs; those satisfied.

    >>> enumerate_clauses(2, 2)
    (64, 0, 48)
    """
    pairs = errors = true = 0
    for psi in assignments(n):
        hypothesis = disjunction(psi, slots)
        for clause in clauses(n, slots):
            accepted = holds(hypothesis, encode(clause, n))
            fulfilled = satisfied(clause, psi)
            pairs, errors, true = pairs + 1, errors + (accepted != fulfilled), true + fulfilled
    return pairs, errors, true


def solved(n: int, slots: int, ratio: float, count: int, seed: int) -> tuple[int, int]:
    """Of random formulas: how many are satisfiable, and how often bits and formula disagree.

    A verdict from the bits comes with an assignment, which is tried on the formula.
    """
    rng = np.random.default_rng([seed, n, round(10 * ratio)])
    satisfiable = disagree = 0
    for _ in range(count):
        formula = random_clauses(rng, n, slots, round(ratio * n))
        plain = solve(formula, n) is not None
        found = consistent([encode(c, n) for c in formula], n, slots)
        wrong = found is not None and not all(satisfied(c, found) for c in formula)
        satisfiable += plain
        disagree += wrong or plain != (found is not None)
    return satisfiable, disagree


def amplified(n: int, slots: int, length: int, examples: int, seed: int) -> tuple[int, int, int]:
    """Mistakes of a satisfying ψ at label 1 and at label 0, and how many have label 0."""
    rng = np.random.default_rng(seed)
    psi = tuple(bool(v) for v in rng.integers(0, 2, n))
    formula = planted_clauses(rng, psi, slots, length * examples)
    sample = amplify(formula, n, length, examples, rng)
    wrong = sample.mistakes(disjunction(psi, slots))
    negative = sum(not label for label in sample.labels)
    positive_errors = sum(sample.labels[i] for i in wrong)
    return positive_errors, len(wrong) - positive_errors, negative


def check(progress: Progress | None = None) -> Evidence:
    """The equivalence on every small clause and on random formulas; the amplification's chances."""
    tell = progress or silent
    rows = []
    for n, slots in SMALL:
        pairs, errors, true = enumerate_clauses(n, slots)
        what = f"n = {n}, K = {slots}, {pairs} pairs"
        rows += [
            Row(f"{what}: disjunction against satisfaction, errors",
                0, "=", errors, 0, "enumerated"),
            Row(f"{what}: share satisfied",
                satisfied_share(slots), "=", Fraction(true, pairs), 0, "enumerated"),
        ]  # fmt: skip
    tell("every clause", 1, 4)
    shares, disagreements, count = [], 0, 12
    for ratio in RATIOS:
        satisfiable, disagree = solved(16, 3, ratio, count, seed=5)
        shares.append(satisfiable / count)
        disagreements += disagree
    total = count * len(RATIOS)
    rows += [
        Row(f"{total} random formulas, 16 variables: solver against bits, disagreements",
            0, "=", disagreements, 0, "exact"),
        Row("the disjunction of all bits accepts every clause: easy without negatives", True, "=",
            all(holds((1 << 12) - 1, encode(c, 3)) for c in clauses(3, 2)), 0, "enumerated"),
    ]  # fmt: skip
    tell("random formulas", 2, 4)
    short, examples = 8, 600
    positive, negative, zeros = amplified(12, 3, short, examples, seed=3)
    chance = float(mistaken(3, short))
    low, high = (float(binom.ppf(q, zeros, chance)) for q in (ALPHA / 2, 1 - ALPHA / 2))
    level = f"statistical at {ALPHA:g}"
    rows += [
        Row("words of 8 clauses: ψ's errors at label 1", 0, "=", positive),
        Row(f"words of 8 clauses: ψ's errors among {zeros} of label 0, from below",
            low, "≤", negative, 0, level),
        Row("the same, from above", high, "≥", negative, 0, level),
    ]  # fmt: skip
    length = word(3, 100, Fraction(1, 10**6))
    rows += [
        Row("the least M with N (1 − 2⁻ᴷ)ᴹ ≤ 10⁻⁶, N = 100, K = 3",
            ceil(log(10**8) / log(8 / 7)), "=", length),
        Row(f"words of {length} clauses: ψ's errors in 100 examples",
            0, "=", sum(amplified(10, 3, length, 100, seed=4)[:2]), 0, level),
        Row("scattered labels, s = 200, N = 400: log₂ of the chance",
            -200, "=", 1 - scattered_fit(200, 400).denominator.bit_length()),
    ]  # fmt: skip
    tell("amplification", 3, 4)
    curves = [Curve("satisfiable, K = 3, 16 variables", RATIOS, shares, "points", panel=1)]
    for slots in (3, 5, 7):
        sizes = [
            Sizes(n, slots, word(slots, n * n, Fraction(1, 100))) for n in (8, 16, 32, 64, 128)
        ]
        bits, literals = [s.bits for s in sizes], [s.terms for s in sizes]
        curves.append(Curve(f"K = {slots}, N = n²", bits, literals, "points"))
    tell("sizes", 4, 4)
    return Evidence(
        rows,
        curves,
        (
            Axes("bits of an example, 2nKM", "terms of the DNF, M", True, True, "sizes"),
            Axes("clauses per variable", "share of formulas", title="satisfiable = consistent"),
        ),
        "Left: what the reduction makes of formulas of 8 to 128 variables. Right: random formulas "
        "decided by a solver, and again from their bits as a learning problem.",
    )
