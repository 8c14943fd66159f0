"""Complexity: which networks can be learnt efficiently, and which cannot."""

from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = ()
