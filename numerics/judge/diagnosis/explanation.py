"""What is wrong, where it starts, why it may be so, and a small example that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.comparison import Comparison
from backproof.numerics.judge.diagnosis.causes import Cause, Search
from backproof.numerics.judge.diagnosis.circumstances import circumstances
from backproof.numerics.judge.diagnosis.layouts import other_layout
from backproof.numerics.judge.diagnosis.matching import Locals, matched
from backproof.numerics.judge.diagnosis.narrowing import suspects
from backproof.numerics.judge.diagnosis.plain_causes import LAST, PLAIN
from backproof.numerics.judge.diagnosis.probes import Probe
from backproof.numerics.judge.diagnosis.reproduction import reproduction
from backproof.numerics.judge.diagnosis.seen import Seen
from backproof.numerics.judge.diagnosis.shrinking import Shrinker
from backproof.numerics.judge.points.point import Point, Points
from backproof.numerics.judge.points.regimes import GENERIC
from backproof.numerics.judge.points.sizes import assignments
from backproof.numerics.judge.reference.running import Array, Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.printing.text import text

Progress = Callable[[str, int, int], None]
FOLLOWED = 3  # generic points at which the function's local variables are followed


@dataclass(frozen=True)
class Diagnosis:
    """The wrong outputs and the right ones; suspects; the first wrong quantity; causes; code.

    ``first`` is the first quantity of the equations that disagrees, ``equation`` its text; unless
    ``certain`` it is only the first that can be at fault.  ``example`` is a script that fails as
    long as the fault is there, on these ``arguments``.
    """

    wrong: tuple[str, ...]
    right: tuple[str, ...]
    when: str
    suspects: tuple[str, ...]
    first: str
    equation: str
    certain: bool
    locals: Locals | None
    causes: tuple[Cause, ...]
    example: str
    arguments: Mapping[str, Array]
    searched: int

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as data."""
        own = self.locals
        return {
            "wrong": list(self.wrong),
            "right": list(self.right),
            "when": self.when,
            "suspects": list(self.suspects),
            "first": self.first,
            "equation": self.equation,
            "certain": self.certain,
            "causes": [c.to_dict() for c in self.causes],
            "unexplained_local": None
            if own is None or own.first is None
            else {"name": own.first.name, "line": own.first.line, "source": own.source},
            "explained_locals": []
            if own is None
            else [{"name": m.name, "line": m.line, "is": m.words} for m in own.explained],
            "example": self.example,
            "mutations_tried": self.searched,
        }


def diagnose(
    subject: Subject, points: Points, trials: Sequence[Trial], progress: Progress
) -> Diagnosis:
    """Everything that can be said about a refuted function."""
    statement = subject.statement
    names = {name: t.name for name, t in statement.outputs.items()}
    plainly = [t for t in trials if t.wrong and not t.point.kinked]
    off = plainly or [t for t in trials if t.wrong]
    wrong = tuple(names[n] for n in names if any(n in t.wrong for t in off))
    missing = tuple(names[n] for n in names if any(n not in t.comparisons for t in trials))
    right = tuple(t for t in names.values() if t not in wrong and t not in missing)
    probes = probes_of(subject, points)
    if not missing and not any(p.off for p in probes):  # wrong at special points alone
        probes = _failing(statement, off) or probes
    seen_wrong = tuple(n for n in wrong if any(n in p.off for p in probes))
    progress("comparing local variables", 0, 1)
    own = matched(subject.binding, statement, _varied(probes)) if seen_wrong else None
    layout = other_layout(subject, trials)
    causes, searched = (
        ([layout], 0) if layout else _causes(statement, trials, probes, seen_wrong, progress)
    )
    blamed = suspects(statement, wrong or missing, right, own.seen if own is not None else ())
    certain = bool(causes and causes[0].place) or len(blamed) == 1
    first = causes[0].place if causes and causes[0].place else (blamed[0] if blamed else "")
    equation = text(statement.defining[first]) if first in statement.defining else ""
    failing = [t for t in trials if t.symptoms]
    shown = _example(subject, points, failing, progress)
    example = reproduction(subject, shown) if shown is not None else ""
    arguments = shown.point.values if shown is not None else {}
    when = circumstances(trials, [t for t in trials if t.wrong]) if wrong else ""
    return Diagnosis(
        wrong,
        right,
        when,
        tuple(blamed),
        first,
        equation,
        certain,
        own,
        tuple(causes),
        example,
        arguments,
        searched,
    )


