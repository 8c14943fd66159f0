"""Judges code that nobody here wrote, and writes the page.

    python docs/real_code               everything: docs/real_code.json, .md and .html (minutes)
    python docs/real_code NAME …        what the names contain, with the whole reports printed
    python docs/real_code --record NAME the same, and what is found goes into the page
    python docs/real_code --page        writes the page anew from docs/real_code.json

Needs the extras `bench` (torch, JAX, autograd).
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from judging import LIBRARIES, chosen, judged, recorded, subjects
from oracle import CONFIRMED
from page import packages, page

from backproof.pages import write

RECORDED = Path(__file__).resolve().parent.parent / "real_code.json"


def record(names: list[str]) -> None:
    """Judge what is chosen and keep it beside what was recorded before, one by one."""
    found = json.loads(RECORDED.read_text("utf-8"))["subjects"] if RECORDED.exists() else {}
    known = [s.name for library in LIBRARIES for s in subjects(library)]
    for subject in chosen(names):
        found[subject.name] = recorded(subject)
        said = [r["verdict"] for r in found[subject.name]["runs"].values()]
        print(f"{subject.name}: {', '.join(said)}", file=sys.stderr)
        kept: dict[str, Any] = {
            "versions": {name: version(name) for name in (*packages(), "mpmath", "backproof")},
            "subjects": {name: found[name] for name in known if name in found},
        }
        RECORDED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        "python docs/real_code", None, __doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--page", action="store_true", help="judge nothing, write the page anew")
    parser.add_argument("--record", action="store_true", help="judge the names for the page")
    given = parser.parse_args()
    if given.names and not given.record:
        for subject in chosen(given.names):
            for dtype in subject.dtypes:
                print(judged(subject, dtype), end="\n\n")
            print(*(CONFIRMED[subject.confirmed]() if subject.confirmed else ()), sep="\n")
        sys.exit()
    if not given.page:
        record(given.names)
    shown = page(json.loads(RECORDED.read_text("utf-8")))
    for suffix in (".md", ".html"):
        write(shown, RECORDED.with_suffix(suffix))
