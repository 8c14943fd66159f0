"""The page about real code, from what was recorded."""

from __future__ import annotations

from typing import Any

from judging import LIBRARIES, PACKAGES

from backproof.pages.blocks import Block, Code, Page, Prose, Section, Table
from backproof.pages.inline import literal

MARKS = {"verified": "✓", "refuted": "✗", "convention differs": "~", "not checked": "?"}
KINDS = {
    "defect": "Deviations",
    "limit": "Limits",
    "convention": "Other conventions",
}
SAID = {
    "defect": "The numbers are not those of the quantity that the documentation names.",
    "limit": "The numbers are right up to a stated or visible bound, and less accurate beyond it.",
    "convention": "Correct code that makes another choice, at a kink or between two usual forms.",
}
Recorded = dict[str, Any]


def page(recorded: Recorded) -> Page:
    """The outcome, the deviations with their small examples, and every subject in a table."""
    found = recorded["subjects"]
    versions = ", ".join(f"{LIBRARIES.get(n, n)} {v}" for n, v in recorded["versions"].items())
    sections = [Section("The outcome", _outcome(found), "outcome")]
    for kind, title in KINDS.items():
        of_kind = {n: s for n, s in found.items() if s["outcome"] == kind}
        if of_kind:
            blocks: list[Block] = [Prose(SAID[kind])]
            for name, subject in of_kind.items():
                blocks += _told(name, subject)
            sections.append(Section(title, blocks, kind))
    for library, title in LIBRARIES.items():
        of_library = {n: s for n, s in found.items() if s["library"] == library}
        if of_library:
            sections.append(Section(title, [_table(of_library)], library))
    footer = "Written by `python docs/real_code`. What was recorded is in `real_code.json`."
    return Page("Code that nobody here wrote, judged", versions, sections, footer)


def _outcome(found: Recorded) -> list[Block]:
    rows = []
    for library, title in LIBRARIES.items():
        own = [s for s in found.values() if s["library"] == library]
        counts = [sum(s["outcome"] == kind for s in own) for kind in ("", *KINDS)]
        rows.append([title, str(len(own)), *(str(n) if n else "·" for n in counts)])
    total = [sum(s["outcome"] == kind for s in found.values()) for kind in ("", *KINDS)]
    rows.append(["**all**", f"**{len(found)}**", *(f"**{n}**" for n in total)])
    header = ("library", "functions", "verified", "deviate", "limited", "other convention")
    return [
        Table(header, rows),
        Prose(
            "Each function is held against equations, in double and in single precision (those of "
            "JAX in single precision, which is its own), at points that the equations suggest and "
            "at random ones: both tails, kinks and ties, sizes of 1, confident mistakes, views. "
            "Values and the library's own gradients are judged, each entry by its own "
            "tolerance. Samplers and estimators are "
            "held against the enumeration of small machines, with a false-alarm rate of at most "
            "one in a million a run. Verified says that nothing was found at these points; "
            "`docs/what_is_not_proved.md` says what that leaves open."
        ),
        Prose(
            "Whatever is told here as a deviation is shown a second time, without the judge: by "
            "mpmath, by enumeration, by differences of the returned loss "
            "(`docs/real_code/oracle.py`). `python docs/real_code NAME` judges one function again "
            "and prints the whole report."
        ),
    ]


def _told(name: str, subject: Recorded) -> list[Block]:
    dtype, run = next(
        ((d, r) for d, r in subject["runs"].items() if r["verdict"] != "verified"),
        next(iter(subject["runs"].items())),
    )
    wrong = [o for o, state in run["outputs"].items() if state != "right"]
    right = [o for o, state in run["outputs"].items() if state == "right"]
    beside = f"; right: {', '.join(f'`{o}`' for o in right)}" if right else ""
    verdict = f"{run['verdict']}, {dtype}: {', '.join(f'`{o}`' for o in wrong)}{beside}"
    blocks: list[Block] = [Prose(f"**{literal(name)}** · {verdict}"), Prose(subject["words"])]
    causes = run["causes"] or run["findings"][:1]
    if causes:
        blocks.append(Prose("The judge says: " + literal("; ".join(causes)) + "."))
    blocks.append(
        Prose("Without the judge: " + "; ".join(map(literal, subject["confirmed"])) + ".")
    )
    if run["example"]:
        blocks.append(Code(_short(run["example"])))
    blocks.append(Code(f'python docs/real_code "{name}"', "sh"))
    return blocks


def _short(example: str) -> str:
    """Without the lines that are too long to read."""
    return "\n".join(
        line if len(line) < 160 else f"{line[:100]} …" for line in example.splitlines()
    )


def _table(found: Recorded) -> Table:
    rows = []
    for name, subject in found.items():
        runs = subject["runs"]
        verdicts = ", ".join(dict.fromkeys(f"{MARKS[r['verdict']]} {r['verdict']}"
                                           for r in runs.values()))  # fmt: skip
        outputs = ", ".join(f"`{o}`" for o in next(iter(runs.values()))["outputs"])
        level = ", ".join(next(iter(runs.values()))["rests on"])
        points = ", ".join(f"{r['points']:,}" for r in runs.values())
        rows.append([literal(name), f"`{subject['against']}`", outputs, level,
                     ", ".join(runs), points, verdicts])  # fmt: skip
    header = ("function", "against", "judged", "rests on", "in", "points or draws", "verdict")
    return Table(header, rows)


def packages() -> list[str]:
    """The names under which the libraries are installed."""
    return [PACKAGES.get(library, library) for library in LIBRARIES]
