"""Reductions at a point: log-sum-exp, extremes, and where extremes are attained."""

from __future__ import annotations

import numpy as np

from backproof.numerics.judge.reference.quantities import Quantities
from backproof.numerics.judge.reference.rounding import product
from backproof.numerics.judge.reference.running import EXTENDED, ZERO, Running, cleaned
from backproof.theory.equations import Equation, Reduction


def reduce(equation: Equation, rhs: Reduction, here: Quantities) -> None:
    """Define the left-hand side of a reduction."""
    operand = here.entry(rhs.operand).along((*equation.indices, *rhs.over))
    z = operand.at(lambda a: a if a.ndim == 0 else a.reshape(*a.shape[: len(equation.indices)], -1))
    name = equation.tensor.name
    if rhs.kind == "logsumexp":
        here.real[name] = logsumexp(z, here)
    elif rhs.kind == "prod":
        parts = [z.at(lambda a, n=n: a if a.ndim == 0 else a[..., n]) for n in range(_length(z))]
        here.real[name] = product(parts, here)
    elif rhs.kind in ("max", "min"):
        here.real[name] = extreme(z, 1 if rhs.kind == "max" else -1, here)
    else:
        position(name, z, 1 if rhs.kind == "argmax" else -1, here)


def _length(z: Running) -> int:
    return int(z.value.shape[-1])


def logsumexp(z: Running, here: Quantities) -> Running:
    """log Σ exp z over the last axis; its error is the mean error of z under the softmax."""
    top = np.max(z.value, axis=-1, keepdims=True)
    weights = np.exp(z.value - top)
    value = top[..., 0] + np.log(np.sum(weights, axis=-1))
    if not here.bounds:
        return Running(value, ZERO)
    share = weights / np.sum(weights, axis=-1, keepdims=True)
    worst = np.max(np.broadcast_to(z.error, z.value.shape), axis=-1)
    spread = np.where(worst < 0.1, 1.25 * np.sum(share * z.error, axis=-1), worst)
    magnitude = np.abs(value) + np.abs(top[..., 0]) + z.value.shape[-1] + 8
    return Running(value, cleaned(spread + here.form.unit * magnitude))


def extreme(z: Running, sign: int, here: Quantities) -> Running:
    """The maximum (or minimum) over the last axis; only entries that may attain it count."""
    high = sign * z.value
    value = sign * np.max(high, axis=-1)
    if not here.bounds:
        return Running(value, ZERO)
    reach = high + z.error >= np.max(high - z.error, axis=-1, keepdims=True)
    return Running(value, np.max(np.where(reach, z.error, 0), axis=-1), z.exact)


def position(name: str, z: Running, sign: int, here: Quantities) -> None:
    """Where the extreme is attained: the first place, or what the convention says of ties."""
    high = sign * z.value
    first = np.argmax(high, axis=-1)
    top = np.max(high, axis=-1, keepdims=True)
    tied = high == top
    error = np.broadcast_to(z.error, high.shape)
    own = np.take_along_axis(error, first[..., None], axis=-1)
    others = np.arange(high.shape[-1]) != first[..., None]
    certain = tied & (z.exact | ((error == 0) & (own == 0)))
    if np.any((high + error >= top - own) & others & ~certain):
        here.doubtful.add(name)
    if np.any(tied.sum(axis=-1) > 1):
        here.kinks.add(name)
    convention = here.convention("extreme")
    here.whole[name] = first
    if convention == "last":
        here.whole[name] = high.shape[-1] - 1 - np.argmax(high[..., ::-1], axis=-1)
    elif convention in ("split", "all"):
        share = np.sum(tied, axis=-1, keepdims=True) if convention == "split" else 1
        here.ties[name] = tied.astype(EXTENDED) / share
