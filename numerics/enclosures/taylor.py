"""Taylor models in float64: a polynomial over many boxes at once, and a bound for what it misses.

A box is m + r t with t ∈ [−1, 1]^d.  A `Taylor` stands for functions q_b, one for each box b
(and each unit of a layer), with

    |q_b(m_b + r_b t) − Σ_α c[α, b] t^α| ≤ e[b]        for all t ∈ [−1, 1]^d.

The coefficients are exact floating-point numbers; e holds truncation, rounding and all.
Reference: Makino and Berz, Taylor models and other validated functional inclusion methods (2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproof.numerics.enclosures.basis import Basis
from backproof.numerics.enclosures.rounding import TINY, Array, U, up, up_for


@dataclass(frozen=True, slots=True)
class Taylor:
    """``c`` of shape (monomials, boxes, …) up to some ``degree``, ``e`` of shape (boxes, …)."""

    basis: Basis
    degree: int
    c: Array
    e: Array

    @property
    def spread(self) -> Array:
        """A bound of |q − c₀| over the box."""
        return up(np.abs(self.c[1:]).sum(0) + self.e)

    @property
    def size(self) -> Array:
        """Σ|c_α|, a bound of the polynomial over the box."""
        return np.abs(self.c).sum(0)

    def range(self) -> tuple[Array, Array]:
        """Lower and upper bounds of q over the box."""
        about, spread = self.c[0], self.spread
        slack = 4 * U * np.abs(about) + TINY
        return about - spread - slack, about + spread + slack

    # arithmetic ----------------------------------------------------------------------------

    def __neg__(self) -> Taylor:
        return Taylor(self.basis, self.degree, -self.c, self.e)

    def __add__(self, other: Taylor) -> Taylor:
        low, high = (self, other) if self.degree <= other.degree else (other, self)
        c = high.c.copy()
        c[: len(low.c)] += low.c
        e = up(self.e + other.e + U * np.abs(c[: len(low.c)]).sum(0))
        return Taylor(self.basis, high.degree, c, e)

    def __sub__(self, other: Taylor) -> Taylor:
        return self + (-other)

    def __mul__(self, other: Taylor) -> Taylor:
        kept, dropped = self.basis.products(self.degree, other.degree)
        outer = self.c[:, None] * other.c[None]
        shape = outer.shape[2:]
        flat = outer.reshape(len(dropped), -1)
        size = np.abs(flat)
        lost = (dropped + (len(self.c) + 2) * U) @ size
        e = lost.reshape(shape) + self.size * other.e + other.size * self.e + self.e * other.e
        c = (kept @ flat).reshape(-1, *shape)
        return Taylor(self.basis, min(self.degree + other.degree, self.basis.degree), c, up(e))

    def times(self, number: float, error: float = 0.0) -> Taylor:
        """number · q, the number known up to the error."""
        size = self.size
        e = up(self.e * (abs(number) + error) + size * (error + U * abs(number)))
        return Taylor(self.basis, self.degree, self.c * number, e)

    def plus(self, number: float, error: float = 0.0) -> Taylor:
        """q + number."""
        c = self.c.copy()
        c[0] += number
        return Taylor(self.basis, self.degree, c, up(self.e + error + U * np.abs(c[0])))

    def affine(self, weights: Array, bias: Array) -> Taylor:
        """W q + b along the last axis, W of shape (units, inputs)."""
        n = weights.shape[-1]
        c = self.c @ weights.T
        c[0] += bias
        slack = self.e + (n + 2) * U * np.abs(self.c).sum(0)
        e = (slack @ np.abs(weights).T) * up_for(n) + U * np.abs(c[0]) + TINY
        return Taylor(self.basis, self.degree, c, up(e))

    def where(self, mask: Array, other: Taylor) -> Taylor:
        """q where the mask holds, the other elsewhere."""
        degree = max(self.degree, other.degree)
        a, b = self.padded(degree), other.padded(degree)
        return Taylor(self.basis, degree, np.where(mask, a, b), np.where(mask, self.e, other.e))

    def padded(self, degree: int) -> Array:
        """The coefficients up to some degree, with zeros."""
        missing = self.basis.count(degree) - len(self.c)
        if not missing:
            return self.c
        return np.concatenate([self.c, np.zeros((missing, *self.c.shape[1:]))])


def constant(basis: Basis, value: Array, error: Array) -> Taylor:
    """Numbers known up to errors, one for each box."""
    return Taylor(basis, 0, value[None], error)


def hull(basis: Basis, low: Array, high: Array) -> Taylor:
    """All that is known of q is that it lies between two numbers."""
    middle = 0.5 * low + 0.5 * high
    with np.errstate(invalid="ignore"):
        radius = np.maximum(high - middle, middle - low) * (1 + 4 * U) + TINY
    unknown = ~np.isfinite(middle) | ~np.isfinite(radius)
    return constant(basis, np.where(unknown, 0.0, middle), np.where(unknown, np.inf, radius))


def coordinates(basis: Basis, centre: Array, radius: Array) -> Taylor:
    """The variables themselves: x = m + r t, of shape (1 + d, boxes, d)."""
    boxes, dimension = centre.shape
    c = (
        np.zeros((1 + dimension, boxes, dimension))
        if basis.degree
        else np.zeros((1, boxes, dimension))
    )
    c[0] = centre
    for axis in range(dimension if basis.degree else 0):
        c[1 + axis, :, axis] = radius[:, axis]
    e = np.zeros((boxes, dimension)) if basis.degree else radius.copy()
    return Taylor(basis, min(1, basis.degree), c, e)
