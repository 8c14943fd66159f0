"""Stable evaluation of the scalar functions that a unit's normaliser brings.

Each is written as its definition where that is accurate, and as a continued fraction or a series
where it would cancel.  All take arrays of any float type and an ``out=``.

The continued fraction: the ratios R_n = (n+1) iⁿ⁺¹erfc/iⁿerfc of repeated
integrals of erfc obey R_n(x) = ((n+1)/2) / (x + R_{n+1}(x)), and R₀ is the mean of the density
∝ e^(−t² − 2xt) on t ≥ 0.  Reference: DLMF 7.9 and 7.18.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

FAR = 2.0  # from here on the continued fraction has converged to 2⁻⁵³ after `TERMS` terms
TERMS = 60
NEAR = 0.5  # |x| below which odd series replace differences of hyperbolic functions

Function = Callable[..., Any]


def ufunc_like(function: Function) -> Function:
    """A function of arrays with an ``out=``, evaluated without floating-point warnings."""

    @wraps(function)
    def called(*arguments: Any, out: Any = None) -> Any:
        with np.errstate(all="ignore"):
            value = function(*map(np.asarray, arguments))
        if out is None:
            return value
        np.copyto(out, value)
        return out

    return called


def _ratios(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R₀ and R₁ for x ≥ FAR, by the continued fraction from its far end."""
    ratio = np.zeros_like(x)
    above = ratio
    for n in range(TERMS, -1, -1):
        above, ratio = ratio, (n + 1) / 2 / (x + ratio)
    return ratio, above


def _split(x: np.ndarray, near: Function, far: Function) -> np.ndarray:
    """``far`` where x ≥ FAR, ``near`` elsewhere, each evaluated where it is accurate."""
    is_far = x >= FAR
    beyond = far(np.where(is_far, x, x.dtype.type(FAR)))
    return np.asarray(np.where(is_far, beyond, near(np.where(is_far, 0, x))))


def _beyond(x: np.ndarray) -> np.ndarray:
    """1/(√π e^(x²) erfc x), zero where the exponential overflows."""
    return 1 / (np.sqrt(np.pi).astype(x.dtype) * special.erfcx(x))


@ufunc_like
def log_erfcx(x: np.ndarray) -> np.ndarray:
    """log(e^(x²) erfc x)."""
    low, high = np.minimum(x, NEAR), np.maximum(x, NEAR)
    near = low * low + np.log1p(-special.erf(low))
    return np.where(x > NEAR, np.log(special.erfcx(high)), near)


@ufunc_like
def tail_mean(x: np.ndarray) -> np.ndarray:
    """The mean of the density ∝ e^(−t² − 2xt) on t ≥ 0."""
    return _split(x, lambda x: _beyond(x) - x, lambda x: _ratios(x)[0])


@ufunc_like
def tail_variance(x: np.ndarray) -> np.ndarray:
    """The variance of the density ∝ e^(−t² − 2xt) on t ≥ 0: 1/2 − R₀ (x + R₀) = R₀ (R₁ − R₀)."""

    def near(x: np.ndarray) -> np.ndarray:
        beyond = _beyond(x)
        return 0.5 - (beyond - x) * beyond

    def far(x: np.ndarray) -> np.ndarray:
        mean, next_mean = _ratios(x)
        return mean * (next_mean - mean)

    return _split(x, near, far)


@ufunc_like
def tail_quantile(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The t ≥ 0 whose tail under the density ∝ e^(−t² − 2xt) holds the share w.

    For x ≥ FAR the equation log erfcx(x + t) − 2xt − t² = log erfcx(x) + log w is solved by
    Newton steps from the exponential's quantile, since erfc⁻¹ would lose x² units of rounding.
    """
    x, w = np.broadcast_arrays(x, w)
    root = np.sqrt(2)
    log_w = np.log(w)
    is_far = x >= FAR
    direct = -special.ndtri_exp(log_w + special.log_ndtr(-root * x)) / root - x
    if not is_far.any():
        return np.maximum(direct, 0).astype(x.dtype)
    far_x = np.where(is_far, x, FAR)
    t = -log_w / (2 * far_x)
    for _ in range(8):
        excess = log_erfcx(far_x + t) - log_erfcx(far_x) - t * (2 * far_x + t) - log_w
        t = np.maximum(t + excess / (2 * (far_x + t + tail_mean(far_x + t))), 0)
    return np.where(is_far, t, np.maximum(direct, 0)).astype(x.dtype)


def _even_series(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Σ_k c_k x^(2k), by Horner's rule."""
    square, total = x * x, np.zeros_like(x)
    for c in reversed(coefficients):
        total = total * square + x.dtype.type(c)
    return total


# coth x − 1/x = Σ_k 2^(2k) B_2k x^(2k−1) / (2k)!, B the Bernoulli numbers
_LANGEVIN = tuple(float(4**k * sp.bernoulli(2 * k) / sp.factorial(2 * k)) for k in range(1, 21))
_SLOPE = tuple((2 * k - 1) * c for k, c in enumerate(_LANGEVIN, start=1))
_LOG_SINHC = tuple(c / (2 * k) for k, c in enumerate(_LANGEVIN, start=1))


def _around_zero(x: np.ndarray, near: Function, far: Function) -> np.ndarray:
    is_near = np.abs(x) < NEAR
    around = near(np.where(is_near, x, 0))
    return np.asarray(np.where(is_near, around, far(np.where(is_near, 1, x))))


@ufunc_like
def log_sinhc(x: np.ndarray) -> np.ndarray:
    """log(sinh x / x)."""

    def far(x: np.ndarray) -> np.ndarray:
        size = np.abs(x)
        return size + np.log(-np.expm1(-2 * size) / (2 * size))

    return _around_zero(x, lambda x: x * x * _even_series(x, _LOG_SINHC), far)


@ufunc_like
def langevin(x: np.ndarray) -> np.ndarray:
    """coth x − 1/x."""
    return _around_zero(
        x, lambda x: x * _even_series(x, _LANGEVIN), lambda x: 1 / np.tanh(x) - 1 / x
    )


@ufunc_like
def langevin_slope(x: np.ndarray) -> np.ndarray:
    """1/x² − 1/sinh² x."""
    return _around_zero(
        x, lambda x: _even_series(x, _SLOPE), lambda x: 1 / (x * x) - 1 / np.sinh(x) ** 2
    )


@ufunc_like
def tilt_quantile(z: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The t whose tail under the density ∝ e^(zt) on [0, 1] holds the share w.

    For z > 0 it is mirrored, so that the exponential never overflows.
    """
    size = np.maximum(np.abs(z), np.finfo(z.dtype).tiny ** 0.25)
    near, far = np.where(z > 0, w, 1 - w), np.where(z > 0, 1 - w, w)
    share = far + near * np.exp(-size)  # = 1 + near · expm1(−size): the accurate one of the two
    log = np.where(share < 0.5, np.log(share), np.log1p(near * np.expm1(-size)))
    return np.where(z > 0, 1 + log / size, -log / size)
