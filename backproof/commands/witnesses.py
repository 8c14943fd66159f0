"""The command `witnesses`: networks that are constructed, error against bound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from backproof.commands.options import AsJson, Quiet
from backproof.commands.showing import as_json
from backproof.commands.terminal import console, counted, refusals
from backproof.documents.witnesses import BUILDERS, HEADER, cells, constructed, witness_page
from backproof.pages import write


def witnesses(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help=f"{', '.join(BUILDERS)}.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="PAGE", help="Write a page.")] = None,
    as_json_: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Construct networks, and compare predicted bounds with certified errors.

    Without a NAME, all constructions: steps, staircases, chords, polynomials,
    products, each for its targets, with the ratio of error to bound.

    Exit codes: 0, 1 if a certified error exceeds its bound, 2 bad input.

    \b
    Examples:
      backproof witnesses
      backproof witnesses steps monomials --to witnesses.html
    """
    with refusals(", ".join(names or [])):
        found = constructed(names or list(BUILDERS))
        with counted("certifying", quiet) as progress:
            for number, (_, witness) in enumerate(found, 1):
                progress(witness.name, number, len(found))
                _ = witness.claim
        if as_json_:
            typer.echo(as_json([dict(zip(HEADER, cells(n, w), strict=True)) for n, w in found]))
        else:
            shown = [
                n for n, head in enumerate(HEADER) if head != "bound by"
            ]  # that is on the page
            table = Table(*(HEADER[n] for n in shown), box=None)
            for name, witness in found:
                row = cells(name, witness)
                table.add_row(*(escape(row[n]) for n in shown))
            console().print(table)
        if to is not None:
            typer.echo("\n".join(map(str, write(witness_page(found), to))), err=as_json_)
    raise typer.Exit(int(any(w.verdict == "exceeded" for _, w in found)))
