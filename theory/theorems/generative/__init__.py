"""Generative models: where depth is needed to infer what generated the data."""

from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = ()
