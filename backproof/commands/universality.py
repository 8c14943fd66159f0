"""The commands `certify` and `prove`, and how their words are read."""

from __future__ import annotations

import itertools
import json
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import sympy as sp
import typer

import backproof as bp
from backproof.commands.options import AsJson, Quiet, Sourced
from backproof.commands.references import is_reference, named_object
from backproof.commands.showing import as_json
from backproof.commands.statements import Statement
from backproof.commands.terminal import busy, counted, refusals
from backproof.numerics.coq.theorems import THEOREMS as PROVED
from backproof.numerics.enclosures.certify import ENGINES
from backproof.numerics.enclosures.feedforward import FeedForward, deep, shallow
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

NETWORK = "NumPy source in x, y, z; FILE.py::NAME; or FILE.json::NAME, see below."
Domain = Annotated[
    list[str], typer.Option(metavar="0,1", help="Ends, once for each variable; 0,1|2,3: a union.")
]
Tolerance = Annotated[float, typer.Option(metavar="R", help="How close the two bounds must be.")]
Engine = StrEnum("Engine", [(name, name) for name in ENGINES])  # type: ignore[misc]
PROOF_CODES = {"proved": 0, "not proved": 1, "not checked": 4}


def certify(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help=NETWORK)],
    target: Annotated[str, typer.Option(metavar="TARGET", help="What it should be; as NETWORK.")],
    domain: Domain = ["0,1"],  # noqa: B006 - typer declares lists so
    rtol: Tolerance = 0.01,
    norm: Annotated[str, typer.Option(metavar="sup|P", help="sup, or p of the L^p norm.")] = "sup",
    derivatives: Annotated[int, typer.Option(metavar="M", min=0, help="Up to this order.")] = 0,
    engine: Annotated[
        Engine, typer.Option(help="ball trusts no libm; coq proves each box.")
    ] = Engine.float,  # type: ignore[attr-defined]
    to: Annotated[Path | None, typer.Option(metavar="PAGE", help="Write a page about it.")] = None,
    as_json_: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Bound the distance of a network from its target, with a guarantee.

    lower <= sup |N - f| <= upper holds at every point of the domain, with the
    rounding of the computation counted, and the lower bound is attained at a
    point that is printed.

    An object of a JSON file is a network with one hidden layer where it has
    c, w, b and perhaps c0, or one with "layers": a list of {"W": ..., "b": ...};
    "activation" is sigmoid unless it says tanh, softplus, relu, step, sin.

    Exit codes: 0, 1 if the bounds stayed farther apart than asked or Coq did
    not prove them, 2 bad input, 4 if there is no Coq to check them.

    \b
    Examples:
      backproof certify "np.tanh(x)" --target "x - x**3/3" --domain 0,1
      backproof certify nets.json::mine --target "np.sin(x)" --to mine.html
      backproof certify "x*y" --target "np.minimum(x, y)" --to plane.html
      backproof certify "np.tanh(x)" --target x --domain "-1,0|1,2" --engine ball
      backproof certify "np.sin(x)" --target x --derivatives 2
    """
    with refusals(network):
        p = None if norm == "sup" else sp.Rational(_fraction(norm, "--norm"))
        with busy("certifying", quiet):
            claim = bp.certify(
                function(network),
                function(target),
                ends(domain),
                rtol,
                norm="sup" if p is None else p,
                derivatives=derivatives,
                engine=engine.value,
            )
        typer.echo(as_json(claim.to_dict()) if as_json_ else str(claim))
        if to is not None:
            with busy(f"writing {to}", quiet):
                pages = bp.document(claim, to=to)
            typer.echo("\n".join(map(str, pages)), err=as_json_)
    proved = 0 if claim.proof is None else PROOF_CODES[claim.proof.verdict]
    raise typer.Exit(proved or (0 if claim.met else 1))


def prove(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="See above.")],
    target: Annotated[
        str | None, typer.Option(metavar="TARGET", help="Prove the distance of a network from it.")
    ] = None,
    domain: Domain = ["0,1"],  # noqa: B006
    rtol: Tolerance = 0.01,
    size: Annotated[
        list[str], typer.Option(metavar="N=2", help="Sizes of a gradient; else one.")
    ] = [],  # noqa: B006
    to: Annotated[Path | None, typer.Option(metavar="FILE.v", help="Keep the Coq file.")] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1)] = 300,
    as_json_: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a Coq file and let coqc check it.

    \b
    SUBJECT is one of
      a theorem      activations, triangle; for every size: backpropagation,
                     boltzmann, symbolic-size
      a network      mlp:SIZES:ACTIVATION:LIKELIHOOD, or FILE.py::NAME of a
                     model: every entry of its gradient is proved
      a machine      rbm:2,3 or dbm:2,3,2: the conditional of every binary unit
      with --target  a network to certify first, box by box

    What does not go through is reported as not proved, with the goal that is
    left. The axioms that the proof rests on are listed.

    Exit codes: 0 proved, 1 not proved, 2 bad input, 4 not checked, as where
    coqc is not installed.

    \b
    Examples:
      backproof prove activations
      backproof prove backpropagation --to backpropagation.v
      backproof prove mlp:2,2,1:tanh:bernoulli --to gradient.v
      backproof prove dbm:2,3,2
      backproof prove "x - x**2" --target "x/8" --to distance.v
    """
    with refusals(subject):
        proved: Any = subject
        if target is not None:
            proved = bp.certify(function(subject), function(target), ends(domain), rtol)
        elif subject not in PROVED:
            statement = Statement(subject)
            stated = statement.stated
            proved = stated if isinstance(stated, Machine) else statement.derivation()
        with counted("coqc", quiet) as heard:
            proof = bp.prove(proved, to, sizes=dict(map(_size, size)), timeout=timeout, heard=heard)
    typer.echo(as_json(proof.to_dict()) if as_json_ else str(proof))
    raise typer.Exit(PROOF_CODES[proof.verdict])


