"""The command line: `backproof tour`, `derive`, `verify`, `document`, and what it shares."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

import backproof as bp
from backproof.commands.kernel_option import printed, single
from backproof.commands.options import (
    STATEMENT,
    Along,
    AsForm,
    AsJson,
    Assumed,
    Backend,
    Each,
    InOne,
    Labels,
    Numbers,
    Order,
    Precision,
    Quiet,
    Seed,
    Shapes,
    Sourced,
    Steps,
    Symmetric,
    Version,
    Wrt,
)
from backproof.commands.references import is_reference, named_function
from backproof.commands.showing import Format, as_json, shown
from backproof.commands.statements import Statement
from backproof.commands.terminal import (
    busy,
    console,
    equations,
    refusals,
    tolerant_streams,
)
from backproof.commands.theorem import COMMANDS as THEOREM
from backproof.commands.universality import COMMANDS as UNIVERSALITY
from backproof.commands.verify import judged, source_of, verify
from backproof.theory.errors import BackproofError

DEFECT = 70  # sysexits.h: an internal software error

app = typer.Typer(
    name="backproof",
    help="Derive it, run it, prove it: mathematics of deep learning, symbolic and verified.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; the entry point of the installed command `backproof`."""
    tolerant_streams()
    try:
        app()
    except Exception:  # a defect must not end with 1, which would read as "refuted"
        traceback.print_exc()
        typer.echo("This is a defect of backproof: please report the lines above.", err=True)
        sys.exit(DEFECT)


@app.callback(invoke_without_command=True)
def _version(version: Version = False) -> None:
    if version:
        typer.echo(f"backproof {bp.__version__}")
        raise typer.Exit


@app.command()
def tour(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where files go.")] = Path(
        "backproof-tour"
    ),
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of split, start and judge.")] = 1,
    quiet: Quiet = False,
    as_json_: AsJson = False,
) -> None:
    """See the whole library at work: state, derive, run, judge, document.

    A network that reads handwritten digits is stated, its gradient derived
    and compiled, and the network trained with it; two backward passes written
    by hand are judged; a page is written. Nothing is downloaded. Exit code 1
    means that the judge was wrong about one of the two.

    \b
    Example:
      backproof tour --out digits
    """
    from backproof.commands.tour import (
        Tour,  # scikit-learn and matplotlib, which no other command needs
    )

    with refusals():
        outcome = Tour(out, seed, console(stderr=as_json_), quiet).run()
    if as_json_:
        typer.echo(as_json(outcome))
    raise typer.Exit(0 if outcome["as expected"] else 1)


@app.command(cls=Sourced)
def derive(
    statement: Annotated[str | None, typer.Argument(metavar="STATEMENT", help=STATEMENT)] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE.py::NAME", help="The same as such a statement.")
    ] = None,
    shape: Shapes = [],  # noqa: B006 - typer declares lists so
    labels: Labels = [],  # noqa: B006
    assume: Assumed = [],  # noqa: B006
    wrt: Wrt = [],  # noqa: B006
    order: Order = 1,
    along: Along = None,
    per_sample: Each = None,
    symmetric: Symmetric = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    form: AsForm = None,
    closed: InOne = False,
    backend: Backend = None,
    dtype: Numbers = Precision.float64,
    as_json_: AsJson = False,
    steps: Steps = False,
    quiet: Quiet = False,
) -> None:
    """Derive gradients, Jacobians, Hessians: print the equations, or the code.

    NumPy source is parsed and never executed. FILE.py::NAME executes the
    file, as import does, and names a NumPy function in it, a model or a
    derivation. A network is mlp:SIZES:ACTIVATION:LIKELIHOOD, or with filters
    cnn:CHANNELS,H,W:FILTERS:CLASSES:…, with :l2=NUMBER or :l1=NUMBER for a
    penalty.

    With --backend the kernel is printed, the code that bp.compile runs, with
    each equation over its lines: numpy needs nothing else; c is compiled by
    the machine's own compiler at the first call; jax and torch are functions
    of their arrays, to jit and to take to an accelerator.

    \b
    Examples:
      backproof derive "np.sum((W @ x - y)**2)" \\
          --shape W="m n" --shape x=n --shape y=m --wrt W
      backproof derive mlp:64,10:relu:categorical --backend c
      backproof derive "np.mean(np.logaddexp(0, X @ w) - y*(X @ w))" \\
          --shape X="n d" --shape w=d --shape y=n --wrt w --closed
      backproof derive mlp:64,64,10:relu:categorical:l2=1e-4 --steps
      backproof derive cnn:1,28,28:8,16:10:relu
      backproof derive "-np.mean(np.log(p\\[np.arange(len(t)), t]))" \\
          --shape p="n k" --labels t="n<k" --format latex
    """
    source = _one(statement, file)
    with refusals(source):
        said = Statement(source, shape, labels, assume, wrt, order, along, per_sample, symmetric)
        with busy("deriving", quiet):
            chosen = Format.json if as_json_ else format_
            if backend is None:
                text = shown(said.derivation(), chosen, steps, form and form.value, closed)
            else:
                only = {"--format": format_ is not Format.text, "--form": form, "--steps": steps}
                others = {**only, "--closed": closed}
                text = printed(said.derivation(), backend, dtype, as_json_, others)
    out = console()
    if backend is not None:
        typer.echo(text)
    elif format_ is Format.text and not as_json_:
        out.print(equations(text))
    else:
        out.print(text, markup=False)


