"""The function under test: called at a point, its results compared and its promises checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from backproof.numerics.judge.calls.binding import Binding, Item
from backproof.numerics.judge.calls.calling import Call, call
from backproof.numerics.judge.calls.case import Case
from backproof.numerics.judge.calls.contract import CLAUSES
from backproof.numerics.judge.calls.unpacking import Unpacked, unpack
from backproof.numerics.judge.comparison import Comparison
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.points.point import Point
from backproof.numerics.judge.statement import Statement


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Trial:
    """What was seen at one point."""

    point: Point
    case: Case
    comparisons: dict[str, Comparison]
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """The outputs that are wrong here."""
        return [name for name, c in self.comparisons.items() if not c.agrees]

    @property
    def symptoms(self) -> set[tuple[str, str]]:
        """What went wrong: pairs of a clause and an output or argument."""
        found = {(f.clause, f.where) for f in self.findings if f.weight == "wrong"}
        return found | {("value", self.case.outputs[name].name) for name in self.wrong}


@dataclass(frozen=True)
class Subject:
    """The function, how it is called, and what it is asked to return."""

    binding: Binding
    items: tuple[Item, ...]
    statement: Statement

    def at(self, point: Point, earlier: Call | None = None) -> Trial:
        """Call the function four times at a point, and look at everything it did."""
        first = again = viewed = poisoned = call(self.binding, point.values)
        if not first.raised:
            again = call(self.binding, point.values, "read-only")
            viewed = call(self.binding, point.values, "view")
            poisoned = call(self.binding, point.values, poisoned=True)
        outputs = self.statement.outputs
        case = Case(
            self.binding.title,
            point,
            first,
            again,
            self.unpacked(first),
            self.unpacked(again),
            outputs,
            earlier,
            viewed,
            self.unpacked(viewed),
            poisoned,
            self.unpacked(poisoned),
        )
        findings = [finding for clause in CLAUSES for finding in clause(case)]
        return Trial(point, case, self.compared(case), findings)

    def once(self, point: Point) -> Trial:
        """Call the function once at a point, and compare its results alone."""
        first = call(self.binding, point.values)
        results = self.unpacked(first)
        outputs = self.statement.outputs
        case = Case(self.binding.title, point, first, first, results, results, outputs)
        return Trial(point, case, self.compared(case))

    def unpacked(self, made: Call) -> Unpacked:
        """The results of a call by name; none where it raised."""
        if made.raised is not None:
            return Unpacked()
        return unpack(made.returned, self.items, self.statement.outputs)

    def compared(self, case: Case) -> dict[str, Comparison]:
        """Each result of the right shape beside its reference."""
        found = {}
        for name, tensor in self.statement.outputs.items():
            got = case.array(name)
            if got is not None:
                point = case.point
                found[name] = Comparison(
                    got, point.value(tensor.name), np.asarray(point.tolerance(tensor.name))
                )
        return found


def merged(findings: Iterable[tuple[Point, Finding]], tried: int) -> list[Finding]:
    """Findings of one clause about one object as one finding, with how often it was seen."""
    groups: dict[tuple[str, str, str], list[tuple[Point, Finding]]] = {}
    findings = list(findings)
    named = any(f.clause == "arguments" and f.where in p.values for p, f in findings)
    for point, finding in findings:
        if named and finding.clause == "arguments" and finding.where not in point.values:
            continue  # the argument that is changed is known by its name
        key = (finding.clause, finding.where, finding.weight)
        groups.setdefault(key, []).append((point, finding))
    found = []
    for group in groups.values():
        point, first = group[0]
        found.append(
            Finding(
                first.clause,
                first.weight,
                first.where,
                first.found,
                first.expected,
                first.move,
                str(point),
                len(group),
                tried,
            )
        )
    return found
