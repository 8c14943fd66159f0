"""Reductions at a point: log-sum-exp, extremes, and where extremes are attained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backproof.numerics.judge.reference.quantities import Quantities
from backproof.numerics.judge.reference.rounding import product
from backproof.numerics.judge.reference.running import EXTENDED, ZERO, Array, Running, cleaned
from backproof.numerics.judge.reference.ties import SHARE
from backproof.theory.equations import Equation, Reduction
from backproof.theory.notation import Entry

COUNT = "ties of "  # before the name of an extreme: how many entries attain it


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
        if here.conventions:  # how many entries attain it, those of earlier extremes counted
            tied = z.value == here.real[name].value[..., None]
            many = np.sum(tied * _counts(equation, rhs, here, z.value.shape), axis=-1)
            here.real[f"{COUNT}{name}"] = Running.given(many)
    else:
        counts = _counts(equation, rhs, here, z.value.shape) if here.conventions else np.ones(1)
        position(name, z, 1 if rhs.kind == "argmax" else -1, here, counts)


def _counts(equation: Equation, rhs: Reduction, here: Quantities, shape: tuple[int, ...]) -> Array:
    """How many entries each entry of the operand stands for: a maximum of a row for those tied."""
    tensor = replace(rhs.operand.tensor, name=f"{COUNT}{rhs.operand.tensor.name}")
    if tensor.name not in here.real:
        return np.ones(shape, EXTENDED)
    counted = here.entry(Entry(tensor, rhs.operand.subscripts))
    value = counted.along((*equation.indices, *rhs.over)).value
    return np.broadcast_to(value, np.broadcast_shapes(value.shape, ())).reshape(shape)


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


def position(name: str, z: Running, sign: int, here: Quantities, counts: Array) -> None:
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
    elif convention in ("split", "staged", "all"):
        weights = tied * (counts if convention == "split" else EXTENDED(1))
        share = 1 if convention == "all" else np.sum(weights, axis=-1, keepdims=True)
        here.ties[name] = weights / share
        here.real[f"{SHARE}{name}"] = Running.given(here.ties[name])