app.command(cls=Sourced)(verify)


@app.command(cls=Sourced)
def document(
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help=STATEMENT)],
    to: Annotated[Path, typer.Option(metavar="PAGE", help="A .html, .md, .tex or .ipynb file.")],
    shape: Shapes = [],  # noqa: B006
    labels: Labels = [],  # noqa: B006
    assume: Assumed = [],  # noqa: B006
    wrt: Wrt = [],  # noqa: B006
    order: Order = 1,
    along: Along = None,
    per_sample: Each = None,
    code: Annotated[
        str | None, typer.Option("--verify", metavar="FILE.py::NAME", help="Code to judge too.")
    ] = None,
    title: Annotated[str, typer.Option(metavar="TEXT", help="The page's title.")] = "",
    backend: Backend = None,
    dtype: Numbers = Precision.float64,
    seed: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Write a page: the equations, how they were derived, the code, the verdict.

    \b
    Example:
      backproof document mlp:64,64,10:relu:categorical:l2=1e-4 --to mlp.html
      backproof document mlp:64,10:tanh:gaussian --to mlp.md --backend c
      backproof document dbm:784,500,1000 --to dbm.html
    """
    with refusals(statement):
        _writable(to)
        source = source_of(statement)
        said = Statement(source, shape, labels, assume, wrt, order, along, per_sample)
        derivation = said.derivation()
        whole = isinstance(said.stated, bp.energy.Machine | bp.energy.DeepBelief) and code is None
        things: list[Any] = [said.stated if whole else derivation]
        if backend is not None:
            things.append(single(derivation, whole, backend, dtype))
        if code is not None:
            function, own = named_function(code), Precision.float64
            things.append(judged(function, code, derivation, [], [], own, seed, quiet))
        with busy(f"writing {to}", quiet):
            written = bp.document(*things, to=to, title=title)
    typer.echo("\n".join(map(str, written)))


for _function, _kind in (*UNIVERSALITY, *THEOREM):
    app.command(cls=_kind)(_function)


def _one(statement: str | None, file: str | None) -> str:
    """The one statement that was given."""
    with refusals():
        if (statement is None) == (file is None):
            found = "no statement" if file is None else f"two: {statement!r} and {file!r}"
            raise BackproofError("statement", found, "one statement or --file", "give one")
        if file is not None and not is_reference(file):
            raise BackproofError("--file", repr(file), "FILE.py::NAME", "add ::NAME")
    return source_of(file or statement or "")


def _writable(page: Path) -> None:
    """Refuse a page that could not be written before anything is derived."""
    if page.suffix not in (".html", ".md", ".tex", ".ipynb"):
        raise BackproofError(
            "--to", f"{page.name}", "a name in .html, .md, .tex or .ipynb", "change the suffix"
        )
    if not page.parent.is_dir():
        raise BackproofError("--to", f"no folder {page.parent}", "a folder", "make it first")
