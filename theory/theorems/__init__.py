"""Theorems as objects: hypotheses that are decided, a proof as a chain, a reference."""

from backproof.theory.theorems.cybenko import CYBENKO
from backproof.theory.theorems.hornik_continuous import HORNIK_CONTINUOUS
from backproof.theory.theorems.hornik_lp import HORNIK_LP
from backproof.theory.theorems.hornik_smooth import HORNIK_SMOOTH
from backproof.theory.theorems.hornik_weighted import HORNIK_WEIGHTED
from backproof.theory.theorems.leshno_pinkus import LESHNO_PINKUS
from backproof.theory.theorems.theorem import Hypothesis, Judgement, ProofStep, Theorem

THEOREMS = (
    CYBENKO,
    HORNIK_LP,
    HORNIK_CONTINUOUS,
    HORNIK_SMOOTH,
    HORNIK_WEIGHTED,
    LESHNO_PINKUS,
)
BY_NAME = {theorem.name: theorem for theorem in THEOREMS}

__all__ = ["BY_NAME", "THEOREMS", "Hypothesis", "Judgement", "ProofStep", "Theorem"]
