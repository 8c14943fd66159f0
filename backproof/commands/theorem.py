"""The command `theorem`: the list, one theorem with its check and page, the map of all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

import backproof as bp
from backproof.commands.options import AsJson, Quiet
from backproof.commands.showing import as_json
from backproof.commands.terminal import busy, console, counted, refusals
from backproof.commands.witnesses import witnesses
from backproof.documents.theorem import theorem_page
from backproof.documents.theorem_map import map_page
from backproof.numerics.evidence import Evidence
from backproof.pages import write
from backproof.theorem_verbs import checked
from backproof.theory.theorems import BY_NAME, PARTS, THEOREMS, Judgement, Theorem


def theorem(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help=f"{', '.join(BY_NAME)}.")
    ] = None,
    activation: Annotated[
        str | None, typer.Option(metavar="tanh", help="Decide the hypotheses for it.")
    ] = None,
    order: Annotated[int, typer.Option(metavar="M", min=0, help="The m of C^m.")] = 1,
    no_check: Annotated[bool, typer.Option("--no-check", help="Only state it.")] = False,
    to: Annotated[Path | None, typer.Option(metavar="PAGE", help="Write its page.")] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="PAGE", help="Write which uses which.")
    ] = None,
    as_json_: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """State a theorem and its proof, run its check, write its page.

    Without a NAME, list the theorems of the library by part, with what each
    rests on. A check computes what the theorem predicts and measures it.

    Exit codes: 0, 1 if a prediction does not hold, 2 bad input.

    \b
    Examples:
      backproof theorem
      backproof theorem --map map.html
      backproof theorem cybenko --activation tanh
      backproof theorem hornik-lp --activation step --to hornik.html
    """
    with refusals(name or ""):
        if map_ is not None:
            typer.echo("\n".join(map(str, write(map_page(THEOREMS), map_))))
        if name is None:
            if map_ is None:
                _listed(as_json_)
            return
        found = bp.theorem(name)
        judged = None if activation is None else found.judge(activation, order)
        if not as_json_:
            console().print(str(found if judged is None else judged), markup=False)
        evidence = None
        if not no_check and judged is None:
            with counted(f"checking {name}", quiet) as progress:
                evidence = checked(found, progress)
        if as_json_:
            typer.echo(as_json(_record(found, judged, evidence)))
        elif evidence is not None:
            console().print(f"\nPredicted and measured\n{evidence}", markup=False)
        if to is not None:
            with busy(f"writing {to}", quiet):
                page = theorem_page(found, [] if judged is None else [judged], evidence)
                typer.echo("\n".join(map(str, write(page, to))), err=as_json_)
    raise typer.Exit(0 if evidence is None or evidence.holds else 1)


COMMANDS = ((theorem, None), (witnesses, None))


def _listed(json: bool) -> None:
    """All theorems, by part."""
    if json:
        typer.echo(as_json([_record(found) for found in THEOREMS]))
        return
    from backproof.numerics.checks import CHECKS

    table = Table("name", "theorem", "rests on or sharpens", "proof by", "check", box=None)
    for part in PARTS:
        table.add_section()
        table.add_row(f"[head]{part.capitalize()}[/head]")
        for found in (found for found in THEOREMS if found.part == part):
            grounds = ", ".join(sorted(found.rests_on))
            runs = "runs" if found.name in CHECKS else "–"
            uses = ", ".join(found.uses) or "–"
            table.add_row(*map(escape, (found.name, found.title, uses, grounds, runs)))
    console().print(table)


def _record(
    found: Theorem, judged: Judgement | None = None, evidence: Evidence | None = None
) -> dict[str, Any]:
    """A theorem as data."""
    record: dict[str, Any] = {
        "name": found.name,
        "part": found.part,
        "title": found.title,
        "says": found.says,
        "hypotheses": [h.name for h in found.hypotheses],
        "uses": list(found.uses),
        "rests_on": sorted(found.rests_on),
        "lecture": found.lecture,
        "reference": found.reference,
    }
    if judged is not None:
        record["status"] = judged.status
    if evidence is not None:
        record["check"] = evidence.to_dict()
    return record
