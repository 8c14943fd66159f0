"""Checks of the theorems of expressivity: piecewise affine networks and ranks, exactly."""

from backproof.numerics.evidence import Check
from backproof.numerics.expressivity import (
    alternation,
    ball,
    cohen,
    curvature,
    l1_norm,
    relu_pieces,
    telgarsky,
    yarotsky,
)

CHECKS: dict[str, Check] = {
    "relu-pieces": relu_pieces.check,
    "telgarsky": telgarsky.check,
    "alternation": alternation.check,
    "curvature": curvature.check,
    "yarotsky": yarotsky.check,
    "l1-norm": l1_norm.check,
    "ball": ball.check,
    "cohen": cohen.check,
    "cohen-cut": cohen.check_cut,
}
