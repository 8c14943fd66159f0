"""What is published as a deviation, shown without the judge: by mpmath, enumeration, differences.

Each function asserts what it shows and returns it in words. None imports backproof.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

mpmath.mp.dps = 40


def persistent_chains() -> list[str]:
    """E[update of the visible bias] by every outcome, and what 300 calls with 1000 rows do."""
    from sklearn.neural_network import BernoulliRBM

    rows, weights = np.array([[1.0], [1.0], [0.0], [1.0]]), np.array([[0.5]])
    lines = []
    for chains in (2, 4):
        h = np.array([[1.0], [0.0], [1.0], [0.0]])[:chains]
        p = [1 / (1 + math.exp(-(0.3 + 0.5 * float(x)))) for x in h[:, 0]]
        update = 0.0
        for outcome in itertools.product((0, 1), repeat=chains):
            machine = BernoulliRBM(1, learning_rate=1.0)
            machine.components_, machine.h_samples_ = weights.copy(), h.copy()
            machine.intercept_visible_, machine.intercept_hidden_ = np.array([0.3]), np.zeros(1)
            machine.random_state_ = _Chosen(outcome)
            machine.partial_fit(rows)
            chance = math.prod(q if o else 1 - q for q, o in zip(p, outcome, strict=True))
            update += chance * (float(machine.intercept_visible_[0]) - 0.3)
        mean = sum(p) / chains
        assert math.isclose(update, 0.75 - mean * chains / 4, rel_tol=1e-12)
        assert math.isclose(update, 0.75 - mean, rel_tol=1e-12) == (chains == 4)
        lines.append(
            f"4 rows and {chains} chains: the expected update of the visible bias, over all "
            f"outcomes, is {update:.4f}; data minus model is {0.75 - mean:.4f}"
        )
    data = (np.random.default_rng(0).random((1000, 4)) < 0.3).astype(float)
    biases = {}
    for size in (10, 1000):
        machine = BernoulliRBM(2, learning_rate=0.1, batch_size=size, random_state=0)
        for _ in range(300):
            machine.partial_fit(data)
        biases[size] = float(machine.intercept_visible_.mean())
        lines.append(
            f"300 calls with 1000 rows, learning rate 0.1, batch_size={size}: the mean visible "
            f"bias is {biases[size]:.2f}; independent units need {math.log(0.3 / 0.7):.2f}"
        )
    assert biases[10] > 5 > 0 > biases[1000]
    return lines


class _Chosen:
    """A generator whose first draws below p are as chosen."""

    def __init__(self, outcome: tuple[int, ...]) -> None:
        self.outcome = outcome

    def uniform(self, size: Any) -> Any:
        chosen, self.outcome = self.outcome, (0,) * len(self.outcome)
        return np.array([0.0 if o else 1.0 for o in chosen]).reshape(size)


def clipped_loss() -> list[str]:
    """The loss of one row whose label has the probability e⁻¹⁰⁰."""
    from sklearn.neural_network._base import binary_log_loss, inplace_softmax, log_loss

    z = np.array([[100.0, 0.0]])
    exact = mpmath.log(mpmath.exp(100) + 1)
    inplace_softmax(z)
    got = float(log_loss(np.array([[0.0, 1.0]]), z))
    assert abs(got - exact) > 60
    binary = float(binary_log_loss(np.array([[1.0]]), np.array([[float(mpmath.exp(-100))]])))
    assert abs(binary - 100) > 60
    return [f"softmax: {got:.4f} where mpmath gives {mpmath.nstr(exact, 7)}",
            f"logistic: {binary:.4f} where mpmath gives 100"]  # fmt: skip


def several_outputs() -> list[str]:
    """The derivative of the returned loss by central differences, beside the returned gradient."""
    from sklearn.neural_network import MLPRegressor

    lines = []
    for outputs in (1, 2, 5):
        made = MLPRegressor(activation="identity", alpha=0.0)
        made.n_layers_, made.out_activation_, made.n_outputs_ = 3, "identity", outputs

        def both(bias: float, made: Any = made, outputs: int = outputs) -> tuple[float, float]:
            made.coefs_ = [np.ones((1, 1)), np.ones((1, outputs))]
            made.intercepts_ = [np.zeros(1), np.full(outputs, bias)]
            x, y, empty = np.ones((2, 1)), np.zeros((2, outputs)), [None, None]
            loss, _, biases = made._backprop(
                x, y, None, [x, None, None], list(empty), list(empty), list(empty)
            )
            return float(loss), float(biases[1].sum())

        slope = (both(0.5)[0] - both(-0.5)[0]) / 1.0  # exact: the loss is a square
        ratio = both(0.0)[1] / slope
        assert math.isclose(ratio, outputs, rel_tol=1e-9)
        lines.append(f"{outputs} outputs: the gradient is {ratio:.6g} times that of the loss")
    return lines


def softplus_threshold() -> list[str]:
    """log(1 + e²²) in double precision."""
    import torch

    x = torch.tensor(22.0, dtype=torch.float64, requires_grad=True)
    y = torch.nn.functional.softplus(x)
    (dx,) = torch.autograd.grad(y, x)
    exact = mpmath.log1p(mpmath.exp(22))
    off = abs(y.item() - exact) / exact
    assert 1e-12 < off < 1e-9
    assert dx.item() == 1.0
    assert abs(1 - 1 / (1 + mpmath.exp(-22))) > 1e-10
    wide = torch.nn.functional.softplus(x, threshold=40).item()
    assert abs(wide - exact) < 1e-14
    return [f"softplus(22) is off by {mpmath.nstr(off, 2)} of it; with threshold=40 it is not"]


def elu_tail() -> list[str]:
    """The derivative at −6, which is e⁻⁶, in single precision."""
    import jax
    import jax.numpy as jnp

    got = float(jax.grad(jax.nn.elu)(jnp.float32(-6.0)))
    exact = mpmath.exp(-6)
    off = abs(got - exact)
    assert off / exact > 50 * 2**-24
    assert off < 2**-23  # within the rounding of 1
    return [f"elu′(−6) is off by {mpmath.nstr(off / exact, 2)} of it, and by {mpmath.nstr(off, 2)}"]


def half_at_zero() -> list[str]:
    """The derivative of max(x, 0) at 0 is any number from 0 to 1; theirs is ½."""
    import autograd
    import autograd.numpy as anp
    import jax
    import jax.numpy as jnp

    by_jax = float(jax.grad(lambda x: jnp.maximum(x, 0))(0.0))
    by_autograd = float(autograd.grad(lambda x: anp.maximum(x, 0))(0.0))
    assert by_jax == by_autograd == 0.5
    return ["max(x, 0)′(0) = ½ in both libraries; jax.nn.relu′(0) = 0"]


def leaky_at_zero() -> list[str]:
    """The derivative of the leaky relu at 0."""
    import jax

    got = float(jax.grad(jax.nn.leaky_relu)(0.0))
    assert got == 1.0
    return ["leaky_relu′(0) = 1 where torch gives the slope, 0.01"]


def tanh_form() -> list[str]:
    """gelu(1) by both forms."""
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        got = float(jax.nn.gelu(jnp.float64(1.0)))
    inner = mpmath.sqrt(2 / mpmath.pi) * (1 + mpmath.mpf("0.044715"))
    form, exact = (1 + mpmath.tanh(inner)) / 2, mpmath.ncdf(1)
    assert abs(got - form) < 1e-14 < 1e-4 < abs(got - exact)
    return [f"gelu(1) = {got:.7f}: the tanh form; by the error function {mpmath.nstr(exact, 8)}"]


def shared_ties() -> list[str]:
    """A window of four equal entries."""
    import autograd
    import autograd.numpy as anp

    got = autograd.grad(lambda x: anp.max(x))(np.zeros(4))
    assert got.tolist() == [0.25] * 4
    return ["four equal entries are given ¼ each; torch and JAX give the first all of it"]


CONFIRMED: dict[str, Callable[[], list[str]]] = {
    f.__name__: f
    for f in (
        persistent_chains, clipped_loss, several_outputs, softplus_threshold, elu_tail,
        half_at_zero, leaky_at_zero, tanh_form, shared_ties,
    )
}  # fmt: skip
