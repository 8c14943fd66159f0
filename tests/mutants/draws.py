"""Draws of real units, annealed weights and persistent chains: right ones and wrong ones.

Each wrong one says of which contract it is, of which kind the mistake is, and which words the
judge's cause or first finding must hold ("" where no cause is named).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.special import expit

Function = Callable[..., Any]
WRONG: list[tuple[str, str, str, Function]] = []
RIGHT: list[tuple[str, Function]] = []


def right(contract: str) -> Callable[[Function], Function]:
    def listed(function: Function) -> Function:
        RIGHT.append((contract, function))
        return function

    return listed


def wrong(contract: str, kind: str, words: str = "") -> Callable[[Function], Function]:
    def listed(function: Function) -> Function:
        WRONG.append((contract, kind, words, function))
        return function

    return listed


# Gaussian -----------------------------------------------------------------------------------


@right("gaussian_draws")
def gaussian(z: Any, q: Any, rng: Any) -> Any:
    return z / q + rng.normal(size=z.shape) / np.sqrt(q)


@right("gaussian_draws")
def gaussian_by_inversion(z: Any, precision: Any, rng: Any) -> Any:
    return stats.norm.ppf(rng.random(z.shape), z / precision, precision**-0.5)


@wrong("gaussian_draws", "variance for deviation", "its draws")
def gaussian_variance(z: Any, q: Any, rng: Any) -> Any:
    return rng.normal(z / q, 1 / q)


@wrong("gaussian_draws", "factor left out", "its draws")
def gaussian_field_for_mean(z: Any, q: Any, rng: Any) -> Any:
    return z + rng.normal(size=z.shape) / np.sqrt(q)


@wrong("gaussian_draws", "shared randomness", "depend on each other")
def gaussian_one_number_a_row(z: Any, q: Any, rng: Any) -> Any:
    return z / q + rng.normal(size=(len(z), 1)) / np.sqrt(q)


@wrong("gaussian_draws", "shared randomness", "depend on each other")
def gaussian_antithetic_rows(z: Any, q: Any, rng: Any) -> Any:
    noise = rng.normal(size=((len(z) + 1) // 2, z.shape[1]))
    return z / q + np.stack([noise, -noise], axis=1).reshape(-1, z.shape[1])[: len(z)] / np.sqrt(q)


@wrong("gaussian_draws", "tail", "its draws")
def gaussian_clipped(z: Any, q: Any, rng: Any) -> Any:
    return z / q + np.clip(rng.normal(size=z.shape), -2.5, 2.5) / np.sqrt(q)


@wrong("gaussian_draws", "wrong distribution", "its draws")
def gaussian_by_uniforms(z: Any, q: Any, rng: Any) -> Any:
    return z / q + (rng.random((3, *z.shape)).sum(axis=0) - 1.5) * 2 / np.sqrt(q)


# Exponential, truncated, bounded, logistic --------------------------------------------------


@right("exponential_draws")
def exponential(z: Any, rng: Any) -> Any:
    return rng.exponential(-1 / z)


@right("exponential_draws")
def exponential_by_inversion(z: Any, rng: Any) -> Any:
    return np.log1p(-rng.random(z.shape)) / z


@wrong("exponential_draws", "rate for scale", "its draws")
def exponential_rate_for_scale(z: Any, rng: Any) -> Any:
    return rng.exponential(-z)


@wrong("exponential_draws", "support", "the draw -")
def exponential_sign(z: Any, rng: Any) -> Any:
    return np.log1p(-rng.random(z.shape)) / -z


@right("rectified_draws")
def truncated_by_inversion(z: Any, q: Any, rng: Any) -> Any:
    mean, deviation = z / q, q**-0.5
    below = special.ndtr(-mean / deviation)
    return mean + deviation * special.ndtri(below + rng.random(z.shape) * (1 - below))


@right("rectified_draws")
def truncated_by_rejection(z: Any, q: Any, rng: Any) -> Any:
    y = rng.normal(z / q, q**-0.5)
    while np.any(y < 0):
        y = np.where(y < 0, rng.normal(z / q, q**-0.5), y)
    return y


@wrong("rectified_draws", "clipped for truncated", "its draws")
def truncated_by_clipping(z: Any, q: Any, rng: Any) -> Any:
    return np.maximum(rng.normal(z / q, q**-0.5), 0)


@wrong("rectified_draws", "folded for truncated", "its draws")
def truncated_by_folding(z: Any, q: Any, rng: Any) -> Any:
    return np.abs(rng.normal(z / q, q**-0.5))


@wrong("rectified_draws", "support", "the draw -")
def not_truncated(z: Any, q: Any, rng: Any) -> Any:
    return rng.normal(z / q, q**-0.5)


@right("bounded_draws")
def bounded(z: Any, rng: Any) -> Any:
    u = rng.random(z.shape)
    return np.log1p(u * np.expm1(z)) / z


@wrong("bounded_draws", "wrong distribution", "its draws")
def bounded_by_the_mean_of_a_bit(z: Any, rng: Any) -> Any:
    return rng.beta(1 + expit(z), 1 + expit(-z))


@wrong("bounded_draws", "field left out", "its draws")
def bounded_uniform(z: Any, rng: Any) -> Any:
    return rng.random(z.shape)


@right("logistic_draws")
def logistic(z: Any, s: Any, rng: Any) -> Any:
    return rng.logistic(z, s)


@right("logistic_draws")
def logistic_by_inversion(loc: Any, scale: Any, rng: Any) -> Any:
    return loc + scale * special.logit(rng.random(loc.shape))


@wrong("logistic_draws", "wrong distribution", "its draws")
def logistic_by_a_gaussian(z: Any, s: Any, rng: Any) -> Any:
    return rng.normal(z, s * np.pi / np.sqrt(3))


@wrong("logistic_draws", "generator unused", "whatever the generator")
def logistic_of_one_seed(z: Any, s: Any, rng: Any) -> Any:
    return np.random.default_rng(0).logistic(z, s)


# Annealed importance sampling ---------------------------------------------------------------


def _drawn(p: Any, rng: Any) -> Any:
    return (rng.random(np.shape(p)) < p).astype(float)


def _log_f(v: Any, W: Any, b_v: Any, b_h: Any, beta: float) -> Any:
    return beta * v @ b_v + np.logaddexp(0, beta * (v @ W + b_h)).sum(axis=1)


def _swept(v: Any, W: Any, b_v: Any, b_h: Any, beta: float, rng: Any) -> Any:
    h = _drawn(expit(beta * (v @ W + b_h)), rng)
    return _drawn(expit(beta * (h @ W.T + b_v)), rng)


@right("annealed_importance")
def annealed(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    v, logs = _drawn(np.full((n, len(b_v)), 0.5), rng), np.zeros(n)
    for low, high in pairwise(betas):
        logs += _log_f(v, W, b_v, b_h, high) - _log_f(v, W, b_v, b_h, low)
        v = _swept(v, W, b_v, b_h, high, rng)
    return logs


@right("annealed_importance")
def annealed_with_both_layers(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    v, h = (_drawn(np.full((n, len(b)), 0.5), rng) for b in (b_v, b_h))
    logs = np.zeros(n)
    for low, high in pairwise(betas):
        logs += (high - low) * (v @ b_v + h @ b_h + np.einsum("ni,ij,nj->n", v, W, h))
        v = _drawn(expit(high * (h @ W.T + b_v)), rng)
        h = _drawn(expit(high * (v @ W + b_h)), rng)
    return logs


@wrong("annealed_importance", "weighed after the move", "weighed after it is moved")
def annealed_after_the_move(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    v, logs = _drawn(np.full((n, len(b_v)), 0.5), rng), np.zeros(n)
    for low, high in pairwise(betas):
        v = _swept(v, W, b_v, b_h, high, rng)
        logs += _log_f(v, W, b_v, b_h, high) - _log_f(v, W, b_v, b_h, low)
    return logs


@wrong("annealed_importance", "base counted twice", "Z₀ is counted in")
def annealed_with_the_base(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    return annealed(W, b_v, b_h, betas, n, rng) + np.log(2.0) * W.shape[0] + np.log(2) * W.shape[1]


@wrong("annealed_importance", "sign", "upside down")
def annealed_upside_down(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    return -annealed(W, b_v, b_h, betas, n, rng)


@wrong("annealed_importance", "steps", "the last step is left out")
def annealed_a_step_short(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
    return annealed(W, b_v, b_h, betas[:-1], n, rng)


# Persistent chains --------------------------------------------------------------------------


def _persistent(
    v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any, k: int = 1, by: Any = None
) -> Any:
    up, rows = expit(v @ W + b_h), len(v)
    chains = _drawn(expit(h @ W.T + b_v), rng)
    for _ in range(k - 1):
        chains = _swept(chains, W, b_v, b_h, 1.0, rng)
    down = expit(chains @ W + b_h)
    count = len(chains) if by is None else by
    return (
        v.T @ up / rows - chains.T @ down / count,
        v.sum(axis=0) / rows - chains.sum(axis=0) / count,
        up.sum(axis=0) / rows - down.sum(axis=0) / count,
    )


@right("persistent_contrastive_divergence")
def persistent(v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _persistent(v, h, W, b_v, b_h, rng)


@wrong("persistent_contrastive_divergence", "divisor", "divided by the number of rows")
def persistent_by_the_rows(v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _persistent(v, h, W, b_v, b_h, rng, by=len(v))


@wrong("persistent_contrastive_divergence", "steps")
def persistent_three_steps(v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _persistent(v, h, W, b_v, b_h, rng, k=3)


@wrong("persistent_contrastive_divergence", "sign", "the sign is turned")
def persistent_turned(v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return tuple(-a for a in _persistent(v, h, W, b_v, b_h, rng))


@wrong("persistent_contrastive_divergence", "stale state", "the chains start at the data")
def persistent_from_the_rows(v: Any, h: Any, W: Any, b_v: Any, b_h: Any, rng: Any) -> Any:
    return _persistent(v, _drawn(expit(v @ W + b_h), rng), W, b_v, b_h, rng)
