"""Networks evaluated in 50 decimal digits, and in 80-bit floats on many points at once."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import sympy as sp

MPMATH = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "softplus": lambda z: (
        mpmath.log1p(mpmath.exp(z)) if z < 0 else z + mpmath.log1p(mpmath.exp(-z))
    ),
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "step": lambda z: mpmath.mpf(1) if z > 0 else mpmath.mpf(0),
}
LONG = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.maximum(z, 0) + np.log1p(np.exp(-abs(z))),
    "relu": lambda z: np.maximum(z, 0),
    "step": lambda z: (z > 0).astype(np.longdouble),
}
Weights = list[tuple[Any, Any]]


def exactly(layers: Weights, activation: str, point: Any) -> mpmath.mpf:
    """N(point) in 50 digits; ``layers`` are pairs (W, b) of nested lists."""
    with mpmath.workdps(50):
        h = [mpmath.mpf(float(x)) for x in point]
        for n, (weights, bias) in enumerate(layers, 1):
            h = [
                mpmath.fdot(zip(map(_mpf, row), h, strict=True)) + _mpf(b)
                for row, b in zip(weights, bias, strict=True)
            ]
            if n < len(layers):
                h = [MPMATH[activation](z) for z in h]
        return h[0]


def _mpf(x: Any) -> mpmath.mpf:
    return mpmath.mpf(float(x))


def densely(layers: Weights, activation: str, points: np.ndarray) -> np.ndarray:
    """N at points of shape (points, d), in extended precision."""
    h = points.astype(np.longdouble)
    for n, (weights, bias) in enumerate(layers, 1):
        h = h @ np.asarray(weights, np.longdouble).T + np.asarray(bias, np.longdouble)
        if n < len(layers):
            h = LONG[activation](h)
    return h[:, 0]


def value(expression: sp.Expr, symbols: Any, point: Any) -> mpmath.mpf:
    """A SymPy expression at a point, in 50 digits by SymPy's own evaluation."""
    exact = {s: sp.Rational(float(x)) for s, x in zip(symbols, point, strict=True)}
    return mpmath.mpf(str(sp.N(expression.xreplace(exact), 50)))
