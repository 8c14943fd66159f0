"""Where behaviour changes: numbers at the edges of a format, and at the boundaries of branches."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backproof.numerics.judge.points.drawing import Draw, Values
from backproof.numerics.judge.points.features import boundaries, exponents, kinked
from backproof.numerics.judge.reference.running import Array, Format


def thresholds(draw: Draw) -> Values | None:
    """Arguments of exponentials and of kinks where a floating format changes its behaviour.

    Around log of the greatest number, of the least, and of the unit roundoff, each with its
    neighbours; tiny numbers of both signs; the rest is normal.
    """
    names = {**exponents(draw.statement), **kinked(draw.statement)}
    names = {n: None for n in names if n in draw.statement.arguments and draw.loose(n)}
    if not names:
        return None
    values = draw.values()
    for name in names:
        special = draw.rng.choice(edges(draw.form), size=values[name].shape)
        normal = draw.rng.random(values[name].shape) < 0.25
        values[name] = np.where(normal, values[name], special).astype(draw.form.dtype)
    return values


def branches(draw: Draw) -> Values | None:
    """Arguments on the boundary of a branch, a few roundoffs from it, and on both sides of it."""
    found = boundaries(draw.statement)
    found = {name: numbers for name, numbers in found.items() if draw.loose(name)}
    if not any(any(numbers) for numbers in found.values()):  # zero is met elsewhere
        return None
    values = draw.values()
    for name, numbers in found.items():
        near = [n for number in numbers for n in _near(draw.form, number)]
        special = draw.rng.choice(near, size=values[name].shape)
        normal = draw.rng.random(values[name].shape) < 0.25
        values[name] = np.where(normal, values[name], special).astype(draw.form.dtype)
    return values


def _near(form: Format, number: float) -> list[float]:
    """A number and two beside it, as near as rounding does not confuse them with it."""
    kind = form.dtype.type
    here, step = kind(number), np.spacing(np.abs(kind(number)))
    if float(np.float16(number)) == number:  # short enough to be exact in any format
        return [here, here - 8 * step, here + 8 * step, -here]
    return [here - 64 * step, here + 64 * step, -here - 64 * step]


@lru_cache
def edges(form: Format) -> Array:
    """Numbers at which exp, log1p or a comparison changes its behaviour, of both signs."""
    kind, facts = form.dtype.type, np.finfo(form.dtype)
    at = [np.log(facts.max), -np.log(facts.tiny), -np.log(facts.smallest_subnormal)]
    at += [-np.log(facts.eps), -2 * np.log(facts.eps), np.log(facts.max) / 2, 1.0]
    at += [-np.log(facts.eps) * part for part in (1 / 4, 1 / 2, 2 / 3, 3 / 4)]  # before it is 1
    near = [np.nextafter(kind(x), kind(to)) for x in at for to in (-np.inf, np.inf)]
    small = [facts.eps, np.sqrt(facts.eps), facts.tiny, facts.eps**2, 0]
    small += [] if form.flushes else [facts.smallest_subnormal]
    found = np.array([*map(kind, at), *near, *map(kind, small)], form.dtype)
    return np.concatenate([found, -found])
