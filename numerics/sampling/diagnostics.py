"""How good chains are: split R-hat, effective sample size, Monte Carlo error.

References: A. Vehtari and others, Bayesian Analysis 16 (2021); C. Geyer, Statistical Science 7
(1992) for the initial monotone sequence.
"""

from __future__ import annotations

import numpy as np

from backproof.theory.errors import BackproofError


def split_r_hat(draws: np.ndarray) -> float:
    """√(pooled variance / mean variance) of the halves of chains, 1 for chains that have mixed.

    ``draws`` has shape (chains, steps).  Raises `BackproofError` for fewer than four steps.
    """
    halves = _halves(draws)
    chains, steps = halves.shape
    within = halves.var(axis=1, ddof=1).mean()
    between = steps * halves.mean(axis=1).var(ddof=1) if chains > 1 else 0.0
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt(((steps - 1) / steps * within + between / steps) / within))


def effective_sample_size(draws: np.ndarray) -> float:
    """How many independent draws the mean of the chains is worth.

    The autocorrelations of split chains are summed in pairs, which are positive and decrease for a
    reversible chain, until they are not.
    """
    halves = _halves(draws)
    chains, steps = halves.shape
    centred = halves - halves.mean(axis=1, keepdims=True)
    length = 2 ** int(np.ceil(np.log2(2 * steps)))
    spectrum = np.abs(np.fft.rfft(centred, length, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, length, axis=1)[:, :steps].mean(0) / steps
    within = covariance[0] * steps / (steps - 1)
    total = (steps - 1) / steps * within + halves.mean(axis=1).var(ddof=1)
    if total == 0:
        return float(chains * steps)
    correlation = 1 - (within - covariance) / total
    pairs = correlation[: steps // 2 * 2].reshape(-1, 2).sum(1)
    positive = np.argmax(pairs <= 0) if (pairs <= 0).any() else len(pairs)
    monotone = np.minimum.accumulate(pairs[:positive])
    time = max(-1 + 2 * float(monotone.sum()), 1 / np.log10(chains * steps + 10))
    return float(min(chains * steps / time, chains * steps * np.log10(chains * steps)))


def monte_carlo_error(draws: np.ndarray) -> float:
    """The standard error of the mean of all draws."""
    return float(np.asarray(draws).std(ddof=1) / np.sqrt(effective_sample_size(draws)))


def _halves(draws: np.ndarray) -> np.ndarray:
    draws = np.asarray(draws, float)
    if draws.ndim != 2 or draws.shape[1] < 4:
        raise BackproofError(
            "draws", f"shape {draws.shape}", "(chains, steps), four steps or more", "pass more"
        )
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])
