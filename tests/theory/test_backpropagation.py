"""Backpropagation of dense networks of 2, 3 and 5 layers: a line a quantity, each step true."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import pytest

import backproof as bp
from backproof.theory.networks import mlp
from laws.models import DIGITS
from laws.sample import numbers_for
from laws.steps import derived_in_the_open, step_holds

DEPTHS = (2, 3, 5)
LETTERS = "ijklqr"


def widths(depth: int) -> list[str]:
    """A name for each width, none of them an index."""
    return [f"d{layer}" for layer in range(depth + 1)]


def textbook(depth: int) -> list[str]:
    """The lines that Goodfellow, Bengio, Courville (2016), section 6.5, algorithm 6.4, states."""
    i = LETTERS
    last = i[depth]
    lines = [f"dz{depth}[n,{last}] = (p[n,{last}] - δ[{last},y[n]]) / N"]
    for layer in range(depth - 1, 0, -1):
        here, above = i[layer], i[layer + 1]
        lines.append(
            f"dh{layer}[n,{here}] = Σ_{above} dz{layer + 1}[n,{above}] W{layer + 1}[{above},{here}]"
        )
        lines.append(f"dz{layer}[n,{here}] = (1 - h{layer}[n,{here}]**2) dh{layer}[n,{here}]")
    for layer in range(1, depth + 1):
        here, below = i[layer], i[layer - 1]
        signal = f"h{layer - 1}" if layer > 1 else "x"
        lines.append(f"dW{layer}[{here},{below}] = Σ_n dz{layer}[n,{here}] {signal}[n,{below}]")
        lines.append(f"db{layer}[{here}] = Σ_n dz{layer}[n,{here}]")
    return lines


@pytest.mark.parametrize("depth", DEPTHS)
def test_prints_as_the_textbook(depth: int) -> None:
    gradient = bp.derive(mlp(widths(depth), activation="tanh"))
    printed = str(gradient).splitlines()
    assert len(printed) == len(gradient.equations)
    assert printed[-len(textbook(depth)) :] == textbook(depth)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    "likelihood", ["categorical", "bernoulli", "gaussian", "poisson", "laplace", "heteroscedastic"]
)
def test_every_step_is_true_at_two_sizes(
    depth: int, likelihood: str, tally: Callable[[str, int], None]
) -> None:
    """Each chain-rule step against a numerical derivative of the one equation it goes through."""
    names = ["N", *widths(depth)]
    extents = [2, 3, 4, 2, 3, 2, 4][: len(names)]
    activation = "tanh" if depth < 5 else "sigmoid"
    for turn in (extents, extents[::-1]):
        sizes = dict(zip(names, turn, strict=True))
        with mpmath.workdps(DIGITS):
            opened = derived_in_the_open(
                lambda: mlp(widths(depth), activation, likelihood, {"l2": 0.01}), None
            )
            counts = ("y",) if likelihood == "poisson" else ()  # loggamma is real there
            inputs = numbers_for(opened.result.arguments, sizes, depth, counts)
            here = opened.environments(inputs, sizes)
            for step in opened.result.derivation_steps:
                step_holds(step, here.derived)
        tally("steps evaluated", len(opened.result.derivation_steps))


def test_a_slope_that_is_a_multiple_of_the_value_is_written_so() -> None:
    """r = (y − z) e^(−s/2) has ∂r/∂s = −r/2: nothing is computed twice, and 0 · ∞ cannot occur."""
    derived = bp.derive(mlp(["d", "c"], likelihood="heteroscedastic"))
    assert str(derived["ds1"]) == "ds1[n,j] = (1 / N - dr[n,j] r[n,j]) / 2"
