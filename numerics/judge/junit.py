"""Verifications as a JUnit report, which build servers read: one test case for each clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

if TYPE_CHECKING:
    from backproof.numerics.judge.clauses import Clause
    from backproof.numerics.judge.verification import Verification

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[Verification]) -> str:
    """The text of a report: a suite for each function, a case for each clause.

    What is refuted is a failure of that type, and so is a convention that differs, since the exit
    code is not 0 either; what is not checked is skipped.  The level stands in each case.
    """
    root = xml.Element("testsuites", name="backproof")
    for result in results:
        root.append(_suite(result))
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(result: Verification) -> xml.Element:
    rows = result.clauses
    counts = [sum(_kind(row) == kind for row in rows) for kind in ("failure", "skipped")]
    suite = xml.Element(
        "testsuite",
        name=_text(result.title),
        tests=str(len(rows)),
        failures=str(counts[0]),
        errors="0",
        skipped=str(counts[1]),
    )
    properties = xml.SubElement(suite, "properties")
    facts = {
        "verdict": result.verdict,
        "rests on": ", ".join(sorted(result.rests_on)),
        "seed": str(result.effort.seed),
        "dtype": result.effort.dtype,
    }
    for name, value in facts.items():
        xml.SubElement(properties, "property", name=name, value=_text(value))
    for row in rows:
        suite.append(_case(row, result))
    xml.SubElement(suite, "system-out").text = _text(str(result))
    return suite


def _case(row: Clause, result: Verification) -> xml.Element:
    name = f"{row.where}: {row.promise}"
    case = xml.Element("testcase", classname=_text(result.title), name=_text(name), time="0")
    properties = xml.SubElement(case, "properties")
    for key, value in (("clause", row.name), ("level", row.level), ("verdict", row.verdict)):
        xml.SubElement(properties, "property", name=key, value=_text(value))
    kind = _kind(row)
    if kind == "failure":
        said = row.detail or row.verdict
        failure = xml.SubElement(case, "failure", type=row.verdict, message=_text(said))
        failure.text = _text(str(result))
    elif kind == "skipped":
        xml.SubElement(case, "skipped", message="not checked")
    return case


def _kind(row: Clause) -> str:
    kinds = {"refuted": "failure", "convention differs": "failure", "not checked": "skipped"}
    return kinds.get(row.verdict, "")


def _text(text: str) -> str:
    """Text without the control characters that XML forbids."""
    return FORBIDDEN.sub("\ufffd", text)
