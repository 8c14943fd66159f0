"""Complexity: which networks can be learnt efficiently, and which cannot."""

from backproof.theory.theorems.complexity.daniely import DANIELY
from backproof.theory.theorems.complexity.livni import BASIS_LEARNER, GECO, SIGMOID
from backproof.theory.theorems.complexity.shamir import PARITIES, SHAMIR
from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (
    BASIS_LEARNER,
    SIGMOID,
    GECO,
    DANIELY,
    PARITIES,
    SHAMIR,
)
