"""Yarotsky's square: a deep ReLU network of width three, error exactly 2^{−2m−2}."""

import numpy as np

from backproof.numerics.enclosures.feedforward import FeedForward, deep
from backproof.numerics.universality.target import X
from backproof.numerics.universality.witnesses.witness import Witness


def network(levels: int) -> FeedForward:
    """Units relu(T), relu(T − 1/2) and the sum so far, with T = 2 relu(T′) − 4 relu(T′ − 1/2).

    All weights are powers of two: the network is exact in float64.
    """
    layers = [(np.array([[1.0], [1.0], [1.0]]), np.array([0.0, -0.5, 0.0]))]
    for level in range(1, levels):
        t, scale = np.array([2.0, -4.0, 0.0]), 4.0**-level
        layers.append((np.array([t, t, [-2 * scale, 4 * scale, 1.0]]), np.array([0.0, -0.5, 0.0])))
    last = 4.0**-levels
    layers.append((np.array([[-2 * last, 4 * last, 1.0]]), np.array([0.0])))
    return deep(layers, "relu")


def yarotsky(levels: int) -> Witness:
    """x − Σ_{s ≤ m} Tˢ(x)/4ˢ against x²."""
    bound = 2.0 ** (-2 * levels - 2)
    return Witness("yarotsky", network(levels), X**2, 3 * levels, bound * (1 + 1e-9), "2^(−2m−2)")
