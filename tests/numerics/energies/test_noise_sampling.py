"""The expectation under noise, by sampling: antithetic pairs, a stated error rate, and power.

For each draw d = ½ (J(x + ε) + J(x − ε)) − J(x) has the mean (σ²/2) ΔJ + O(σ⁴).  A z-score
beyond 5.5 has a false-alarm rate of 4e-8 for each of the tests here, 2e-7 for all.  The standard
error is below a hundredth of the mean, so that a trace that is off by a tenth lies more than 9
deviations off and is refuted with a probability above 0.999; the tests refute such traces too.
The term of order σ⁴ is below a tenth of the standard error for the σ that are used.
"""

from typing import Any

import numpy as np
import pytest

import backproof as bp

DRAWS, LIMIT = 100_000, 5.5
WIDTHS, BATCH = [3, 4, 2], 5


def numbers(model: bp.Model, likelihood: str) -> dict[str, Any]:
    """A batch and parameters."""
    rng = np.random.default_rng(11 if likelihood == "categorical" else 7)
    shapes = {"W1": (4, 3), "b1": 4, "W2": (2, 4), "b2": 2}
    given: dict[str, Any] = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    given["x"] = rng.normal(size=(BATCH, 3))
    labels = likelihood == "categorical"
    given["y"] = rng.integers(2, size=BATCH) if labels else rng.normal(size=(BATCH, 2))
    return given


def scores(
    expansion: bp.noise.Expansion, given: dict[str, Any], gains: np.ndarray, deviation: float
) -> dict[str, float]:
    """The z-score of the derived gain, and of what is left of it without each of its parts."""
    found = {
        name: float(bp.compile(expansion.model.up_to(name))(**arguments(expansion, name, given)))
        for name in (expansion.trace, expansion.gauss_newton, expansion.residual)
        if name is not None
    }
    half = deviation**2 / 2
    error = np.std(gains) / np.sqrt(len(gains))
    assert error < 0.01 * abs(half * found[expansion.trace]), "no power"
    off = {name: np.mean(gains) - half * value for name, value in found.items()}
    off["a tenth more"] = np.mean(gains) - 1.1 * half * found[expansion.trace]
    return {name: float(value / error) for name, value in off.items()}


def arguments(expansion: bp.noise.Expansion, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs that one quantity needs."""
    return {n: given[n] for n in expansion.model.up_to(name).arguments}


@pytest.mark.parametrize("likelihood", ["gaussian", "categorical", "heteroscedastic"])
def test_noise_on_the_inputs(likelihood: str) -> None:
    net = bp.networks.mlp(WIDTHS, "tanh", likelihood)
    given, σ = numbers(net, likelihood), 0.01
    heads: tuple[str, ...] = ("z2",)
    if likelihood == "heteroscedastic":
        rng = np.random.default_rng(8)
        given |= {"W2_s": rng.normal(size=(2, 4)), "b2_s": rng.normal(size=2)}
        heads = ("z2", "s2")
    each = bp.compile(net.up_to("nll"))
    noise = np.random.default_rng(1).normal(scale=σ, size=(DRAWS, BATCH, 3))
    y = np.concatenate([given["y"]] * DRAWS)

    def losses(x: np.ndarray) -> np.ndarray:
        many = each(**{**given, "x": x.reshape(-1, 3), "y": y})
        return many.reshape(DRAWS, BATCH).mean(axis=1)

    value = np.mean(each(**given))
    gains = (losses(given["x"] + noise) + losses(given["x"] - noise)) / 2 - value
    expansion = bp.noise.expand(net, "x", at=heads)
    found = scores(expansion, given, gains, σ)
    assert abs(found.pop(expansion.trace)) < LIMIT
    assert all(abs(score) > LIMIT for score in found.values()), found


@pytest.mark.parametrize("noisy", ["W1", "W2"])
def test_noise_on_the_weights(noisy: str) -> None:
    net = bp.networks.mlp(WIDTHS, "tanh", "gaussian", {"l2": 0.1})
    given, σ = numbers(net, "gaussian"), 0.01

    def losses(**weights: np.ndarray) -> np.ndarray:
        """J_Ω in NumPy, for a stack of weights."""
        W1, W2 = (weights.get(name, given[name]) for name in ("W1", "W2"))
        h = np.tanh(given["x"] @ np.swapaxes(W1, -1, -2) + given["b1"])
        z = h @ np.swapaxes(W2, -1, -2) + given["b2"]
        each = np.sum((given["y"] - z) ** 2, axis=-1) / 2 + np.log(2 * np.pi)
        return each.mean(axis=-1) + 0.1 * ((W1**2).sum((-1, -2)) + (W2**2).sum((-1, -2)))

    ε = np.random.default_rng(2).normal(scale=σ, size=(DRAWS, *given[noisy].shape))
    pair = (losses(**{noisy: given[noisy] + sign * ε}) for sign in (1, -1))
    gains = sum(pair) / 2 - losses()
    assert abs(losses() - bp.compile(net)(**given)) < 1e-12
    expansion = bp.noise.expand(net, noisy, at="z2")
    found = scores(expansion, given, gains, σ)
    assert abs(found.pop(expansion.trace)) < LIMIT
    if noisy == "W2":  # z2 is linear in W2: there is no residual part
        assert abs(found.pop("G_J_Ω")) < LIMIT
    assert all(abs(score) > LIMIT for score in found.values()), found


def test_the_gradient_of_the_expectation_trains() -> None:
    """Descent on E J for linear regression ends at the ridge solution."""
    rng = np.random.default_rng(4)
    x, y, σ = rng.normal(size=(30, 3)), rng.normal(size=(30, 2)), 0.7
    expansion = bp.noise.expand(bp.networks.mlp([3, 2], likelihood="gaussian"), "x", σ)
    gradient = bp.compile(bp.derive(expansion.model, wrt=("W1", "b1")))
    W, b = np.zeros((2, 3)), np.zeros(2)
    for _ in range(2000):
        out = gradient(x=x, y=y, W1=W, b1=b)
        W, b = W - 0.2 * out["W1"], b - 0.2 * out["b1"]
    centred, target = x - x.mean(axis=0), y - y.mean(axis=0)
    ridge = np.linalg.solve(centred.T @ centred + 30 * σ**2 * np.eye(3), centred.T @ target).T
    np.testing.assert_allclose(W, ridge, rtol=1e-9)
