"""The report of a verification as plain text."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from backproof.numerics.judge.clauses import by_level
from backproof.numerics.judge.diagnosis.explanation import Diagnosis
from backproof.numerics.judge.finding import Finding

if TYPE_CHECKING:
    from backproof.numerics.judge.verification import Verification

WIDTH = 96
MARKS = {"right": "✓", "wrong": "✗", "open": "?", "convention differs": "~"}


def report(result: Verification) -> str:
    """The whole explanation: verdict, outputs, what speaks against it, the cause, an example."""
    grounds = ", ".join(sorted(result.rests_on))
    head = f"{result.title}: {result.verdict}" + (f" (by: {grounds})" if grounds else "")
    parts = [[head], _outputs(result)]
    parts.append(_findings(result, "wrong", "What is wrong"))
    parts.append(_findings(result, "convention", "Another convention"))
    diagnosis = result.diagnosis
    if isinstance(diagnosis, Diagnosis):
        parts += [_where(diagnosis), _cause(diagnosis), _example(diagnosis)]
    parts.append(_findings(result, "note", "Notes"))
    parts.append(_block("What was checked", [*by_level(result.clauses), *result.effort.lines()]))
    return "\n\n".join("\n".join(part) for part in parts if part)


def _block(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [title, *(line for text in lines for line in _wrapped(text))]


def _wrapped(text: str, mark: str = "  ") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=mark, subsequent_indent="    ", break_long_words=False
    )


def _outputs(result: Verification) -> list[str]:
    return [
        f"  {MARKS.get(state, '?')} {name:<8} {state}" for name, state in result.outputs.items()
    ]


def _findings(result: Verification, weight: str, title: str) -> list[str]:
    """The findings of one weight; those that differ only by the object in one line."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in result.findings:
        if finding.weight == weight:
            own = finding.found if finding.clause not in ("value", "finite") else finding.where
            key = (finding.clause, own, finding.expected, finding.move, str(finding.times))
            alike.setdefault(key, []).append(finding)
    return _block(title, [_said(group) for group in alike.values()])


def _said(group: list[Finding]) -> str:
    """Findings alike; of values only what was found, since the diagnosis says more."""
    finding = replace(group[0], where=", ".join(f.where for f in group))
    if finding.clause not in ("value", "finite"):
        return str(finding)
    seen = f"at {finding.times} of {finding.tried} points, here {finding.at}"
    return f"{finding.found} where the equations give {finding.expected} ({seen})"


def _where(d: Diagnosis) -> list[str]:
    lines = []
    if d.when:
        lines.append(f"It goes wrong {d.when}.")
    if d.wrong and d.right and not set(d.suspects) <= set(d.wrong):
        lines.append(
            f"{_listed(d.wrong)} {_be(d.wrong)} wrong and {_listed(d.right)} right: what the wrong "
            f"need and the right do not is {_listed(d.suspects)}."
        )
    shaky = any(c.kind in ("overflow", "state", "layout", "arguments") for c in d.causes)
    if d.equation and not shaky:
        can = "disagrees" if d.certain else "can be at fault"
        lines.append(f"The first equation that {can}: {d.equation}")
    own = d.locals
    if own is not None:
        names = list(dict.fromkeys(m.words for m in own.explained))
        agrees = f"; before it agree: {', '.join(names[:12])}" if names else ""
        if own.astray is not None:
            held = own.astray
            told = f" (line {held.line}: {own.astray_source})" if own.astray_source else ""
            lines.append(f"Your {held.name}{told} holds {held.words}.")
        if own.first is not None:
            told = f" (line {own.first.line}: {own.source})" if own.source else ""
            lines.append(
                f"Your {own.first.name}{told} is the first value that no derived quantity "
                f"explains{agrees}."
            )
        elif names and own.astray is None:
            lines.append(
                f"Every local array is a derived quantity ({', '.join(names[:12])}): the fault "
                "is in an expression that no name holds."
            )
    return _block("Where it starts", lines)


def _cause(d: Diagnosis) -> list[str]:
    if not d.causes:
        if not d.wrong:
            return []
        tried = f"{d.searched} comparisons with mutated equations" if d.searched else "the rules"
        return _block("Why", [f"Nothing tried explains the numbers ({tried})."])
    lines = ["Why" if len(d.causes) == 1 else "Why: separate mistakes"]
    for cause in d.causes:
        lines += _wrapped(f"It looks like this: {cause.words}.")
        for yours, derived in cause.equations:
            lines.append(f"      yours    {yours}")
            if derived:
                lines.append(f"      derived  {derived}")
    return lines


def _example(d: Diagnosis) -> list[str]:
    if not d.example:
        return []
    return ["A small example", *(f"    {line}".rstrip() for line in d.example.splitlines())]


def _listed(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _be(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"
