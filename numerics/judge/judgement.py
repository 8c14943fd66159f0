"""A function against the equations, at points chosen from the equations."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.asking import (
    States,
    asked,
    by_first_look,
    held_against,
    require_arguments,
)
from backproof.numerics.judge.calls.binding import Binding, Item, bind, lengths_of, names_in
from backproof.numerics.judge.calls.differentiated import differentiated, pinned, points_of
from backproof.numerics.judge.calls.subject import Subject, Trial, merged
from backproof.numerics.judge.conventions import Convention, differing
from backproof.numerics.judge.diagnosis.explanation import Diagnosis, diagnose
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.further import Further
from backproof.numerics.judge.points.point import SAFETY, Given, Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.searching import searched
from backproof.numerics.judge.statement import Statement
from backproof.numerics.judge.values import value_findings
from backproof.numerics.judge.verification import Effort, Verification
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.model import Model

Progress = Callable[[str, int, int], None]
NOTHING = Further()
STUBBORN = 8  # a function that has raised at so many points and returned at none is not tried on


def verify_equations(
    function: Callable[..., Any],
    against: Derivation | Model | States,
    inputs: Sequence[Item] | str | None,
    outputs: Sequence[Item] | str | None,
    form: Format,
    seed: int,
    given: Given,
    progress: Progress,
    more: Further = NOTHING,
) -> Verification:
    """Judge a function against a model, its derivation, or what an optimiser states."""
    against = held_against(against, function, inputs)
    arguments = dict(against.arguments)
    binding = pinned(bind(function, inputs, arguments, lengths=lengths_of(arguments)), arguments)
    with np.errstate(all="ignore"):
        if isinstance(against, Derivation) and _gradient(against):
            at, wrt = points_of(form, seed, given), tuple(against.results)
            binding = differentiated(binding, against, "value", wrt, "", at)
        items = asked(outputs, against)
        extra: list[Finding] = []
        if outputs is None:
            items, extra = by_first_look(binding, against, items, form, seed, given)
    return judged(binding, against, items, form, seed, given, extra, progress, more=more)


def judged(
    binding: Binding,
    against: Derivation | Model,
    items: tuple[Item, ...],
    form: Format,
    seed: int,
    given: Given,
    extra: Sequence[Finding] = (),
    progress: Progress | None = None,
    brief: bool = False,
    more: Further = NOTHING,
) -> Verification:
    """Judge a bound function; ``brief`` tries every regime, but at one assignment of sizes.

    ``more`` is asked where the points of the plan show no fault.
    """
    with np.errstate(all="ignore"):
        named = names_in(list(items))
        statement = Statement.of(against, named, binding.drawn, binding.pinned)
        require_arguments(statement, binding)
        subject = Subject(binding, items, statement)
        try:
            points = Points(statement, form, seed, given, brief)
            return _judged(subject, points, form, seed, list(extra), progress or silent, more)
        except UnsupportedError as error:
            return _unsupported(subject, error, form, seed)


def _gradient(against: Derivation) -> bool:
    """Whether a derivation is the gradient of a number by its arguments."""
    known = against.arguments
    same = all(n in known and t.shape == known[n].shape for n, t in against.results.items())
    return same and not against.value.shape


def _unsupported(
    subject: Subject, error: UnsupportedError, form: Format, seed: int
) -> Verification:
    """Nothing is claimed where an equation has something in it that the judge cannot compute."""
    finding = Finding("undecided", "note", error.where, error.found, error.expected, error.move)
    effort = Effort(0, {}, (), str(form.dtype), seed, SAFETY, float(form.unit))
    open_ = {t.name: "open" for t in subject.statement.outputs.values()}
    title = subject.binding.title
    return Verification(title, "not checked", (finding,), frozenset(), open_, effort)


def format_of(dtype: str | type) -> Format:
    """The floating format to judge in; any other kind of numbers is refused."""
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise BackproofError(
            "bp.verify", f"dtype {kind}", "a real floating type", "pass 'float64' or 'float32'"
        )
    return Format.of(kind)


def seed_of(seed: int | None) -> int:
    """The seed, drawn where none is given."""
    if seed is None:
        return secrets.randbits(32)
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise BackproofError("seed", repr(seed), "a whole number ≥ 0, or None", "pass seed=0")
    return int(seed)


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def _judged(
    subject: Subject,
    points: Points,
    form: Format,
    seed: int,
    extra: list[Finding],
    progress: Progress,
    more: Further = NOTHING,
) -> Verification:
    trials = _trials(subject, points, progress)
    beyond: list[Finding] = []
    if trials and not any(t.symptoms for t in trials):
        if more.search:
            progress("searching at random", 0, more.search)
            trials += searched(subject, points, more.search)
        beyond = list(more.findings(subject, points))
    found = [(t.point, f) for t in trials for f in t.findings]
    findings = [*merged(found, len(trials)), *value_findings(trials), *beyond, *extra]
    conventions: tuple[Convention, ...] = ()
    off = [t for t in trials if t.wrong]
    broken = any(f.weight == "wrong" and f.clause not in ("value", "finite") for f in findings)
    if off and not broken and all(t.point.kinked for t in off):
        kinked = [t for t in trials if t.point.kinked]
        conventions = differing(subject.statement, kinked)
    if conventions:
        findings = [f for f in findings if f.clause != "value"]
        findings += [
            Finding(
                "convention",
                "convention",
                c.equation,
                c.found,
                f"{c.stated}, as the equations state",
                "change it, or state the other convention where the function is documented",
            )
            for c in conventions
        ]
    states = _states(subject, trials, bool(conventions))
    verdict = _verdict(findings, states, bool(conventions))
    diagnosis: Diagnosis | None = None
    if verdict == "refuted" and any(t.symptoms for t in trials):
        diagnosis = diagnose(subject, points, trials, progress)
    grounds = frozenset() if verdict == "not checked" else frozenset({"derived", "sampled"})
    effort = Effort(
        len(trials),
        dict(Counter(t.point.regime for t in trials)),
        tuple(dict.fromkeys(str(t.point.assignment) for t in trials)),
        str(form.dtype),
        seed,
        SAFETY,
        float(form.unit),
        dict(points.left_out),
        dict(points.domain),
        exact=tuple(t.name for t in subject.statement.outputs.values() if t.dtype == "integer"),
        including=more.including,
    )
    title = subject.binding.title
    return Verification(title, verdict, tuple(findings), grounds, states, effort, diagnosis)


def _trials(subject: Subject, points: Points, progress: Progress) -> list[Trial]:
    total = len(points.plan())
    trials: list[Trial] = []
    earlier = None
    for point in points.all():
        trial = subject.at(point, earlier)
        earlier = trial.case.first
        trials.append(trial)
        progress("trying points", len(trials), total)
        if len(trials) == STUBBORN and all(t.case.first.raised for t in trials):
            break
    return trials


def _states(subject: Subject, trials: Iterable[Trial], convention: bool) -> dict[str, str]:
    """Of each output: right, wrong, or open when no point could decide."""
    states = {}
    for name, tensor in subject.statement.outputs.items():
        seen = [t.comparisons[name] for t in trials if name in t.comparisons]
        missing = any(name not in t.comparisons for t in trials)
        off = any(not c.agrees for c in seen)
        if off and convention:
            states[tensor.name] = "convention differs"
        elif off or missing:
            states[tensor.name] = "wrong"
        elif any(not np.all(c.open_) for c in seen):
            states[tensor.name] = "right"
        else:
            states[tensor.name] = "open"
    return states


def _verdict(findings: list[Finding], states: dict[str, str], convention: bool) -> str:
    wrong = any(f.weight == "wrong" for f in findings)
    if wrong or "wrong" in states.values():
        return "refuted"
    if convention:
        return "convention differs"
    return "not checked" if "open" in states.values() or not states else "verified"
