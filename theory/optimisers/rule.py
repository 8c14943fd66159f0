"""What an optimiser is: how a parameter and its state move on a gradient, as index equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from backproof.theory.declarations import Array, array
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.rewriting.entries import with_tensors
from backproof.theory.trace.tracing import trace

Number = float | None


@dataclass(frozen=True)
class Quantity:
    """A state or a hyperparameter: its name, its number, what is known of it, how it is printed.

    The number is where a state starts, or the default of a hyperparameter (`None`: its source
    states none, and a run has to give one).
    """

    name: str
    number: Number = 0.0
    known: str = ""
    symbol: str = ""

    def check(self, number: float) -> None:
        """Refuse what is no number, or none of those that are possible."""
        if isinstance(number, bool) or not isinstance(number, int | float):
            move = "leave it out to keep the symbol"
            raise BackproofError(self.name, repr(number), "a number", move)
        expected, holds = {
            "positive": ("a positive number", number > 0),
            "nonnegative": ("a number from 0", number >= 0),
            "fraction": ("a number from 0, below 1", 0 <= number < 1),
        }[self.known]
        if not holds or not number < float("inf"):
            raise BackproofError(self.name, f"{number:g}", expected, "change it")

    def declared(self, shape: str | tuple[sp.Expr, ...] = "") -> Array:
        """Its declaration as an input."""
        return array(shape, **({self.known: True} if self.known else {}))  # type: ignore[arg-type]


def learning_rate(default: Number = None) -> Quantity:
    """The factor α of a step."""
    return Quantity("lr", default, "positive", "alpha")


def decay_rate(name: str, default: Number) -> Quantity:
    """The share of an average that stays: a number from 0 to 1."""
    return Quantity(name, default, "fraction")


COUNT = Quantity("t", None, "count")
EPSILON = Quantity("eps", 1e-8, "positive")


@dataclass(frozen=True, repr=False)
class UpdateRule:
    """One step of an optimiser on one parameter, of whatever shape.

    ``lines`` are NumPy over the parameter ``theta``, the gradient ``g``, the ``state`` and the
    ``hyperparameters``; ``t`` counts the steps from 1.  They define ``theta_new`` and a ``…_new``
    for every state.  The gradient is taken at ``theta``, or at the point that ``look_ahead``
    says.  ``conventions`` are the choices that other texts and libraries make differently.
    """

    name: str
    title: str
    lines: str
    hyperparameters: tuple[Quantity, ...]
    reference: str
    state: tuple[Quantity, ...] = ()
    look_ahead: str = ""
    conventions: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<update rule {self.name}>"

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The update of a vector, everything else a symbol."""
        return self.model().equations

    def model(self, shape: str | tuple[sp.Expr, ...] = "n", **numbers: float) -> Model:
        """The update of a parameter of this shape; hyperparameters with numbers are no inputs.

        Inputs: ``theta``, ``g`` and each state, of the shape; ``t``, if the rule counts; the
        other hyperparameters, scalars.  Outputs: ``theta`` and each state, as they are next.

        Raises `BackproofError` for an unknown hyperparameter or a number that it cannot have.
        """
        for name, number in numbers.items():
            self._check(name, number)
        return _stated(self, shape, tuple(sorted(numbers.items())))

    def point(self, shape: str | tuple[sp.Expr, ...] = "n", **numbers: float) -> Model | None:
        """Where the gradient is taken, if that is not at ``theta``."""
        if not self.look_ahead:
            return None
        source = f"theta_ahead = {self.look_ahead}\nreturn theta_ahead"
        return _traced(self, source, shape, numbers)

    @property
    def counts(self) -> bool:
        """Whether the number of the step enters."""
        return "t" in self.model().inputs

    def _check(self, name: str, number: float) -> None:
        """Refuse a number for a hyperparameter that the rule does not have, or of a wrong kind."""
        known = {q.name: q for q in self.hyperparameters}
        if name not in known:
            names = ", ".join(known)
            raise BackproofError(self.name, f"the name {name}", f"one of {names}", "drop it")
        known[name].check(number)


@cache
def _stated(
    rule: UpdateRule, shape: str | tuple[sp.Expr, ...], numbers: tuple[tuple[str, float], ...]
) -> Model:
    names = ("theta", *(q.name for q in rule.state))
    returned = ", ".join(f'"{name}": {name}_new' for name in names)
    source = f"{rule.lines.strip()}\nreturn {{{returned}}}"
    model = _traced(rule, source, shape, dict(numbers))
    return replace(model, title=rule.title, story=(f"{rule.reference}.", *rule.conventions))


def _traced(
    rule: UpdateRule,
    source: str,
    shape: str | tuple[sp.Expr, ...],
    numbers: Mapping[str, float],
) -> Model:
    """The model of some lines; what they do not use is no input."""
    known = {q.name: q for q in rule.hyperparameters}
    given = "".join(f"{name} = {float(number)!r}\n" for name, number in numbers.items())
    declared = {"theta": array(shape), "g": array(shape)}
    declared |= {q.name: q.declared(shape) for q in rule.state}
    scalars = (COUNT, *(q for q in known.values() if q.name not in numbers))
    declared |= {q.name: q.declared() for q in scalars}
    model = trace(given + source, **declared)
    used = {t.name for e in model.equations for t in e.operands}
    inputs = {k: t for k, t in model.inputs.items() if k in used}
    return _dated(rule, replace(model, inputs=inputs))


def _dated(rule: UpdateRule, model: Model) -> Model:
    """The model with symbols of its quantities: m_{t−1} becomes m_t, and lr is α."""
    symbols = {q.name: (q.symbol, "") for q in rule.hyperparameters if q.symbol}
    symbols |= {name: (name, "t-1") for name in ("theta", *(q.name for q in rule.state))}
    symbols["g"] = ("g", "t")
    for equation in model.equations:
        name = equation.tensor.name
        symbols[name] = (name.removesuffix("_new"), "t")
    every = {**model.inputs, **{e.tensor.name: e.tensor for e in model.equations}}
    new = {n: replace(t, symbol=symbols[n]) if n in symbols else t for n, t in every.items()}
    return replace(
        model,
        equations=tuple(with_tensors(e, new) for e in model.equations),
        inputs={n: new[n] for n in model.inputs},
        output=new[model.output.name],
        outputs={k: new[t.name] for k, t in model.outputs.items()},
    )
