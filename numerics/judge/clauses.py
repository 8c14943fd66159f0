"""What a verdict is made of: one row for each clause and object, with the level it was looked at.

    verdict(function) = worst verdict of its clauses

A level says how much a row is worth: no tolerance at all, every case, a tolerance, chance, nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backproof.numerics.judge.finding import Finding

LEVELS = {
    "exact": "compared without a tolerance, at every point that was tried",
    "enumerated": "every one of finitely many cases",
    "tested to tolerance": "compared with the equations in extended precision, entry by entry, at "
    "every point that was tried",
    "statistical": "draws, tested at the level α that is named",
    "not checked": "nothing was decided",
}
STATES = {"right": "verified", "wrong": "refuted", "open": "not checked"}
OF_OUTPUTS = {"type": "exact", "shape": "exact", "dtype": "exact"}
OF_FUNCTIONS = {
    "raises": "exact",
    "count": "exact",
    "arguments": "exact",
    "randomness": "exact",
    "lasting": "exact",
    "repeatable": "tested to tolerance",
    "views": "tested to tolerance",
    "initialised": "tested to tolerance",
}
PROMISES = {
    "value": "its values follow the equations",
    "type": "it is an array of numbers",
    "shape": "it has the shape of what it is the value of",
    "dtype": "it is in the format of the arguments",
    "raises": "it returns at every point",
    "count": "it returns what was asked for",
    "arguments": "its arguments stay as they were, copies and views",
    "randomness": "no generator is used that everything shares",
    "lasting": "its results outlast the next call",
    "repeatable": "a second call gives the same",
    "views": "views and read-only arrays are read as copies are",
    "initialised": "nothing is read from np.empty",
    "empty": "it takes empty arrays, where sums of nothing are 0",
    "integer": "arrays of an integer type give what floating ones give",
    "non-finite": "±∞ give the limit, and nan stays nan",
    "default": "its defaults are those of the specification",
    "distribution": "its draws follow the distribution",
    "used": "its generator is used",
    "reproducible": "the same generator gives the same draws",
    "support": "its draws are states of the model",
    "length": "it records every step",
}


@dataclass(frozen=True)
class Clause:
    """One row: a clause about an output or the function, its verdict, and the level of that.

    ``level`` is one of `LEVELS`, with the α of a test after "statistical".

    >>> Clause("shape", "dW", "verified", "exact").promise
    'it has the shape of what it is the value of'
    """

    name: str
    where: str
    verdict: str
    level: str
    detail: str = ""

    @property
    def promise(self) -> str:
        """The clause in words."""
        return PROMISES.get(self.name, self.name)

    def to_dict(self) -> dict[str, Any]:
        """The row as data."""
        return {
            "clause": self.name,
            "promise": self.promise,
            "where": self.where,
            "verdict": self.verdict,
            "level": self.level,
            "detail": self.detail,
        }


def clauses_at_points(
    title: str,
    outputs: Mapping[str, str],
    findings: Sequence[Finding],
    points: int,
    exact: Sequence[str] = (),
    including: Sequence[str] = (),
) -> tuple[Clause, ...]:
    """The rows of a function that was called at points.

    ``exact`` are the outputs without a tolerance, labels and positions.  Where no call returned,
    only that is known.
    """
    silent = any(f.clause == "raises" and f.times >= f.tried for f in findings) or not points
    rows = []
    for name, state in outputs.items():
        level = "exact" if name in exact else "tested to tolerance"
        verdict = "not checked" if silent else STATES.get(state, state)
        own = _of(findings, ("value", "finite"), name)
        if state == "convention differs":
            own = [f for f in findings if f.clause == "convention"]
        detail = "; ".join(map(_said, own))
        rows.append(Clause("value", name, verdict, _level(level, verdict), detail))
        rows += [_row(c, name, findings, level, silent) for c, level in OF_OUTPUTS.items()]
    for clause, level in OF_FUNCTIONS.items():
        unknown = silent and (clause != "raises" or not points)
        rows.append(_row(clause, title, findings, level, unknown, anywhere=True))
    refuted = any(row.verdict == "refuted" for row in rows)  # then nothing further was tried
    for kind in including:
        unknown = refuted or any(f.clause == kind and f.weight == "note" for f in findings)
        rows.append(_row(kind, title, findings, "tested to tolerance", unknown, anywhere=True))
    rows += [
        Clause(f.clause, f.where, "convention differs", "exact", _said(f))
        for f in findings
        if f.weight == "convention" and f.clause != "convention"
    ]
    return tuple(rows)


def _row(
    clause: str,
    where: str,
    findings: Sequence[Finding],
    level: str,
    unknown: bool,
    anywhere: bool = False,
) -> Clause:
    own = _of(findings, (clause,), "" if anywhere else where)
    verdict = "refuted" if own else "not checked" if unknown else "verified"
    detail = "; ".join(f"{f.where}: {_said(f)}" if anywhere else _said(f) for f in own)
    return Clause(clause, where, verdict, _level(level, verdict), detail)


def _of(findings: Sequence[Finding], clauses: tuple[str, ...], where: str) -> list[Finding]:
    """The findings of some clauses that refute, about one object or about any."""
    wrong = (f for f in findings if f.weight == "wrong" and f.clause in clauses)
    return [f for f in wrong if not where or f.where == where]


def _level(level: str, verdict: str) -> str:
    return "not checked" if verdict == "not checked" else level


def _said(finding: Finding) -> str:
    return f"found {finding.found}, expected {finding.expected}"


def by_level(clauses: Sequence[Clause]) -> list[str]:
    """One line for each level: what was looked at so.

    >>> by_level([Clause(name, "dW", "verified", "exact") for name in ("shape", "type")])
    ['exact: shape, type']
    """
    found: dict[str, dict[str, None]] = {}
    for clause in clauses:
        found.setdefault(clause.level, {})[clause.name] = None
    return [f"{level}: {', '.join(names)}" for level, names in found.items()]
