"""Algorithms: which networks are learnt, by what, and how well that generalises."""

from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = ()
