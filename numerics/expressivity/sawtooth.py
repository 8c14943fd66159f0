"""Alternating points i/2^k, networks that fit them, and the exact error of any network there."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from backproof.numerics.expressivity.piecewise import HALF, PiecewiseAffine, ReluNetwork
from backproof.theory.errors import BackproofError
from backproof.theory.expressivity.triangle_map import LAYERS


def triangle(times: int) -> ReluNetwork:
    """f^k as a network of 2k layers with two nodes and one in turn, all of them ReLU.

    >>> net = triangle(3)
    >>> len(net.layers), max(net.rectified), net.function().pieces
    (6, 2, 8)
    """
    if times < 1:
        raise BackproofError("triangle", f"k = {times}", "k ≥ 1", "compose once at least")
    layers = [
        ([[Fraction(w.p, w.q) for w in row] for row in W], [Fraction(c.p, c.q) for c in b])
        for W, b in LAYERS
    ]
    return ReluNetwork.of(layers * times, linear=False)


def error(f: PiecewiseAffine, k: int) -> Fraction:
    """The share of the points i/2^k, i < 2^k, on which 1[f ≥ ½] is not i mod 2.

    >>> error(triangle(3).function(), 3), error(triangle(2).function(), 3)
    (Fraction(0, 1), Fraction(1, 4))
    """
    n = 2**k
    return Fraction(sum((f(Fraction(i, n)) >= HALF) != i % 2 for i in range(n)), n)


def best_shallow(k: int, nodes: int) -> ReluNetwork:
    """One hidden layer of m nodes with t = m affine pieces that errs ⌈(n − m − 1)/2⌉ times.

    It passes through the first m + 1 points, alternately 0 and 1, and goes on in the direction of
    the last piece: m single points and one long run.

    >>> error(best_shallow(4, 3).function(), 4)
    Fraction(3, 8)
    """
    n = 2**k
    if not 1 <= nodes < n:
        raise BackproofError("best_shallow", f"{nodes} nodes", f"1 to {n - 1}", "ask for fewer")
    hidden = ([[1]] * nodes, [Fraction(-i, n) for i in range(nodes)])
    turns = [n if i == 0 else 2 * n * (-1) ** i for i in range(nodes)]
    return ReluNetwork.of([hidden, ([turns], [0])])


def random_network(rng: np.random.Generator, layers: int, nodes: int) -> ReluNetwork:
    """Integer weights and halves for biases, drawn from a few values: pieces are then frequent."""
    widths = [1, *[nodes] * layers, 1]
    drawn = []
    for inputs, units in itertools.pairwise(widths):
        weights = rng.integers(-6, 7, (units, inputs)).tolist()
        drawn.append((weights, [Fraction(int(c), 2) for c in rng.integers(-6, 7, units)]))
    return ReluNetwork.of(drawn)
