"""Theorems as objects: hypotheses that are decided, a proof as a chain, a reference."""

from backproof.theory.theorems.algorithms import THEOREMS as ALGORITHMS
from backproof.theory.theorems.complexity import THEOREMS as COMPLEXITY
from backproof.theory.theorems.expressivity import THEOREMS as EXPRESSIVITY
from backproof.theory.theorems.generative import THEOREMS as GENERATIVE
from backproof.theory.theorems.theorem import (
    PARTS,
    Hypothesis,
    Judgement,
    ProofStep,
    Theorem,
    named,
)
from backproof.theory.theorems.universality import THEOREMS as UNIVERSALITY

THEOREMS: tuple[Theorem, ...] = (
    *UNIVERSALITY,
    *EXPRESSIVITY,
    *COMPLEXITY,
    *ALGORITHMS,
    *GENERATIVE,
)
BY_NAME = named(THEOREMS)

__all__ = ["BY_NAME", "PARTS", "THEOREMS", "Hypothesis", "Judgement", "ProofStep", "Theorem"]
