"""Findings about values: wrong numbers, NaN where the equations give a number, nothing decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backproof.numerics.judge.calls.subject import Trial
from backproof.numerics.judge.comparison import Comparison, apart
from backproof.numerics.judge.finding import Finding


def value_findings(trials: Sequence[Trial]) -> list[Finding]:
    """At most one finding of each kind for each output."""
    found = []
    names = dict.fromkeys(name for t in trials for name in t.case.outputs)
    for name in names:
        seen = [t for t in trials if name in t.comparisons]
        broken = [t for t in seen if np.any(t.comparisons[name].broken)]
        wrong = [t for t in seen if np.any(_finite_wrong(t.comparisons[name]))]
        if wrong:
            found.append(_wrong(name, wrong, len(seen)))
        if broken:
            found.append(_broken(name, broken, len(seen)))
        if seen and all(np.all(t.comparisons[name].open_) for t in seen):
            found.append(_open(name, seen))
    return found


def _finite_wrong(comparison: Comparison) -> np.ndarray:
    return comparison.wrong & ~comparison.broken


def _wrong(name: str, trials: Sequence[Trial], tried: int) -> Finding:
    trial = min(trials, key=lambda t: (t.point.kinked, not t.point.generic))
    comparison = trial.comparisons[name]
    place = Comparison(
        np.where(comparison.broken, comparison.value, comparison.got),
        comparison.value,
        comparison.tolerance,
    ).worst
    got, value = apart(comparison.got[place], comparison.value[place])
    tensor = trial.case.outputs[name].name
    where = f"{tensor}[{', '.join(map(str, place))}]" if place else tensor
    return Finding(
        "value",
        "wrong",
        tensor,
        f"{where} = {got}",
        f"{value} ± {float(comparison.tolerance[place]):.1g}",
        "see the diagnosis",
        str(trial.point),
        len(trials),
        tried,
    )


def _broken(name: str, trials: Sequence[Trial], tried: int) -> Finding:
    trial = trials[0]
    comparison = trial.comparisons[name]
    place = tuple(int(n) for n in np.argwhere(comparison.broken)[0]) if comparison.got.ndim else ()
    tensor = trial.case.outputs[name].name
    where = f"{tensor}[{', '.join(map(str, place))}]" if place else tensor
    return Finding(
        "finite",
        "wrong",
        tensor,
        f"{where} = {float(comparison.got[place])}",
        f"{float(comparison.value[place]):.6g}",
        "use the stable form: subtract the maximum before exp, np.logaddexp, scipy.special",
        str(trial.point),
        len(trials),
        tried,
    )


def _open(name: str, trials: Sequence[Trial]) -> Finding:
    tensor = trials[0].case.outputs[name].name
    return Finding(
        "undecided",
        "note",
        tensor,
        "no point at which the equations give a number that the format can hold",
        "one",
        "declare what the inputs are, e.g. bp.array('n', positive=True), or pass draw=",
    )
