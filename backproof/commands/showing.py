"""A derivation in the formats of the command line: text, LaTeX, NumPy source, JSON."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import backproof as bp
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor
from backproof.theory.printing.matrix_form import matrix_text
from backproof.theory.steps import Step


class Format(StrEnum):
    """How `backproof derive` prints."""

    text = "text"
    latex = "latex"
    numpy = "numpy"
    json = "json"


def shown(
    derivation: bp.Derivation,
    format_: Format,
    steps: bool = False,
    form: str | None = None,
    closed: bool = False,
) -> str:
    """The equations of a derivation in one format; `steps` adds how they were derived.

    `form` is the notation, of indices or of matrices; `closed` shows each result as one formula
    instead, as far as that stays short.

    >>> g = bp.derive(bp.trace("a * x**2", a="", x=""), wrt="x")
    >>> print(shown(g, Format.text))
    f = a x**2
    dx = 2 a x
    """
    if form is not None and format_ not in (Format.text, Format.latex):
        move = "drop --form, or choose --format text"
        raise BackproofError("--form", f"{form} for {format_.value}", "text or LaTeX", move)
    if format_ is Format.json:
        return as_json(record(derivation, steps, closed))
    if format_ is Format.numpy and not closed:
        return bp.compile(derivation).source.rstrip()
    things: list[Any] = [derivation]
    if closed:
        things = [bp.closed(derivation, name) for name in derivation.results]
    if format_ is Format.numpy:
        return "\n".join(bp.text(thing, form="numpy") for thing in things)
    told = derivation.steps if steps else ()
    if format_ is Format.latex:
        return "\n".join([*(bp.latex(t, form=form) for t in things), *map(bp.latex, told)])
    return "\n".join([*(bp.text(t, form=form) for t in things), *numbered(told)])


def numbered(steps: tuple[Step, ...]) -> list[str]:
    """The steps as a text: the rule, its reason, and what became what."""
    lines = []
    for number, step in enumerate(steps, 1):
        lines += [
            "",
            f"{number}. {step.rule}: {step.because}",
            f"      {bp.text(step.before)}",
            f"    → {bp.text(step.after)}",
        ]
    return lines


def record(derivation: bp.Derivation, steps: bool = True, closed: bool = False) -> dict[str, Any]:
    """A derivation as data: arguments, equations, results, closed forms and steps."""
    derived = {equation.tensor.name for equation in derivation.derived}
    found: dict[str, Any] = {
        "backproof": bp.__version__,
        "arguments": {name: _declared(t) for name, t in derivation.arguments.items()},
        "value": derivation.value.name,
        "order": derivation.order,
        "results": {name: tensor.name for name, tensor in derivation.results.items()},
        "equations": [
            {
                "name": equation.tensor.name,
                "shape": [str(size) for size in equation.tensor.shape],
                "derived": equation.tensor.name in derived,
                "text": bp.text(equation),
                "matrix": matrix_text(equation, derivation),
                "latex": bp.latex(equation),
            }
            for equation in derivation.equations
        ],
    }
    if closed:
        forms = {name: bp.closed(derivation, name) for name in derivation.results}
        found["closed"] = {
            name: {"text": bp.text(one), "latex": bp.latex(one), "kept": list(one.kept)}
            for name, one in forms.items()
        }
    if steps:
        found["steps"] = [
            {
                "rule": step.rule,
                "before": bp.text(step.before),
                "after": bp.text(step.after),
                "because": step.because,
            }
            for step in derivation.steps
        ]
    return found


def as_json(data: Any) -> str:
    """JSON that every reader takes: no NaN, and nothing but its own types."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def _declared(tensor: Tensor) -> dict[str, Any]:
    found: dict[str, Any] = {"shape": [str(size) for size in tensor.shape], "dtype": tensor.dtype}
    return found if tensor.below is None else {**found, "below": str(tensor.below)}
