"""Steps: N constants at the midpoints' values err by at most ω(f, 1/2N)."""

import numpy as np

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses.witness import Witness


def steps(target: Target, pieces: int) -> Witness:
    """f(m_0) + Σ (f(m_k) − f(m_{k−1})) 1[x > k/N], m_k = (k + 1/2)/N."""
    values = target((np.arange(pieces) + 0.5) / pieces)
    knots = np.arange(1, pieces) / pieces
    network = shallow(np.diff(values), np.ones(pieces - 1), -knots, values[0], "step")
    bound = target.modulus(0.5 / pieces)
    return Witness("steps", network, target.expression, pieces - 1, bound, "ω(f, 1/2N)")
