"""Checks of the theorems on algorithms."""

from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {}
