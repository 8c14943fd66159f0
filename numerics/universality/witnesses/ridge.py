"""Ridge functions in the plane: xy = ((x + y)² − (x − y)²)/4, each square by its chords.

Chords of a square over an interval of length 2 with n pieces lie above it by at most 1/n²; the
difference of two such errors is at most 1/n² in size, a quarter of which remains.
"""

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.witnesses.witness import Witness


def ridge(pieces: int) -> Witness:
    """2n ReLU units of x + y and x − y, on the unit square."""
    n = pieces
    knots = 2 * np.arange(n) / n  # of x + y in [0, 2], and of 1 + x − y
    slopes = np.diff((2 * np.arange(n + 1) / n) ** 2) * n / 2
    plus = np.diff(slopes, prepend=0.0) / 4
    shifted = np.diff((2 * np.arange(n + 1) / n - 1) ** 2) * n / 2
    minus = -np.diff(shifted, prepend=0.0) / 4
    weights = np.array([[1.0, 1.0]] * n + [[1.0, -1.0]] * n)
    bias = np.concatenate([-knots, 1 - knots])
    network = shallow(np.concatenate([plus, minus]), weights, bias, -0.25, "relu")
    x, y = sp.symbols("x y", real=True)
    return Witness("ridge", network, x * y, 2 * n, 0.25 / n**2 * (1 + 1e-9), "1/4n²")
