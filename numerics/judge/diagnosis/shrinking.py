"""A smaller point with the same fault: small sizes, simple numbers, few of them not zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.conventions import excused
from backproof.numerics.judge.points.drawing import Draw, Values
from backproof.numerics.judge.points.point import Point, Points
from backproof.numerics.judge.points.sizes import Assignment, small_sizes

TRIES = 300  # calls of the function that a search for a smaller point may make…
ENTRIES = 3_000_000  # … or fewer, so that no more numbers than this are looked at

PATTERN = (1.0, -2.0, 0.5, 3.0, -1.0, 2.0, -0.5)  # repeated, it fills an array without symmetry

Fails = Callable[[Trial], bool]


@dataclass
class Shrinker:
    """Looks for a simple point at which the function still fails."""

    subject: Subject
    points: Points
    fails: Fails
    generic: bool
    promises: bool = False  # whether the fault is in a promise, for which two calls are needed
    left: int = TRIES

    def shrink(self, trial: Trial) -> Trial:
        """The simplest failing trial found within the budget; the given one in the worst case."""
        entries = sum(array.size for array in trial.point.values.values())
        self.left = max(80, min(TRIES, ENTRIES // max(entries, 1)))
        half = self.left // 2
        best = trial
        for candidate in self._small():
            found = self._try(candidate)
            if found is not None:
                best = found
                break
            if self.left < half:
                break
        return self._simplified(self._emptied(self._uniform(best)))

    def _try(self, point: Point | None) -> Trial | None:
        """A trial at the point, if the function still fails there."""
        if point is None or self.left <= 0:
            return None
        self.left -= 1
        trial = (self.subject.at if self.promises else self.subject.once)(point)
        if not self.fails(trial):
            return None
        if self.generic and point.kinked and excused(self.subject.statement, trial):
            return None
        return trial

    def _at(self, assignment: Assignment, values: Values) -> Point | None:
        return self.points.at(assignment, "a small point", values)

    def _small(self) -> Iterator[Point | None]:
        """Points of small whole numbers, sizes growing from all ones."""
        for number, sizes in enumerate(small_sizes(self.subject.statement)):
            assignment = Assignment("small", sizes)
            for attempt in range(3):
                draw = self.points.draw(assignment, (1 << 30) + 8 * number + attempt)
                yield self._at(assignment, draw.values(_simple(draw)))

    def _uniform(self, best: Trial) -> Trial:
        """The trial with whole arrays zero, or one, or of a pattern, where that still fails."""
        for name in sorted(best.point.values):
            array = best.point.values[name]
            if name in self.points.given:
                continue
            simple = [np.zeros_like(array)]
            if array.dtype.kind == "f":
                simple += [np.ones_like(array), np.resize(PATTERN, array.shape)]
            for other in simple:
                found = self._with(best, name, other)
                if found is not None:
                    best = found
                    break
        return best

    def _emptied(self, best: Trial) -> Trial:
        """The trial with as many entries zero as possible: whole arrays, slices, then entries."""
        for name in sorted(best.point.values):
            best = self._bisected(best, name)
            for part in _parts(best.point.values[name]):
                if self.left <= 0:
                    return best
                best = self._zeroed(best, name, part) or best
        return best

    def _bisected(self, best: Trial, name: str) -> Trial:
        """The trial with one half of an axis zero, then one half of what is left, and so on."""
        array = best.point.values[name]
        for axis in range(array.ndim) if np.any(array) else ():
            low, high = 0, array.shape[axis]
            while high - low > 1 and self.left > 0:
                middle = (low + high) // 2
                halves = ((low, middle, middle, high), (middle, high, low, middle))
                for start, stop, *kept in halves:
                    part = (*[slice(None)] * axis, slice(start, stop))
                    found = self._zeroed(best, name, part)
                    if found is not None:
                        best, (low, high) = found, kept
                        break
                else:
                    break
        return best

    def _zeroed(self, best: Trial, name: str, part: Any) -> Trial | None:
        """The trial with a part of an array zero, if that changes it and it still fails."""
        values = best.point.values
        if name in self.points.given or not np.any(values[name][part]):
            return None
        raw = values[name].copy()
        raw[part] = 0
        return self._with(best, name, raw)

    def _simplified(self, best: Trial) -> Trial:
        """The trial with numbers replaced by 1 or −1, or rounded."""
        for name in sorted(best.point.values):
            array = best.point.values[name]
            if name in self.points.given or array.dtype.kind != "f":
                continue
            ones = np.ones_like(array)
            halves = np.round(2 * array) / 2
            even = (ones, -ones) if np.all(array) else ()
            for simple in (*even, np.sign(array), np.round(array), halves):
                if np.array_equal(simple, array):
                    break
                found = self._with(best, name, simple)
                if found is not None:
                    best = found
                    break
        return best

    def _with(self, best: Trial, name: str, raw: Any) -> Trial | None:
        """The trial with another array, if that is a legitimate argument and still fails."""
        point = best.point
        tensor = self.subject.statement.arguments[name]
        draw = self.points.draw(point.assignment, 0)
        array = np.asarray(raw, point.values[name].dtype)
        if tensor.dtype == "real":
            array = draw.conform(tensor, array)
            conformed = tensor.assumptions or name in self.points.domain
            if conformed and not np.array_equal(array, np.asarray(raw, array.dtype)):
                return None
        return self._try(self._at(point.assignment, {**point.values, name: array}))


def _simple(draw: Draw) -> Callable[[tuple[int, ...]], Any]:
    """Small whole numbers, none of them zero."""
    return lambda shape: draw.rng.integers(1, 4, size=shape) * draw.rng.choice([-1, 1], size=shape)


def _parts(array: Any) -> Iterator[Any]:
    """Everything, then halves of the first axis and so on down, then single entries."""
    if array.ndim == 0:
        yield ()
        return
    yield ...
    for axis in range(array.ndim):
        length = array.shape[axis]
        step = length // 2
        while step >= 1:
            for start in range(0, length, step):
                yield (*[slice(None)] * axis, slice(start, start + step))
            step //= 2
    if array.size <= 60:
        yield from np.ndindex(array.shape)
    elif np.count_nonzero(array) <= 60:
        yield from (tuple(place) for place in np.argwhere(array))
