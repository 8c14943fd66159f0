"""Claims: what is said, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backproof.theory.errors import BackproofError

GROUNDS = {
    "derived": "follows from the stated equations by named rules",
    "exact": "computed in integers, rationals or symbols",
    "enumerated": "every state of a finite set was visited",
    "enclosed": "lies between two numbers, rounding counted",
    "machine-checked": "a proof assistant accepted a proof",
    "sampled": "compared at points drawn at random",
    "cited": "a theorem of the literature whose hypotheses were checked",
    "assumed": "said and not checked",
}


@dataclass(frozen=True)
class Claim:
    """A statement, what it rests on, and what is taken on trust.

    ``rests_on`` is a set of the words of `GROUNDS`; ``assumptions`` say in plain words what
    stands behind *assumed*.

    >>> print(Claim("1 + 1 = 2", frozenset({"exact"})))
    1 + 1 = 2 (by: exact)
    """

    statement: str
    rests_on: frozenset[str]
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        strange = self.rests_on - set(GROUNDS)
        if strange:
            raise BackproofError(
                "Claim.rests_on", ", ".join(sorted(strange)), ", ".join(GROUNDS), "use these words"
            )

    def __str__(self) -> str:
        return f"{self.statement} (by: {', '.join(sorted(self.rests_on))})"


def grounds(premises: Iterable[Claim]) -> frozenset[str]:
    """What a conclusion rests on: everything that its premises rest on."""
    return frozenset().union(*(premise.rests_on for premise in premises))
