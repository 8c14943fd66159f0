"""Optimisers as their papers state them, one entry at a time in mpmath: nothing of the library.

A recursion maps a start, a gradient function and a number of steps to the points on the way.
"""

from collections.abc import Callable, Iterator
from typing import Any

import mpmath
from mpmath import mpf

Gradient = Callable[[mpf], mpf]
Recursion = Callable[..., Iterator[mpf]]


def gradient_descent(x: mpf, grad: Gradient, *, lr: mpf) -> Iterator[mpf]:
    """Goodfellow et al. (2016), algorithm 8.1."""
    while True:
        x = x - lr * grad(x)
        yield x


def sgd(x: mpf, grad: Gradient, *, lr: mpf, decay: mpf) -> Iterator[mpf]:
    """Goodfellow et al. (2016), equation 7.4: the gradient of the loss and of (λ/2) x²."""
    while True:
        x = x - lr * (decay * x + grad(x))
        yield x


def momentum(x: mpf, grad: Gradient, *, lr: mpf, beta: mpf) -> Iterator[mpf]:
    """Polyak (1964): x′ = x − α ∇f(x) + β (x − x₋₁), without a velocity."""
    before = x
    while True:
        x, before = x - lr * grad(x) + beta * (x - before), x
        yield x


def nesterov(x: mpf, grad: Gradient, *, lr: mpf, beta: mpf) -> Iterator[mpf]:
    """Nesterov (1983): a gradient step from the extrapolated point, without a velocity."""
    before = x
    while True:
        ahead = x + beta * (x - before)
        x, before = ahead - lr * grad(ahead), x
        yield x


def adagrad(x: mpf, grad: Gradient, *, lr: mpf, eps: mpf) -> Iterator[mpf]:
    """Duchi et al. (2011), with the constant of Goodfellow et al., algorithm 8.4."""
    squares = []
    while True:
        squares.append(grad(x) ** 2)
        x = x - lr / (eps + mpmath.sqrt(mpmath.fsum(squares))) * grad(x)
        yield x


def rmsprop(x: mpf, grad: Gradient, *, lr: mpf, rho: mpf, eps: mpf) -> Iterator[mpf]:
    """Goodfellow et al. (2016), algorithm 8.5; the average as the sum that it is."""
    seen: list[mpf] = []
    while True:
        g = grad(x)
        seen.append(g)
        total = mpmath.fsum(
            (1 - rho) * rho ** (len(seen) - 1 - i) * s**2 for i, s in enumerate(seen)
        )
        x = x - lr / mpmath.sqrt(eps + total) * g
        yield x


def _moments(seen: list[mpf], beta: mpf, power: int) -> mpf:
    """The weighted mean Σ β^{t−i} g_i^p / Σ β^{t−i}: what a corrected average is, β < 1."""
    weights = [beta ** (len(seen) - 1 - i) for i in range(len(seen))]
    return mpmath.fdot(weights, [g**power for g in seen]) / mpmath.fsum(weights)


def adam(
    x: mpf, grad: Gradient, *, lr: mpf, beta1: mpf, beta2: mpf, eps: mpf, decay: Any = 0
) -> Iterator[mpf]:
    """Kingma and Ba (2015), section 3: corrected averages are weighted means of the gradients."""
    seen: list[mpf] = []
    while True:
        seen.append(grad(x))
        mean, square = _moments(seen, beta1, 1), _moments(seen, beta2, 2)
        x = x - lr * mean / (mpmath.sqrt(square) + eps) - lr * decay * x
        yield x


def adamax(x: mpf, grad: Gradient, *, lr: mpf, beta1: mpf, beta2: mpf) -> Iterator[mpf]:
    """Kingma and Ba (2015), equation 12: u is max_i β₂^{t−i} |g_i|."""
    seen: list[mpf] = []
    while True:
        seen.append(grad(x))
        norm = max(beta2 ** (len(seen) - 1 - i) * abs(g) for i, g in enumerate(seen))
        x = x - lr * _moments(seen, beta1, 1) / norm
        yield x


RECURSIONS: dict[str, Recursion] = {
    "gradient_descent": gradient_descent,
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamax": adamax,
    "adamw": adam,
}


def points(name: str, start: float, grad: Gradient, steps: int, **numbers: Any) -> list[mpf]:
    """The first points of a recursion, at mpmath's precision."""
    given = {key: mpf(value) for key, value in numbers.items()}
    made = RECURSIONS[name](mpf(start), grad, **given)
    return [next(made) for _ in range(steps)]
