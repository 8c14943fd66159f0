"""Algorithms: which networks are learnt, by what, and how well that generalises."""

from backproof.theory.theorems.algorithms.hardt_recht_singer import HARDT_RECHT_SINGER
from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (HARDT_RECHT_SINGER,)
