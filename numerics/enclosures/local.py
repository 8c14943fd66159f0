"""Layers most of whose units are saturated: a limit for these, Taylor models for the others.

A staircase of N steep units has few that move in any one box.  Sums over the units then cost as
many products as there are such pairs of a box and a unit, instead of boxes times units times
coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproof.numerics.enclosures.rounding import TINY, Array, U, up, up_for
from backproof.numerics.enclosures.taylor import Taylor

FEW = 4  # units of the next layer up to which sums go pair by pair


@dataclass(frozen=True, slots=True)
class Local:
    """Functions within ``error`` of ``limits`` (boxes, units), but those where ``active`` holds.

    ``moving`` has the Taylor models of the active pairs, in the order of `numpy.nonzero`; limits
    are zero there.
    """

    active: Array
    moving: Taylor
    limits: Array
    error: float

    def dense(self) -> Taylor:
        """All units as Taylor models."""
        c = np.zeros((len(self.moving.c), *self.active.shape))
        c[0] = self.limits
        c[:, self.active] = self.moving.c
        e = np.full(self.active.shape, self.error)
        e[self.active] = self.moving.e
        return Taylor(self.moving.basis, self.moving.degree, c, e)

    def affine(self, weights: Array, bias: Array) -> Taylor:
        """W q + b along the last axis, W of shape (units, inputs)."""
        if len(weights) > FEW:
            return self.dense().affine(weights, bias)
        n = weights.shape[-1]
        boxes, units = np.nonzero(self.active)
        met, starts = np.unique(boxes, return_index=True)
        size = np.abs(weights)
        c = np.zeros((len(self.moving.c), len(self.active), len(weights)))
        slack = np.zeros(c.shape[1:])
        if len(met):
            lost = self.moving.e + (n + 3) * U * self.moving.size
            for row in range(len(weights)):
                products = self.moving.c * weights[row, units]
                c[:, met, row] = np.add.reduceat(products, starts, axis=1)
                slack[met, row] = np.add.reduceat(lost * size[row, units], starts)
        c[0] += self.limits @ weights.T + bias
        # The saturated units are at most one in size; so is what they lose.
        slack += size.sum(1) * (self.error + (n + 3) * U)
        e = slack * up_for(n) + 2 * U * (np.abs(c[0]) + np.abs(bias)) + TINY
        return Taylor(self.moving.basis, self.moving.degree, c, up(e))
