"""Checks of the theorems on the complexity of learning."""

from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {}
