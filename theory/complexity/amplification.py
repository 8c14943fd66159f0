"""From formulas to examples with labels, and the assumption under which learning them is hard.

The examples of a formula are all positive, and "always true" fits them: disjunctions alone are
easy.  Words of M clauses make negative examples possible.  To make one example, toss a coin:

- label 1: the next M clauses of the formula;
- label 0: M clauses drawn afresh.

If ψ satisfies the formula, every example of label 1 is right for the conjunction of M disjunctions
that ψ gives, and an example of label 0 is wrong with chance (1 − 2^{−K})^M; by the union bound all
N examples are right but for a chance N (1 − 2^{−K})^M, which is at most δ for

    M ≥ log(N/δ)/(−log(1 − 2^{−K})),       in order 2^K log(N/δ).

If the formula is itself random, the labels are independent of the examples ("scattered"): then a
class of at most 2^s hypotheses fits N of them with chance at most 2^{s−N}.  A learner would tell
the two apart; that no algorithm of polynomial time can, for formulas of n^c clauses with any c once
K is large, is the *assumption* (random K-SAT is hard to refute); it is assumed here as in the
paper, its exact exponent from memory and unconfirmed, and no number below rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from backproof.theory.complexity.clauses import satisfied_share
from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Sizes:
    """What the reduction makes of n variables and K slots, in words of M clauses."""

    variables: int
    slots: int
    word: int

    @property
    def bits(self) -> int:
        """The dimension of an example: 2nKM."""
        return 2 * self.variables * self.slots * self.word

    @property
    def terms(self) -> int:
        """The terms of the DNF that says "not satisfied": M, each of nK negated bits."""
        return self.word

    @property
    def literals(self) -> int:
        """The literals of that DNF."""
        return self.terms * self.variables * self.slots


def mistaken(slots: int, word: int) -> Fraction:
    """The chance that ψ satisfies all of M random clauses: (1 − 2^{−K})^M, exactly.

    >>> mistaken(2, 2)
    Fraction(9, 16)
    """
    return satisfied_share(slots) ** word


def word(slots: int, examples: int, chance: Fraction) -> int:
    """The least M with N (1 − 2^{−K})^M ≤ δ, found in exact arithmetic.

    >>> word(3, 1000, Fraction(1, 1000))
    104
    """
    if not 0 < chance < 1 or examples < 1 or slots < 1:
        raise BackproofError(
            "word", f"δ = {chance}, N = {examples}, K = {slots}", "0 < δ < 1, N, K ≥ 1", "mend it"
        )
    found, total = 0, Fraction(examples)
    while total > chance:
        found, total = found + 1, total * satisfied_share(slots)
    return found


def scattered_fit(hypotheses_log2: int, examples: int) -> Fraction:
    """The union bound 2^{s−N} on the chance that random labels are fitted, at most one.

    >>> scattered_fit(10, 20)
    Fraction(1, 1024)
    """
    return min(Fraction(1), Fraction(2) ** (hypotheses_log2 - examples))
