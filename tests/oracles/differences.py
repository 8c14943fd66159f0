"""Derivatives by finite differences: independent of every rule, and as good as six digits."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

STEPS = (2e-3, 2e-4)  # a kink that the longer steps reach lies outside the shorter


def jacobian(
    function: Callable[..., Any], inputs: Mapping[str, np.ndarray], wrt: str, step: float
) -> np.ndarray:
    """∂f/∂wrt of shape f.shape + wrt.shape, by the central rule of fourth order.

    f′(x) ≈ (f(x−2h) − 8 f(x−h) + 8 f(x+h) − f(x+2h)) / 12h, with an error of h⁴ f⁽⁵⁾/30 and
    rounding of about 1e-16 |f| / h.
    """
    point = np.asarray(inputs[wrt], float)
    columns = []
    for at in np.ndindex(point.shape):
        values = []
        for multiple in (-2, -1, 1, 2):
            moved = point.copy()
            moved[at] += multiple * step
            values.append(np.asarray(function(**{**inputs, wrt: moved}), float))
        far_left, left, right, far_right = values
        columns.append((far_left - 8 * left + 8 * right - far_right) / (12 * step))
    shape = np.shape(function(**inputs))
    return np.stack(columns, axis=-1).reshape((*shape, *point.shape))


def off_differences(
    found: Any,
    function: Callable[..., Any],
    inputs: Mapping[str, np.ndarray],
    wrt: str,
) -> float:
    """How far a derivative is from differences, relative to its largest entry or that of f.

    The better of two steps counts: what is wrong is wrong at both.  Infinite for another shape.
    """
    value = np.max(np.abs(function(**inputs)), initial=0.0)
    worst = []
    for step in STEPS:
        expected = jacobian(function, inputs, wrt, step)
        if np.shape(found) != expected.shape or not np.isfinite(found).all():
            return np.inf
        scale = max(np.max(np.abs(expected), initial=0.0), value, 1e-3)
        worst.append(float(np.max(np.abs(found - expected), initial=0.0) / scale))
    return min(worst)
