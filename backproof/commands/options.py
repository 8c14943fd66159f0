"""Options that several commands share."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand


class Form(StrEnum):
    """The two notations of equations."""

    indices = "index"
    matrices = "matrix"


class Precision(StrEnum):
    """The numbers that a function is called with."""

    float64 = "float64"
    float32 = "float32"


STATEMENT = "NumPy source; mlp:64,10:tanh:gaussian; FILE.py::NAME, imported; - for stdin."
JUDGED = "A statement as for derive, or a named specification: layernorm:axis=-1, softmax, adam."
Shapes = Annotated[
    list[str], typer.Option("--shape", metavar='W="m n"', help="An input's shape; c= is a scalar.")
]
Labels = Annotated[
    list[str], typer.Option(metavar='t="b<k"', help="Integer labels: their shape and bound.")
]
Assumed = Annotated[
    list[str],
    typer.Option("--assume", metavar="S=symmetric", help="What is known of an input."),
]
Wrt = Annotated[
    list[str], typer.Option(metavar="W,b", help="Differentiate with respect to; else parameters.")
]
Order = Annotated[int, typer.Option(metavar="1|2", help="1: gradient or Jacobian; 2: Hessian.")]
Along = Annotated[
    str | None, typer.Option(metavar="v", help="With --order 2: the Hessian times a vector v.")
]
Each = Annotated[
    str | None,
    typer.Option("--per-sample", metavar="N", help="The gradient of each of N examples."),
]
Symmetric = Annotated[
    str | None,
    typer.Option(metavar="constrained", help="Of symmetric inputs; also projected."),
]
Seed = Annotated[int | None, typer.Option(metavar="N", min=0, help="Of the sampled points.")]
Search = Annotated[
    int, typer.Option(metavar="N", min=0, help="Then N points by hypothesis, which shrinks one.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="No progress shown.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="JSON, for programs to read.")]
Junit = Annotated[
    Path | None, typer.Option(metavar="FILE.xml", help="A JUnit report, a case for each clause.")
]
Html = Annotated[
    Path | None, typer.Option(metavar="FILE.html", help="A page that opens without a network.")
]
Steps = Annotated[bool, typer.Option("--steps", metavar="", help="Show every rule applied.")]
AsForm = Annotated[
    Form | None, typer.Option("--form", help="Write indices, or matrices where that is possible.")
]
InOne = Annotated[
    bool, typer.Option("--closed", metavar="", help="Each result as one formula, if that is short.")
]
Backend = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The kernel's language: numpy, c, jax or torch."),
]
Numbers = Annotated[
    Precision, typer.Option("--dtype", help="The numbers of the kernel that --backend names.")
]
Version = Annotated[bool, typer.Option("--version", metavar="", help="Print the version.")]


class Sourced(TyperCommand):
    """A command whose arguments may be formulas: `-np.sum(x)` is one, and not an option."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        formula = re.compile(r"-[^-].*[^\w-].*", re.DOTALL)
        return super().parse_args(ctx, [f" {a}" if formula.fullmatch(a) else a for a in args])
