"""A verdict as a page: each clause with its level, the cause, a counterexample, the equations."""

from __future__ import annotations

import inspect
from typing import Any

from backproof.documents.chapters.material import Material
from backproof.documents.chapters.results import results
from backproof.documents.chapters.statement import statement
from backproof.numerics.judge import Verification
from backproof.numerics.judge.clauses import LEVELS, Clause
from backproof.pages.blocks import MARKS, Block, Code, Page, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.model import Model
from backproof.theory.specs import Specification

UNBROKEN = "\N{NO-BREAK SPACE}"
HEADER = ("clause", "verdict", "level", "what was found")


def verdict_page(result: Verification, against: Any = None) -> Page:
    """The page of one verification; with ``against``, the equations that it was held against."""
    sections = [_verdict(result), _clauses(result)]
    if result.diagnosis is not None:
        sections.append(_diagnosis(result))
    sections += _equations(against)
    sections.append(Section("The whole report", [Code(str(result), "text")], anchor="report"))
    heading = f"`{result.title}`: {result.verdict}" if result.title else result.verdict
    return Page(heading.replace("``", "`"), "Held against derived equations by backproof", sections)


def _verdict(result: Verification) -> Section:
    """The verdict of each output, and what it all rests on."""
    states = {"right": "verified", "wrong": "refuted", "open": "not checked"}
    rows = [
        (f"`{name}`", _marked(states.get(state, state))) for name, state in result.outputs.items()
    ]
    grounds = ", ".join(sorted(result.rests_on)) or "nothing"
    blocks: list[Block] = [
        Prose(f"{_marked(result.verdict)}, by: {literal(grounds)}."),
        Table(("output", "verdict"), rows),
    ]
    return Section("The verdict", blocks, anchor="verdict")


def _clauses(result: Verification) -> Section:
    """A table for each output, and one for the function: every clause with its level."""
    groups: dict[str, list[Clause]] = {}
    for clause in result.clauses:
        groups.setdefault(clause.where, []).append(clause)
    if len(groups) > 8:  # tests of draws: each has words of its own
        groups = {"": list(result.clauses)}
    blocks: list[Block] = []
    for where, own in groups.items():
        if where:
            blocks.append(Prose(f"**{literal(where)}**"))
        width = len(HEADER) if any(c.detail for c in own) else len(HEADER) - 1
        rows = [_row(clause, not where)[:width] for clause in own]
        blocks.append(Table(HEADER[:width], rows))
    used = {c.level.split(" at ")[0] for c in result.clauses}
    ways = "; ".join(f"**{level}**: {words}" for level, words in LEVELS.items() if level in used)
    blocks.append(Prose(f"Levels. {ways}."))
    blocks.append(Prose(literal("; ".join(result.effort.lines()) + ".")))
    return Section("Every clause, and its level", blocks, anchor="clauses")


def _row(clause: Clause, named: bool) -> tuple[str, ...]:
    told = f"{clause.where}: {clause.promise}" if named else clause.promise
    return (literal(told), _marked(clause.verdict), literal(clause.level), literal(clause.detail))


def _marked(verdict: str) -> str:
    mark = MARKS.get(verdict, "")  # type: ignore[call-overload]
    words = verdict.replace(" ", UNBROKEN)
    return mark + UNBROKEN + (words if verdict == "verified" else f"**{words}**")


def _diagnosis(result: Verification) -> Section:
    """The named cause with both equations, and the counterexample as code."""
    found = result.diagnosis
    blocks: list[Block] = []
    if found.when:
        blocks.append(Prose(literal(f"It goes wrong {found.when}.")))
    for cause in found.causes:
        blocks.append(Prose(f"It looks like this: {literal(cause.words)}."))
        lines = [
            line
            for yours, derived in cause.equations
            for line in (f"yours    {yours}", f"derived  {derived}" if derived else "")
            if line
        ]
        if lines:
            blocks.append(Code("\n".join(lines), "text"))
    if not found.causes:
        blocks.append(Prose("No change of the equations that was tried explains the numbers."))
    if found.example:
        blocks += [Prose("A counterexample, as small as one was found:"), Code(found.example)]
    return Section("Why, and where it shows", blocks, anchor="diagnosis")


def _equations(against: Any) -> list[Section]:
    """The statement and what was derived, or the words of what has no equations."""
    derivation: Derivation | None = None
    if isinstance(against, Specification):
        model = against.model()
        derivation = against.derivation() if against.wrt else None
    elif isinstance(against, Derivation):
        model, derivation = against.model, against
    elif isinstance(against, Model):
        model = against
    elif against is None:
        return []
    else:
        words = inspect.getdoc(type(against)) or repr(against)
        return [Section("What it is held against", [Code(words, "text")], anchor="statement")]
    material = Material(model, derivation)
    derived = results(material)
    return [statement(material), *([derived] if derived is not None else [])]
