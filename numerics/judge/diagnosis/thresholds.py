"""A result that is right up to some argument, and a simple formula beyond: a clip, a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from backproof.numerics.judge.diagnosis.causes import Cause
from backproof.numerics.judge.diagnosis.seen import Seen
from backproof.numerics.judge.reference.running import Array

LEAST = 3  # entries on each side that it takes to speak of a threshold
SIDES: dict[str, Callable[[Array], Array]] = {
    "above {}": lambda x: x,
    "below -{}": lambda x: -x,
    "beyond ±{}": np.abs,
}


def threshold(seen: Seen) -> Cause | None:
    """Entries are wrong only where an argument of the same shape is beyond some number.

    There every result has to be a constant, or an argument itself: anything else may be rounding
    that grows.
    """
    wrong = [n for n, t in seen.statement.outputs.items() if any(n in x.wrong for x in seen.trials)]
    if len(wrong) != 1:
        return None
    (name,) = wrong
    shape = seen.statement.outputs[name].shape
    arguments = [
        n for n, t in seen.statement.arguments.items() if t.shape == shape and t.dtype == "real"
    ]
    for argument in arguments:
        x, got, off, others = _entries(seen, name, argument, arguments)
        if x.size == 0:
            continue
        for words, key in SIDES.items():
            at = key(x)
            if not np.any(off) or not np.all(np.isfinite(got[off])):
                continue
            high = at[off].min()
            beyond = at >= high
            if min(np.sum(beyond), np.sum(~beyond)) < LEAST:
                continue
            said = next(_formula(x, got, others, beyond), "")
            if said:
                where = words.format(f"{float(at[~beyond].max() + high) / 2:.3g}")
                told = f"{seen.statement.outputs[name].name} is {said} where {argument} is {where}"
                return Cause("threshold", f"{told}, and right elsewhere: a clip or a switch", name)
    return None


def _entries(
    seen: Seen, name: str, argument: str, arguments: list[str]
) -> tuple[Array, Array, Array, dict[str, Array]]:
    """The argument, the result, and which entries are wrong, of all points in one row."""
    parts: list[tuple[Array, ...]] = []
    for trial in seen.trials:
        comparison = trial.comparisons.get(name)
        if comparison is not None:
            decided = ~comparison.open_
            values = [trial.point.values[n][decided] for n in (argument, *arguments)]
            parts.append((comparison.got[decided], comparison.wrong[decided], *values))
    if not parts:
        empty = np.zeros(0)
        return empty, empty, empty, {}
    got, off, x, *others = (
        np.concatenate([np.ravel(p[k]) for p in parts]) for k in range(len(arguments) + 3)
    )
    return x, got, off, dict(zip(arguments, others, strict=True))


def _formula(x: Array, got: Array, others: dict[str, Array], beyond: Array) -> Iterator[str]:
    """What the result is beyond, if it is simple; it has to be something else before."""
    for name, values in others.items():
        if np.array_equal(got[beyond], values[beyond]) and _tells(got, values, beyond):
            yield name
    sides = [got[beyond & (x > 0)], got[beyond & (x < 0)]]
    if all(np.all(side == side[:1]) for side in sides):
        constants = [side[0] for side in sides if len(side)]
        if all(_tells(got, np.full(got.shape, c), beyond) for c in constants):
            yield " and ".join(f"{float(c):.4g}" for c in constants)


def _tells(got: Array, values: Array, beyond: Array) -> bool:
    """Whether enough right entries before are something else."""
    return bool(np.sum(got[~beyond] != values[~beyond]) >= LEAST)
