"""The relaxed greedy algorithm: n steps of equal height, in L² within K/√n of a step function."""

import numpy as np

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.greedy import relaxed, step_dictionary
from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses.witness import Witness

PIECES = 128


def relaxed_greedy(target: Target, units: int) -> Witness:
    """f(0) + Σ ± K/n 1[x > k/128], each step the best after those before it.

    The step function with the values f(k/128) lies in the convex hull of ±K 1[x > k/128], where K
    is the sum of its jumps, and is within ω(f, 1/128) of f; on functions that are constant on the
    128 pieces the norm of L² is that of their values.
    """
    values = target(np.arange(PIECES) / PIECES)
    dictionary, f, total = step_dictionary(values)
    run = relaxed(dictionary, f, total, units)
    height = total / units * np.array(run.signs, float)
    knots = (np.array(run.chosen) + 1) / PIECES
    network = shallow(height, np.ones(units), -knots, values[0], "step")
    bound = (total / np.sqrt(units) + target.modulus(1 / PIECES)) * (1 + 1e-12)
    because = "K/√n + ω(f, 1/128)"
    return Witness("relaxed greedy", network, target.expression, units, bound, because, norm=2)
