"""A theorem: hypotheses and conclusion as fields, and the proof as a chain of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.claims import GROUNDS, Claim
from backproof.theory.errors import BackproofError
from backproof.theory.hypotheses.activation import read
from backproof.theory.hypotheses.verdict import Verdict

Decide = Callable[[sp.Expr, int], Verdict]  # of an activation and an order m
PARTS = ("universality", "expressivity", "complexity", "algorithms", "generative")


@dataclass(frozen=True)
class Hypothesis:
    """``latex`` states it; ``decide`` decides it of an activation, or answers "unknown".

    A hypothesis on what is not the activation (a measure, a domain, a size) has no ``decide``: it
    is for whoever uses the theorem, and is *assumed*.
    """

    name: str
    latex: str
    decide: Decide | None = None


@dataclass(frozen=True)
class ProofStep:
    """One link: what is claimed, why, and what that rests on (words of `GROUNDS`).

    ``shown_by`` names the function of the library that derives or runs the step.
    """

    name: str
    latex: str
    because: str
    rests_on: tuple[str, ...]
    shown_by: str = ""

    def __post_init__(self) -> None:
        strange = set(self.rests_on) - set(GROUNDS)
        if strange or not self.rests_on:
            raise BackproofError(
                f"step {self.name}",
                f"{strange or 'nothing'}",
                f"some of {', '.join(GROUNDS)}",
                "say it",
            )


@dataclass(frozen=True)
class Judgement(Claim):
    """A theorem and one activation: the verdict on each hypothesis, and whether it applies."""

    theorem: str = ""
    activation: sp.Expr = sp.S.Zero
    verdicts: tuple[tuple[Hypothesis, Verdict], ...] = ()

    @property
    def status(self) -> str:
        """ "applies", "does not apply" or "unknown"."""
        found = {verdict.status for _, verdict in self.verdicts}
        return (
            "does not apply" if "fails" in found else "unknown" if "unknown" in found else "applies"
        )

    def __str__(self) -> str:
        lines = [f"{self.theorem} for σ(t) = {self.activation}: {self.status}"]
        lines += [f"  {h.name}: {verdict}" for h, verdict in self.verdicts]
        lines += [f"  assumed: {words}" for words in self.assumptions]
        return "\n".join(lines)


@dataclass(frozen=True)
class Theorem:
    """Hypotheses, conclusion, proof and reference.

    ``conclusion`` is LaTeX and ``says`` the same in words;
    ``order`` says whether the statement has a parameter m; ``notes`` tell where a wording is
    loose; ``witnesses`` name constructions that show the conclusion at work.
    ``part`` is one of `PARTS`, ``uses`` names the theorems that this one rests on or sharpens, and
    ``lecture`` says in a few words where a course on deep learning speaks of it.
    """

    name: str
    title: str
    hypotheses: tuple[Hypothesis, ...]
    conclusion: str
    says: str
    proof: tuple[ProofStep, ...]
    reference: str
    order: bool = False
    notes: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    part: str = "universality"
    uses: tuple[str, ...] = ()
    lecture: str = ""

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            known = ", ".join(PARTS)
            raise BackproofError(f"theorem {self.name}", repr(self.part), known, "name its part")

    @property
    def of_an_activation(self) -> bool:
        """Whether some hypothesis can be decided for an activation."""
        return any(h.decide is not None for h in self.hypotheses)

    def judge(self, activation: Any, order: int = 1) -> Judgement:
        """The verdict on every hypothesis for an activation.

        ``activation`` is a name, a SymPy function or an expression of one symbol; ``order`` is m
        where the theorem has one. A theorem that is not about an activation is refused.
        """
        if not self.of_an_activation:
            raise BackproofError(
                f"theorem {self.name}",
                f"the activation {activation}",
                "nothing to decide: its hypotheses are about something else",
                f"run backproof theorem {self.name}",
            )
        if not isinstance(order, int) or isinstance(order, bool) or order < 0:
            raise BackproofError("order", repr(order), "a natural number", "ask for order=1")
        sigma = read(activation)
        decided = [h for h in self.hypotheses if h.decide is not None]
        verdicts = tuple((h, h.decide(sigma, order)) for h in decided if h.decide is not None)
        assumptions = tuple(h.name for h in self.hypotheses if h.decide is None)
        return Judgement(
            f"{self.title} for {sigma}",
            frozenset({"derived", "cited"}),
            assumptions,
            self.name,
            sigma,
            verdicts,
        )

    @property
    def rests_on(self) -> frozenset[str]:
        """The union over the steps of the proof."""
        return frozenset(word for step in self.proof for word in step.rests_on)

    def __str__(self) -> str:
        lines = [self.title, "", "Hypotheses"]
        lines += [f"  {h.name}" for h in self.hypotheses]
        lines += ["", "Conclusion", f"  {self.says}", "", "Proof"]
        for number, step in enumerate(self.proof, 1):
            lines.append(f"  {number}. {step.name} ({', '.join(step.rests_on)})")
            lines.append(f"     {step.because}")
        lines += ["", *(f"Note: {note}" for note in self.notes)]
        if self.uses:
            lines.append(f"Rests on or sharpens: {', '.join(self.uses)}")
        lines.append(f"Reference: {self.reference}")
        return "\n".join(lines)


def named(theorems: Iterable[Theorem]) -> dict[str, Theorem]:
    """Theorems by name: no name twice, and each uses only theorems that are there."""
    found: dict[str, Theorem] = {}
    for theorem in theorems:
        if theorem.name in found:
            raise BackproofError("THEOREMS", f"{theorem.name} twice", "one", "rename one of them")
        found[theorem.name] = theorem
    for theorem in found.values():
        for used in theorem.uses:
            if used not in found:
                raise BackproofError(
                    f"theorem {theorem.name}", f"uses {used}", "the name of a theorem", "list it"
                )
    return found
