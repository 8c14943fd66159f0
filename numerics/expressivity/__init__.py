"""Checks of the theorems of expressivity: piecewise affine networks and ranks, exactly."""

from backproof.numerics.evidence import Check
from backproof.numerics.expressivity import alternation, relu_pieces, telgarsky

CHECKS: dict[str, Check] = {
    "relu-pieces": relu_pieces.check,
    "telgarsky": telgarsky.check,
    "alternation": alternation.check,
}