COMMANDS = ((certify, Sourced), (prove, Sourced))


# Reading -----------------------------------------------------------------------------------


def function(text: str) -> Any:
    """A network or a target."""
    if ".json" in text:
        return network_file(text)
    if is_reference(text):
        return named_object(text)
    names = {n for n in ("x", "y", "z") if n in _names(text)}
    if not names:
        try:
            return sp.Rational(Fraction(text))
        except ValueError:
            raise BackproofError(
                "formula",
                repr(text),
                "NumPy source in x, y, z, or a number",
                "write e.g. np.sin(x)",
            ) from None
    return bp.trace(text, **dict.fromkeys(sorted(names), ""))


def _names(text: str) -> set[str]:
    import ast

    try:
        return {n.id for n in ast.walk(ast.parse(text.strip())) if isinstance(n, ast.Name)}
    except SyntaxError as error:
        raise BackproofError("formula", repr(text), "Python syntax", str(error.msg)) from None


def network_file(text: str) -> FeedForward:
    """The network of a JSON file: an object with c, w, b and perhaps c0 and activation."""
    file, _, name = text.partition("::")
    try:
        data = json.loads(Path(file).read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise BackproofError(file, error.msg, "JSON", "mend the file") from None
    if name:
        if not isinstance(data, dict) or name not in data:
            known = ", ".join(data) if isinstance(data, dict) else "none"
            raise BackproofError(file, f"no network {name}", f"one of {known}", "check the name")
        data = data[name]
    kind = {"layers"} if isinstance(data, dict) and "layers" in data else {"c", "w", "b"}
    if not isinstance(data, dict) or not kind <= set(data):
        raise BackproofError(
            file, "no weights", "c, w and b, or layers", "name a network by FILE.json::NAME"
        )
    activation = data.get("activation", "sigmoid")
    try:
        if kind == {"layers"}:
            return deep([(layer["W"], layer["b"]) for layer in data["layers"]], activation)
        return shallow(data["c"], data["w"], data["b"], data.get("c0", 0.0), activation)
    except (TypeError, ValueError, KeyError) as error:
        if isinstance(error, BackproofError):
            raise
        raise BackproofError(file, str(error), "lists of numbers", "mend the file") from None


def ends(domain: list[str]) -> Any:
    """`0,1` for each variable, exact; with `0,1|2,3` the union of all combinations."""
    sides = [[_pair(part) for part in text.split("|")] for text in domain]
    boxes = [list(box) for box in itertools.product(*sides)]
    return boxes if len(boxes) > 1 else boxes[0] if len(domain) > 1 else boxes[0][0]


def _pair(text: str) -> tuple[sp.Rational, ...]:
    parts = text.split(",")
    if len(parts) != 2:
        raise BackproofError("--domain", repr(text), "two ends", "write --domain 0,1")
    return tuple(sp.Rational(_fraction(p, "--domain")) for p in parts)


def _fraction(text: str, where: str) -> Fraction:
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise BackproofError(where, repr(text), "a number", "write 0.5 or 1/2") from None


def _size(text: str) -> tuple[str, int]:
    name, equals, number = text.partition("=")
    if not equals or not number.isdigit():
        raise BackproofError("--size", repr(text), "NAME=NUMBER", "write --size N=2")
    return name, int(number)
