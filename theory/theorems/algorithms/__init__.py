"""Algorithms: which networks are learnt, by what, and how well that generalises."""

from backproof.theory.theorems.algorithms.hardt_recht_singer import HARDT_RECHT_SINGER
from backproof.theory.theorems.algorithms.janzamin import JANZAMIN
from backproof.theory.theorems.algorithms.stein import STEIN
from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (STEIN, JANZAMIN, HARDT_RECHT_SINGER)
