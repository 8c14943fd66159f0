"""Points that only some contracts speak of: empty arrays, whole-number arrays, nan and ±∞.

A caller names those that the contract includes; a function that was not promised them is not
judged by them.  ±∞ stand for the limit, as a number far beyond the format, and nan stays nan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.calls.case import Case, numbers
from backproof.numerics.judge.calls.contract import count, dtype, kind, raises, shape
from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.points.drawing import Draw
from backproof.numerics.judge.points.point import Point, Points
from backproof.numerics.judge.points.sizes import Assignment
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import EXTENDED, Array
from backproof.theory.errors import BackproofError

FAR = EXTENDED("1e1000")  # stands for ∞: its square is a number too
CLOSE = 1e-6  # relative, for what is finite beside an infinite entry
ELSEWHERE = (BackproofError, ValueError, ZeroDivisionError, IndexError)  # no number at such sizes


@dataclass(frozen=True)
class Further:
    """What is asked beyond the points of the plan: a random search, and further kinds of points.

    Raises `BackproofError` for an unknown kind.
    """

    search: int = 0
    including: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.including:
            if name not in KINDS:
                known = ", ".join(KINDS)
                raise BackproofError("including", repr(name), known, "choose among these")

    def findings(self, subject: Subject, points: Points) -> Iterator[Finding]:
        """What the function does there that the contract does not say; the first of each kind."""
        for name in self.including:
            seen = [replace(f, clause=name) for f in KINDS[name](subject, points)]
            wrong = [f for f in seen if f.weight == "wrong"]
            yield from wrong[:1] or seen[:1]


def empty(subject: Subject, points: Points) -> Iterator[Finding]:
    """One size 0, where the equations then still give numbers: sums of nothing are 0."""
    base, tried = points.assignments[0].sizes, 0
    for symbol in subject.statement.sizes:
        assignment = Assignment(f"{symbol} is 0", {**base, symbol: 0})
        try:
            values = points.draw(assignment, 0).values(np.zeros)
            point = points.at(assignment, "empty arrays", values)
        except ELSEWHERE:
            continue
        if point is not None:
            tried += 1
            yield from _seen(subject.once(point))
    if not tried:
        yield _undecided(subject, "no size can be 0 in these equations")


def integer(subject: Subject, points: Points) -> Iterator[Finding]:
    """Arrays of whole numbers of an integer type, whose results are what floating ones give."""
    if points.form.dtype != np.float64:
        yield _undecided(subject, "integer arrays belong to float64")
        return
    for number, assignment in enumerate(points.assignments[:3]):
        draw = points.draw(assignment, (1 << 27) + number)
        values = draw.values(_whole(draw))
        point = points.at(assignment, "arrays of whole numbers", values)
        if point is not None:
            turned = {
                n: a.astype(np.int64) if draw.loose(n) and a.ndim else a for n, a in values.items()
            }
            yield from _seen(_called(subject, point, turned))


def _whole(draw: Draw) -> Callable[[tuple[int, ...]], Array]:
    """Entries from −3 to 3."""
    return lambda shape: np.asarray(draw.rng.integers(-3, 4, size=shape))


def nonfinite(subject: Subject, points: Points) -> Iterator[Finding]:
    """One entry ∞, −∞ or nan at a time."""
    assignment = points.assignments[0]
    draw = points.draw(assignment, 1 << 27)
    values = draw.values()
    point = points.at(assignment, "nan and ±∞", values)
    for name, array in values.items() if point is not None else ():
        if not draw.loose(name) or not array.ndim:
            continue
        for special in (np.inf, -np.inf, np.nan):
            expected = _limit(subject, points, assignment, values, name, special)
            given = {**values, name: _with(array, special)}
            made = call(subject.binding, given)
            title = subject.binding.title
            what = f"{special} in {name}"
            if made.raised is not None:
                yield Finding("", "wrong", title, f"{made.error} for {what}", "a result", "mend it")
                continue
            results = subject.unpacked(made)
            for output, tensor in subject.statement.outputs.items():
                value = expected.get(tensor.name)
                got = numbers(results.found.get(output), None if value is None else value.shape)
                if value is None or got is None:
                    continue
                place = _apart(got, value)
                if place is not None:
                    found = f"{float(got[place]):g} for {what}"
                    yield Finding(
                        "", "wrong", tensor.name, found, f"{float(value[place]):g}",
                        "handle it before it is subtracted, divided or multiplied by 0",
                    )  # fmt: skip


def _limit(
    subject: Subject, points: Points, at: Assignment, values: Any, name: str, special: float
) -> dict[str, Array]:
    """The outputs in the limit; nan where it is nan, or unknown."""
    far = special if np.isnan(special) else np.sign(special) * FAR
    array = _with(values[name].astype(EXTENDED), far)
    here = Evaluation(points.form, at.sizes, {**values, name: array})
    here.run(subject.statement.equations)
    found = {}
    for tensor in subject.statement.outputs.values():
        value = here.real[tensor.name].value if tensor.name in here.real else None
        if value is not None:
            far_off = np.abs(value) > points.form.largest
            value = np.where(far_off, np.sign(value) * np.inf, value)
            unknown = np.isnan(value) & (not np.isnan(special))
            found[tensor.name] = np.where(unknown, EXTENDED("-1e4000"), value)
    return found


def _apart(got: Array, value: Array) -> tuple[int, ...] | None:
    """Where a result is not the limit; entries of which nothing is known are left out."""
    unknown = value == EXTENDED("-1e4000")
    with np.errstate(invalid="ignore"):
        same = (got == value) | (np.isnan(got) & np.isnan(value))
        near = np.isfinite(got) & np.isfinite(value)
        near &= np.abs(got - value) <= CLOSE * (1 + np.abs(value))
    off = np.argwhere(~(same | near | unknown))
    return tuple(int(i) for i in off[0]) if len(off) or not np.ndim(off) else None


def _with(array: Array, special: Any) -> Array:
    """The array with its first entry replaced."""
    changed = array.copy()
    changed.flat[0] = special
    return changed


def _called(subject: Subject, point: Point, values: Any) -> Trial:
    """A trial at a point, called with other arrays of the same numbers."""
    made = call(subject.binding, values)
    results = subject.unpacked(made)
    outputs = subject.statement.outputs
    case = Case(subject.binding.title, point, made, made, results, results, outputs)
    return Trial(point, case, subject.compared(case))


def _seen(trial: Trial) -> Iterator[Finding]:
    """What is wrong at a point that was called once."""
    at = str(trial.point)
    for clause in (raises, count, kind, shape, dtype):
        yield from (replace(f, at=at) for f in clause(trial.case))
    for name in trial.wrong:
        comparison = trial.comparisons[name]
        place = comparison.worst
        found, value = float(comparison.got[place]), float(comparison.value[place])
        tensor = trial.case.outputs[name].name
        move = "convert to floating point first: np.zeros_like and astype keep whole numbers"
        yield Finding("", "wrong", tensor, f"{found:g}", f"{value:g}", move, at)


def _undecided(subject: Subject, why: str) -> Finding:
    return Finding("", "note", subject.binding.title, why, "a point of that kind", "leave it out")


KINDS: dict[str, Callable[[Subject, Points], Iterator[Finding]]] = {
    "empty": empty,
    "integer": integer,
    "non-finite": nonfinite,
}


def further(search: int, including: str | Sequence[str]) -> Further:
    """What a caller asks for; one kind may be given as a word."""
    return Further(search, (including,) if isinstance(including, str) else tuple(including))
