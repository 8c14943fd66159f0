"""The command `verify`: a function of a file is judged, and reports are written."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from backproof import specs
from backproof.commands.options import (
    JUDGED,
    Along,
    AsJson,
    Assumed,
    Each,
    Html,
    Junit,
    Labels,
    Order,
    Precision,
    Quiet,
    Search,
    Seed,
    Shapes,
    Wrt,
)
from backproof.commands.references import named_function
from backproof.commands.showing import as_json
from backproof.commands.statements import Statement, names
from backproof.commands.terminal import console, counted, refusals, verdict
from backproof.numerics import judge
from backproof.testing import save
from backproof.theory.errors import BackproofError

EXIT_CODES = {"verified": 0, "refuted": 1, "convention differs": 3, "not checked": 4}


def verify(
    function: Annotated[str, typer.Argument(metavar="FILE.py::NAME", help="The code to judge.")],
    against: Annotated[str, typer.Option(metavar="STATEMENT", help=JUDGED)],
    shape: Shapes = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    assume: Assumed = [],  # noqa: B006
    wrt: Wrt = [],  # noqa: B006
    order: Order = 1,
    along: Along = None,
    per_sample: Each = None,
    inputs: Annotated[
        list[str], typer.Option(metavar="X,W", help="The arguments, in the function's order.")
    ] = [],  # noqa: B006
    outputs: Annotated[
        list[str], typer.Option(metavar="W,b", help="What it returns, in order.")
    ] = [],  # noqa: B006
    dtype: Annotated[
        Precision | None,
        typer.Option(help="What it is called with; float64, or what its framework computes in."),
    ] = None,
    seed: Seed = None,
    search: Search = 0,
    as_json_: AsJson = False,
    junit: Junit = None,
    html: Html = None,
    quiet: Quiet = False,
) -> None:
    """Judge a function written by hand against what is derived.

    The file of the function is imported, that is, executed, and the function
    is called.

    --against takes a named specification too, layernorm:axis=-1:eps=1e-5.

    Exit codes: 0 verified, 1 refuted, 2 bad input, 3 convention differs
    (right but for a convention at kinks, such as the derivative of relu at
    zero), 4 not checked. Only verified is 0.

    --junit writes a report for build servers, --html a page with every clause,
    its level, the equations and the counterexample; both beside what is printed.

    \b
    Example:
      echo "def f(W, x, y): return 2 * (W @ x - y)[:, None] * x" > hand.py
      backproof verify hand.py::f --against "np.sum((W @ x - y)**2)" \\
          --shape W="m n" --shape x=n --shape y=m --wrt W
      echo "from scipy.special import softmax" > soft.py
      backproof verify soft.py::softmax --against softmax:axis=-1
    """
    with refusals(against):
        subject = named_function(function)
        stated: Any
        if specs.is_named(against):
            stated = specs.named(against)
        else:
            source = source_of(against)
            said = Statement(source, shape, labels, assume, wrt, order, along, per_sample)
            stated = said.derivation()
        for file, suffix in ((junit, ".xml"), (html, ".html")):
            _reportable(file, suffix)
        report = judged(subject, function, stated, inputs, outputs, dtype, seed, quiet, search)
        for file in filter(None, (junit, html)):
            save(report, file, stated)
    if as_json_:
        typer.echo(as_json(report.to_dict()))
    else:
        console().print(verdict(str(report)))
    raise typer.Exit(EXIT_CODES[report.verdict])


def source_of(text: str) -> str:
    """A statement; `-` stands for what standard input holds."""
    return sys.stdin.read() if text == "-" else text


def judged(
    function: Any,
    name: str,
    stated: Any,
    inputs: list[str],
    outputs: list[str],
    dtype: Precision | None,
    seed: int | None,
    quiet: bool,
    search: int = 0,
) -> Any:
    """The judge's report; what the function prints goes to standard error."""
    with counted(f"judging {name}", quiet) as progress, contextlib.redirect_stdout(sys.stderr):
        report = judge.verify(
            function,
            stated,
            names(inputs) or None,
            names(outputs) or None,
            None if dtype is None else dtype.value,
            seed,
            search=search,
            progress=progress,
        )
    return replace(report, title=Path(name).name)  # which of several functions of one name


def _reportable(file: Path | None, suffix: str) -> None:
    """Refuse a report that could not be written before anything is judged."""
    option = {".xml": "--junit", ".html": "--html"}[suffix]
    if file is not None and file.suffix != suffix:
        raise BackproofError(option, file.name, f"a name in {suffix}", "change the suffix")
    if file is not None and not file.parent.is_dir():
        raise BackproofError(option, f"no folder {file.parent}", "a folder", "make it first")