def _failing(statement: Statement, trials: Sequence[Trial]) -> list[Probe]:
    """A few failing points away from kinks, with what the function returned there."""
    calm = [t for t in trials if not t.point.kinked]
    probes = [_seen(statement, t) for t in calm[: 2 * FOLLOWED]]
    full = [p for p in probes if p is not None and len(p.got) == len(statement.outputs)]
    return full[:FOLLOWED]


def _varied(probes: Sequence[Probe]) -> list[Probe]:
    """A few probes, of different sizes first: N = 2 alone cannot tell N from 2."""
    first = list({str(p.point.assignment): p for p in reversed(probes)}.values())[::-1]
    return [*first, *(p for p in probes if p not in first)][:FOLLOWED]


def probes_of(subject: Subject, points: Points) -> list[Probe]:
    """Generic points in float64 (or the format under test) with what the function returns there."""
    form = Format.of("float64")
    if points.form.digits > form.digits:
        form = points.form
    probes = _probes(subject, points, form)
    if not any(p.off for p in probes) and points.form.digits < form.digits:
        probes = _probes(subject, points, points.form)
    return probes


def _probes(subject: Subject, points: Points, form: Format) -> list[Probe]:
    statement = subject.statement
    fine = Points(statement, form, points.seed, points.given)
    found = []
    for number, assignment in enumerate(assignments(statement)[:4]):
        for regime in GENERIC[: 3 if number == 0 else 1]:
            point = fine.point(assignment, regime, (1 << 28) + 4 * number)
            if point is None or point.kinked:
                continue
            probe = _probe(subject, point)
            if probe is not None:
                found.append(probe)
    shared = set.intersection(*(set(p.got) for p in found)) if found else set()
    return [replace(p, got={n: a for n, a in p.got.items() if n in shared}) for p in found]


def _probe(subject: Subject, point: Point) -> Probe | None:
    """The results at a point, if all are arrays of finite numbers of the right shapes."""
    return _seen(subject.statement, subject.once(point))


def _seen(statement: Statement, trial: Trial) -> Probe | None:
    got = {
        statement.outputs[name].name: c.got
        for name, c in trial.comparisons.items()
        if statement.outputs[name].dtype == "real"
    }
    if not got or not all(np.all(np.isfinite(a)) for a in got.values()):
        return None
    return Probe(statement, trial.point, got)


def _causes(
    statement: Statement,
    trials: Sequence[Trial],
    probes: list[Probe],
    wrong: tuple[str, ...],
    progress: Progress,
) -> tuple[list[Cause], int]:
    seen = Seen(statement, trials, probes, wrong)
    for rule in PLAIN:
        cause = rule(seen)
        if cause is not None:
            return [cause], 0
    if not probes or not wrong:
        return [], 0
    search = Search(statement, probes, wrong)
    found = search.find(progress)
    for rule in LAST if not found else ():
        cause = rule(seen)
        if cause is not None:
            found = [cause]
    return found, search.tried


def _example(
    subject: Subject, points: Points, failing: Sequence[Trial], progress: Progress
) -> Trial | None:
    """The simplest failing trial."""
    if not failing:
        return None
    progress("shrinking the example", 0, 1)
    generic = [t for t in failing if not t.point.kinked]
    trial = (generic or list(failing))[0]
    if trial.wrong:
        name = trial.wrong[0]

        def fails(other: Trial) -> bool:
            return name in other.comparisons and _same_fault(trial, other, name)

    elif trial.case.first.raised is not None:
        kind = type(trial.case.first.raised)

        def fails(other: Trial) -> bool:
            return isinstance(other.case.first.raised, kind)

    else:
        symptoms = trial.symptoms

        def fails(other: Trial) -> bool:
            return bool(other.symptoms & symptoms)

    promises = not trial.wrong and trial.case.first.raised is None
    return Shrinker(subject, points, fails, bool(generic), promises).shrink(trial)


def _same_fault(trial: Trial, other: Trial, name: str) -> bool:
    """Whether an output is wrong again, and broken again if it was broken alone."""
    one: Comparison = trial.comparisons[name]
    two: Comparison = other.comparisons[name]
    only_broken = bool(np.all(one.broken == one.wrong))
    return bool(np.any(two.broken)) if only_broken else bool(np.any(two.wrong & ~two.broken))
