"""Other legitimate conventions at kinks: relu′(0) = 1, |x|′(0) = ±1, ties split or to the last."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.numerics.judge.calls.subject import Trial
from backproof.numerics.judge.comparison import Comparison
from backproof.numerics.judge.points.point import tolerance
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.quantities import Conventions
from backproof.numerics.judge.statement import Statement
from backproof.theory import scalars
from backproof.theory.equations import Equation, Reduction
from backproof.theory.notation import Map
from backproof.theory.printing.text import text

CHOICES: dict[str, tuple[Any, ...]] = {
    "step": (1, 0.5, 0),
    "sgn": (1, -1, 0),
    "extreme": ("split", "staged", "last", "first"),
    "piecewise": ("flipped", "stated"),
}
WIDER = {**CHOICES, "extreme": ("all", *CHOICES["extreme"])}  # "all" counts a tie more than once
TOGETHER = 81  # combinations of conventions that are tried


@dataclass(frozen=True)
class Convention:
    """A choice at a kink of one equation that differs from the stated one."""

    equation: str
    kind: str
    choice: Any
    found: str
    stated: str


def sites(statement: Statement) -> list[tuple[str, str]]:
    """Every (equation, kind of kink) of a statement."""
    found = []
    for equation in statement.equations:
        rhs = equation.rhs
        if isinstance(rhs, Reduction) and rhs.kind in ("argmax", "argmin"):
            found.append((equation.tensor.name, "extreme"))
        for factor in rhs.factors:
            if isinstance(factor, Map):
                kinds = (("step", scalars.step), ("sgn", scalars.sgn), ("piecewise", sp.Piecewise))
                found += [
                    (equation.tensor.name, kind)
                    for kind, function in kinds
                    if factor.expression.has(function)
                ]
    return list(dict.fromkeys(found))


def uniform(
    places: Sequence[tuple[str, str]], allowed: Mapping[str, tuple[Any, ...]]
) -> Iterator[dict[tuple[str, str], Any]]:
    """One choice a kind, the same everywhere."""
    kinds = list(dict.fromkeys(kind for _, kind in places))
    for choices in itertools.islice(itertools.product(*(allowed[k] for k in kinds)), TOGETHER):
        by_kind = dict(zip(kinds, choices, strict=True))
        yield {place: by_kind[place[1]] for place in places}


def differing(
    statement: Statement,
    trials: Sequence[Trial],
    allowed: Mapping[str, tuple[Any, ...]] = CHOICES,
) -> tuple[Convention, ...]:
    """The conventions under which the function agrees at all these kinked points, if there are.

    From the best uniform choice, places are changed one by one as long as more results agree.
    """
    places = sites(statement)
    if not places:
        return ()
    everything = sum(len(t.comparisons) for t in trials)
    best = max(uniform(places, allowed), key=lambda c: _agreeing(statement, trials, c))
    most = _agreeing(statement, trials, best)
    improved = most < everything
    while improved and most < everything:
        improved = False
        for place in places:
            for choice in allowed[place[1]]:
                chosen = {**best, place: choice}
                agreeing = _agreeing(statement, trials, chosen)
                if agreeing > most:
                    best, most, improved = chosen, agreeing, True
    if most < everything:
        return ()
    return tuple(
        Convention(name, kind, choice, *_words(statement.defining[name], kind, choice))
        for (name, kind), choice in best.items()
        if choice != CHOICES[kind][-1] and _matters(statement, trials, best, (name, kind))
    )


def excused(statement: Statement, trial: Trial) -> bool:
    """Whether another convention, the same everywhere, gives a wrong result of a kinked point."""
    wrong = {statement.outputs[name].name for name in trial.wrong}
    point = trial.point
    for chosen in uniform(sites(statement), CHOICES):
        here = Evaluation(point.form, point.assignment.sizes, point.values, chosen)
        here.run(statement.equations)
        for name, tensor in statement.outputs.items():
            if tensor.name in wrong:
                value, allowed = here.real[tensor.name].value, tolerance(here, tensor.name)
                if Comparison(trial.comparisons[name].got, value, allowed).agrees:
                    return True
    return False


def _agreeing(statement: Statement, trials: Sequence[Trial], chosen: Conventions) -> int:
    """How many results agree with the equations under these conventions."""
    return sum(_agreements(statement, trial, chosen) for trial in trials)


def _agreements(statement: Statement, trial: Trial, chosen: Conventions) -> int:
    point = trial.point
    here = Evaluation(point.form, point.assignment.sizes, point.values, chosen)
    here.run(statement.equations)
    return sum(
        Comparison(c.got, here.real[t.name].value, tolerance(here, t.name)).agrees
        for name, t in statement.outputs.items()
        for c in [trial.comparisons.get(name)]
        if c is not None
    )


def _matters(
    statement: Statement, trials: Sequence[Trial], chosen: Conventions, place: tuple[str, str]
) -> bool:
    """Whether the stated choice at one place would disagree somewhere."""
    stated = {**chosen, place: CHOICES[place[1]][-1]}
    return _agreeing(statement, trials, stated) < _agreeing(statement, trials, chosen)


def _words(equation: Equation, kind: str, choice: Any) -> tuple[str, str]:
    """What the function does at the kink, and what the equations state."""
    name = equation.tensor.name
    if kind == "extreme":
        assert isinstance(equation.rhs, Reduction)
        what = f"{equation.rhs.kind.removeprefix('arg')} of {text(equation.rhs.operand)}"
        told = {
            "split": "shared evenly among tied entries",
            "staged": "shared evenly among tied entries, one axis after the other",
            "last": "given to the last of tied entries",
            "all": "given whole to every tied entry, so that it counts more than once",
        }
        return f"the derivative of the {what} {told[choice]}", "it given to the first"
    if kind == "piecewise":
        return f"the boundary of a case in {name} on the other side", "it as the model states"
    function = {"step": scalars.step, "sgn": scalars.sgn}[kind]
    factors = [f for f in equation.rhs.factors if isinstance(f, Map) and f.expression.has(function)]
    argument = ", ".join(text(a) for a in factors[0].arguments)
    value = {0.5: "½", 1: "1", -1: "−1"}[choice]
    what = "relu′(0)" if kind == "step" else "|x|′(0)"
    return f"{what} = {value} where {argument} is 0", f"{what} = 0"
