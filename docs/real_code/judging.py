"""Runs the judge on a subject, and keeps what it says as data."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from oracle import CONFIRMED
from subject import Subject

import backproof as bp
from backproof.numerics.judge import Verification
from backproof.specs import named

LIBRARIES = {
    "scipy": "SciPy",
    "numpy": "NumPy",
    "sklearn": "scikit-learn",
    "autograd": "autograd",
    "torch": "torch",
    "jax": "JAX",
}
PACKAGES = {"sklearn": "scikit-learn"}  # where the name to install is another
SEED = 1


def subjects(library: str) -> tuple[Subject, ...]:
    """Those of a library, which has to be installed."""
    found: tuple[Subject, ...] = importlib.import_module(f"by_{library}").SUBJECTS
    return found


def chosen(names: list[str]) -> Iterator[Subject]:
    """The subjects whose names contain one of some texts; every one where there is none."""
    for library in LIBRARIES:
        if not names or any(n.startswith(library) or library.startswith(n) for n in names):
            for subject in subjects(library):
                if not names or any(n in subject.name for n in names):
                    yield subject


def judged(subject: Subject, dtype: str, seed: int = SEED) -> Verification:
    """The verdict about a subject in one format."""
    against = named(subject.against) if isinstance(subject.against, str) else subject.against()
    result = bp.verify(
        subject.make(), against, subject.inputs, subject.outputs, dtype=dtype, seed=seed
    )
    return replace(result, title=subject.name)


def recorded(subject: Subject) -> dict[str, Any]:
    """What is kept of all verdicts about a subject."""
    runs = {}
    for dtype in subject.dtypes:
        result = judged(subject, dtype)
        effort = result.effort
        deviation = [f for f in result.findings if f.weight != "note"]
        runs[dtype] = {
            "verdict": result.verdict,
            "rests on": sorted(result.rests_on),
            "outputs": dict(result.outputs),
            "points": effort.points or sum(t.draws for t in getattr(effort, "tests", ())),
            "findings": [f"{f.where}: {f.found}; expected {f.expected}" for f in deviation][:3],
            "causes": [c.words for c in getattr(result.diagnosis, "causes", ())],
            "example": getattr(result.diagnosis, "example", "") or "",
        }
    confirmed = CONFIRMED[subject.confirmed]() if subject.confirmed else []
    return {"library": subject.library, "runs": runs, "confirmed": confirmed,
            "outcome": subject.outcome, "words": subject.words,
            "against": subject.against if isinstance(subject.against, str) else
            f"{subject.against.__name__}()"}  # fmt: skip
