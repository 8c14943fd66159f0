"""Expressivity: what depth says briefly and width only at length."""

from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = ()
