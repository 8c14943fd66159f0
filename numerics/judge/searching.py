"""A random search for a failing point, by hypothesis, which shrinks what it finds."""

from __future__ import annotations

from typing import Any

from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.points.random_search import Drawn, arguments, library


class _Fault(Exception):
    """The function fails at a point."""


def searched(subject: Subject, points: Points, count: int) -> list[Trial]:
    """Up to ``count`` trials; the last one is the smallest failing one, if one fails.

    The examples follow from the seed of the points alone; nothing is kept between runs.

    Raises `BackproofError` where hypothesis is not installed.
    """
    hypothesis: Any = library()
    phases = hypothesis.Phase
    held: list[Trial] = []
    failing: list[Trial] = []

    @hypothesis.seed(points.seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(phases.generate, phases.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(arguments(points))
    def look(drawn: Drawn) -> None:
        point = points.at(drawn.assignment, drawn.regime, drawn.values)
        hypothesis.assume(point is not None)
        assert point is not None
        trial = subject.at(point)
        if trial.symptoms:
            failing.append(trial)
            raise _Fault
        held.append(trial)

    try:
        look()
    except _Fault:
        return [*held, failing[-1]]  # the smallest is replayed last
    except hypothesis.errors.Unsatisfiable:
        return held
    return held
