"""Logistic staircases: steps made steep.

At any x the units that are not yet 0 or 1 lie at distances s, s + 1, … and 1 − s, 2 − s, … (in
steps) to both sides. Σ σ(−δ·distance) is convex in s, so largest at s = 0, where it is at most
1/2 + 2/(e^δ − 1) with δ = λ/N. Each unit's height is at most ω(f, 1/N).
"""

from math import expm1

import numpy as np

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses.witness import Witness


def staircase(target: Target, pieces: int, sharpness: float = 8.0) -> Witness:
    """Σ (f(m_k) − f(m_{k−1})) σ(δ (N x − k)) + f(m_0)."""
    values = target((np.arange(pieces) + 0.5) / pieces)
    slope = sharpness * pieces
    k = np.arange(1, pieces)
    network = shallow(np.diff(values), np.full(pieces - 1, slope), -sharpness * k, values[0])
    bound = target.modulus(0.5 / pieces)
    bound += target.modulus(1 / pieces) * (0.5 + 2 / expm1(sharpness))
    because = "ω(f, 1/2N) + ω(f, 1/N)(1/2 + 2/(e^δ − 1))"
    return Witness("staircase", network, target.expression, pieces - 1, bound, because)
