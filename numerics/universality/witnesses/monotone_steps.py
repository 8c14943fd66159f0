"""Steps for a monotone function, with knots where f has gone another N-th of its way: osc/2N."""

import numpy as np
from scipy.optimize import brentq

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.errors import BackproofError


def monotone_steps(target: Target, pieces: int) -> Witness:
    """f(0) + osc Σ 1[x > f^{-1}(k/N)]/N, shifted by half a step."""
    start, end = target(np.array([0.0, 1.0]))
    rises = np.diff(target(np.linspace(0, 1, 1001))) * np.sign(end - start)
    if start == end or np.any(rises < 0):
        raise BackproofError("monotone_steps", target.name, "a monotone function", "use steps")
    rise = (end - start) / pieces
    knots = [
        brentq(lambda x, k=k: float(target(np.array(x))) - (start + k * rise), 0, 1, xtol=1e-15)
        for k in range(1, pieces)
    ]
    network = shallow(
        np.full(pieces - 1, rise), np.ones(pieces - 1), -np.array(knots), start + rise / 2, "step"
    )
    bound = abs(rise) / 2 * (1 + 1e-12) + 1e-14  # knots and heights are rounded
    return Witness("monotone steps", network, target.expression, pieces - 1, bound, "osc f/2N")
