"""Measures the three tools and writes the page.

    python docs/comparison            writes docs/comparison.json, .md and .html (some minutes)
    python docs/comparison --page     writes the page anew from docs/comparison.json

Needs the extra `docs` (tensorgrad). The HTML is not kept in the repository: it embeds its fonts.
With PYTHONHASHSEED=0 in the environment tensorgrad's factors come in the same order every time.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import multiprocessing
import os
import platform
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from judgement import answer, milliseconds
from losses import LOSSES
from page import PACKAGES, TOOLS, page

from backproof.pages import write

HERE = Path(__file__).resolve().parent
MEASURED = HERE.parent / "comparison.json"
ROUNDS = 5


def measured() -> dict[str, Any]:
    """All answers, and the times of those shown.

    Each is a task of a process of its own, forked from this one, which has only imported the
    tools: nothing that a tool remembers helps it the next time.
    """
    answers: dict[str, dict[str, Any]] = {}
    with multiprocessing.get_context("fork").Pool(1, _quiet, maxtasksperchild=1) as pool:
        for loss in LOSSES:
            answers[loss.name] = {}
            for tool in TOOLS:
                found = pool.apply(answer, (tool, loss.name))
                asked = (tool, loss.name, found["shown"])
                times = [pool.apply(milliseconds, asked) for _ in range(ROUNDS)]
                answers[loss.name][tool] = found | {"milliseconds": times}
                verdict = found["attempts"][found["shown"]]["verdict"]
                print(f"{loss.name}, {TOOLS[tool]}: {verdict}, {times} ms", file=sys.stderr)
    return {
        "versions": {name: version(name) for name in PACKAGES},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}",
        "answers": answers,
    }


def _quiet() -> None:
    warnings.simplefilter("ignore")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        "python docs/comparison", None, __doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page anew")
    if not parser.parse_args().page:
        for tool in TOOLS:
            importlib.import_module(f"by_{tool}")
        gc.freeze()  # else each process would copy and search all that was imported
        text = json.dumps(measured(), indent=1, ensure_ascii=False, sort_keys=True)
        MEASURED.write_text(text + "\n", "utf-8")
    shown = page(json.loads(MEASURED.read_text("utf-8")))
    for suffix in (".md", ".html"):
        write(shown, MEASURED.with_suffix(suffix))
