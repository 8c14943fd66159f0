"""Checks of the theorems on generative models."""

from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {}
