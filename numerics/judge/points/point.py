"""Points at which a function is tried: sizes, values, and the reference with its tolerance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.numerics.judge.points.drawing import Draw, Values
from backproof.numerics.judge.points.regimes import GENERIC, REGIMES, Regime
from backproof.numerics.judge.points.sizes import Assignment, assignments, possible, random_sizes
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import EXTENDED, Array, Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.errors import BackproofError, UnsupportedError

SAFETY = 16  # the stated factor between the running error bound and what is refuted
FLOOR = (
    8  # smallest positive numbers of the format (normal ones, where it flushes) that are allowed
)
SEARCH = 8  # points with random sizes and a random regime
MANY = 64  # entries of a vector at which every threshold is likely to be met
LARGE = 30_000  # numbers in the arguments from which fewer points are tried

Given = Mapping[str, Callable[[np.random.Generator, tuple[int, ...]], Any]]


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Point:
    """Arguments, why they were chosen, and the quantities that the equations give there."""

    assignment: Assignment
    regime: str
    values: Values
    reference: Evaluation
    generic: bool

    @property
    def kinked(self) -> bool:
        """Whether some argument lies exactly on a kink or a tie."""
        return bool(self.reference.kinks)

    @property
    def form(self) -> Format:
        """The format under test."""
        return self.reference.form

    def value(self, name: str) -> Array:
        """The reference value of a quantity."""
        return reference_value(self.reference, name)

    def tolerance(self, name: str) -> Array:
        """What correct code may miss: the safety factor times the running error, and a floor."""
        return tolerance(self.reference, name)

    def __str__(self) -> str:
        sizes = str(self.assignment)
        return f"{self.regime}" + (f", {sizes}" if sizes else "")


def reference_value(evaluation: Evaluation, name: str) -> Array:
    """The value of a quantity, also of one that is a label or position."""
    if name in evaluation.whole:
        return evaluation.whole[name].astype(EXTENDED)
    return evaluation.real[name].value


def tolerance(evaluation: Evaluation, name: str) -> Array:
    """The tolerance of one quantity of an evaluation; ∞ where nothing can be said."""
    if name in evaluation.whole:
        return np.zeros(evaluation.whole[name].shape, EXTENDED)
    running = evaluation.real[name]
    facts = np.finfo(evaluation.form.dtype)
    least = facts.tiny if evaluation.form.flushes else facts.smallest_subnormal
    floor = FLOOR * EXTENDED(least)
    allowed = SAFETY * running.error + floor
    holds = np.isfinite(running.value) & (
        np.abs(running.value) + allowed < evaluation.form.largest / 16
    )
    return np.where(holds, allowed, EXTENDED(np.inf))


class Points:
    """Draws the points for a statement; every one depends on the seed and its number alone."""

    def __init__(
        self, statement: Statement, form: Format, seed: int, given: Given, brief: bool = False
    ) -> None:
        self.statement, self.form, self.seed, self.given = statement, form, seed, given
        self.brief = brief
        self.assignments = assignments(statement)
        self.domain: dict[str, str] = {}
        self.domain = domain(self.draw(self.assignments[0], 0))
        self.left_out: Counter[str] = Counter()
        self.reason = ""

    def draw(self, assignment: Assignment, number: int) -> Draw:
        """What a regime draws from at the point of this number."""
        rng = np.random.default_rng([self.seed, number])
        return Draw(rng, self.statement, assignment.sizes, self.form, self.domain, self.given)

    def plan(self) -> list[tuple[Assignment, Regime]]:
        """Every regime at the first assignment, some at all, and a random search."""
        first, *others = self.assignments
        large = sum(a.size for a in self.draw(first, 0).values().values()) > LARGE
        pairs = [(first, regime) for regime in REGIMES]
        if len(self.statement.sizes) == 1:  # a vector is cheap to make long
            many = dict.fromkeys(self.statement.sizes, MANY)
            longer = Assignment("many entries", {**self.statement.fixed, **many})
            if possible(self.statement, longer.sizes):
                pairs += [(longer, r) for r in REGIMES if r.name == "thresholds of the format"]
        if self.brief:
            return pairs
        for assignment in others[:2] if large else others:
            pairs += [(assignment, regime) for regime in REGIMES if regime.everywhere]
        rng = np.random.default_rng([self.seed, 1 << 20])
        for _ in range(2 if large else SEARCH):
            sizes = random_sizes(self.statement, rng)
            if sizes is not None:
                regime = REGIMES[rng.integers(len(REGIMES))]
                pairs.append((Assignment("random sizes", sizes), regime))
        return pairs

    def all(self) -> Iterator[Point]:
        """The points of the plan; one that no format could decide is left out, with its reason."""
        for number, (assignment, regime) in enumerate(self.plan()):
            point = self.point(assignment, regime, number)
            if point is not None:
                yield point

    def point(self, assignment: Assignment, regime: Regime, number: int) -> Point | None:
        """The point of a regime, if the regime applies and the reference can be represented."""
        for attempt in range(3):
            draw = self.draw(assignment, number + (attempt << 24))
            values = regime.draw(draw)
            if values is None:
                return None
            found = self.at(assignment, regime.name, values, regime in GENERIC)
            if found is not None:
                return found
        self.left_out[self.reason] += 1
        return None

    def at(
        self, assignment: Assignment, regime: str, values: Values, generic: bool = False
    ) -> Point | None:
        """A point with these values, or `None` for a ``reason`` why nothing can be judged there."""
        self.reason = "the equations give no number there"
        reference = Evaluation(self.form, assignment.sizes, values)
        try:
            reference.run(self.statement.equations)
        except UnsupportedError:
            raise
        except BackproofError:  # a position outside its axis at these sizes
            return None
        names = [t.name for t in self.statement.outputs.values()]
        if all(np.all(np.isfinite(reference_value(reference, n))) for n in names):
            self.reason = ""
        if self.reason:
            return None
        if reference.doubtful:
            self.reason = "rounding decides a tie there"
        elif reference.beyond:
            self.reason = f"{self.form.dtype} cannot hold the numbers there"
        if self.reason:
            return None
        return Point(assignment, regime, values, reference, generic and not reference.kinks)


def domain(draw: Draw) -> dict[str, str]:
    """Where undeclared arguments must lie for the equations to be defined.

    Numbers of both signs are tried first; then positive ones, then numbers between 0 and 1, each
    for as few arguments as possible.
    """
    names = [n for n in draw.statement.arguments if draw.loose(n)]
    if _defined(draw):
        return {}
    for kind in ("positive", "unit"):
        chosen = dict.fromkeys(names, kind)
        if not _defined(replace(draw, domain=chosen)):
            continue
        for name in names:
            fewer = {n: k for n, k in chosen.items() if n != name}
            if _defined(replace(draw, domain=fewer)):
                chosen = fewer
        return chosen
    return {}


def _defined(draw: Draw) -> bool:
    """Whether the outputs are finite at three normal points."""
    for _ in range(3):
        here = draw.quantities(draw.values())
        for tensor in draw.statement.outputs.values():
            running = here.real.get(tensor.name)
            if running is not None and not np.all(np.isfinite(running.value)):
                return False
    return True
