"""Checks of the theorems of expressivity: piecewise affine networks and ranks, exactly."""

from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {}
