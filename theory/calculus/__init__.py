"""Differentiation: the local rules, reverse accumulation, and `derive`."""
