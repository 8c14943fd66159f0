"""When it goes wrong: a property that all failing points share and no other point has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backproof.numerics.judge.calls.subject import Trial
from backproof.numerics.judge.points.point import Point


def circumstances(trials: Sequence[Trial], failing: Sequence[Trial]) -> str:
    """The property in words, or nothing where none tells the failing points from the others."""
    ids = {id(t) for t in failing}
    others = [t for t in trials if id(t) not in ids and _telling(t)]
    if not failing or not others:
        return ""
    shared = set.intersection(*(set(properties(t.point)) for t in failing))
    for name in properties(failing[0].point):
        if name in shared and not any(name in set(properties(t.point)) for t in others):
            return f"only {name}"
    return ""


def _telling(trial: Trial) -> bool:
    """Whether a point could have shown a fault."""
    return any(c.informative for c in trial.comparisons.values())


def properties(point: Point) -> Iterator[str]:
    """What may be special about a point, the most telling first."""
    sizes = point.assignment.sizes
    for symbol, n in sizes.items():
        yield f"where {symbol} = 1" if n == 1 else f"where {symbol} > 1"
    values = list(sizes.values())
    if len(values) > 1:
        yield "where sizes coincide" if len(set(values)) < len(values) else "where all sizes differ"
    if point.kinked:
        yield "where an argument lies exactly on a kink or tie"
    if "exponents" in point.regime or "confident" in point.regime:
        yield "where exponents are large"
    yield f"at {point.regime}"
