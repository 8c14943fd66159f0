"""ReLU interpolation: chords of a smooth function err by at most sup|f″|/8N²."""

import numpy as np

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses.witness import Witness


def relu_interpolation(target: Target, pieces: int) -> Witness:
    """f(0) + Σ (slope_k − slope_{k−1}) max(x − k/N, 0)."""
    knots = np.arange(pieces) / pieces
    values = target(np.arange(pieces + 1) / pieces)
    slopes = np.diff(values) * pieces
    network = shallow(np.diff(slopes, prepend=0.0), np.ones(pieces), -knots, values[0], "relu")
    if target.smooth:
        bound, because = target.curvature / (8 * pieces**2), "sup|f″|/8N²"
    else:
        # A convex combination of two values at distances at most 1/N that add up to 1/N: by
        # concavity of ω's bound H δ^s at most H (1/2N)^s.
        bound, because = target.modulus(0.5 / pieces), "H (1/2N)^s"
    return Witness("relu", network, target.expression, pieces, bound * (1 + 1e-12) + 1e-15, because)
