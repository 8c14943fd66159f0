"""A function that raises everywhere may keep its matrices the other way round."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.diagnosis.causes import Cause

TURNED = 4  # matrices of which every combination is tried


def other_layout(subject: Subject, trials: Sequence[Trial]) -> Cause | None:
    """The matrices that the function wants transposed, if it then runs.

    Points where all sizes differ decide; a matrix is a real argument with two axes.
    """
    raising = [t for t in trials if t.case.first.raised is not None]
    if not raising or any(t.case.first.raised is None and t.point.generic for t in trials):
        return None
    point = next((t.point for t in raising if t.point.generic), raising[0].point)
    given = list(subject.binding.names)
    arguments = subject.statement.arguments
    matrices = [n for n in given if len(arguments[n].shape) == 2 and arguments[n].dtype == "real"]
    matrices.sort(key=lambda n: n not in subject.statement.parameters)
    chosen = matrices[:TURNED]
    for count in range(len(chosen), 0, -1):
        for turned in itertools.combinations(chosen, count):
            values = dict(point.values)
            for name in turned:
                values[name] = np.ascontiguousarray(values[name].T)
            if call(subject.binding, values).raised is None:
                names = ", ".join(turned)
                shapes = ", ".join(f"{n} ({_axes(subject, n)})" for n in turned)
                words = (
                    f"it runs when {names} come transposed: the model states {shapes}; "
                    "transpose inside the function, or state the model that way"
                )
                return Cause("layout", words, "")
    return None


def _axes(subject: Subject, name: str) -> str:
    return ", ".join(map(str, subject.statement.arguments[name].shape))
