"""Affine maps and their dense matrices: derived, with what they share."""

from backproof.theory.linear_maps.derivation import linear_map
from backproof.theory.linear_maps.linear_map import LinearMap

__all__ = ["LinearMap", "linear_map"]
