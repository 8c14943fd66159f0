"""Value regimes: what kinds of numbers the arguments are, chosen from the equations.

A regime draws values for all arguments, or returns `None` where the equations have nothing that
it is about (no kink, no exponential, no labels).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from backproof.numerics.judge.points.drawing import Draw, Values
from backproof.numerics.judge.points.edges import branches, thresholds
from backproof.numerics.judge.points.features import exponents, kinked, selections
from backproof.theory.equations import Reduction, Sum
from backproof.theory.notation import Entry, Index

EXTREMES = ("max", "min", "argmax", "argmin")


@dataclass(frozen=True)
class Regime:
    """A kind of numbers; ``everywhere`` ones are tried at every assignment of sizes."""

    name: str
    draw: Callable[[Draw], Values | None]
    everywhere: bool = False


def normal(draw: Draw) -> Values:
    """Normal numbers."""
    return draw.values()


def whole(draw: Draw) -> Values:
    """Whole numbers from −2 to 2: sums are exact, kinks and ties are met exactly."""
    return draw.values(lambda shape: draw.rng.integers(-2, 3, size=shape))


def bits(draw: Draw) -> Values:
    """Zeros and ones: many ties."""
    return draw.values(lambda shape: draw.rng.integers(0, 2, size=shape))


def scaled(factor: float) -> Callable[[Draw], Values]:
    """Normal numbers times a factor."""
    return lambda draw: draw.values(lambda shape: factor * draw.normal(shape))


def uneven(draw: Draw) -> Values:
    """Each argument on a scale of its own, from 1e-3 to 30: small terms are not drowned."""
    values = draw.values()
    for name in values:
        if draw.scalable(name):
            values[name] = (values[name] * 10 ** draw.rng.uniform(-3, 1.5)).astype(draw.form.dtype)
    return values


def positive(draw: Draw) -> Values:
    """Positive numbers."""
    return draw.values(lambda shape: np.abs(draw.normal(shape)))


def sparse(draw: Draw) -> Values:
    """Half of the entries zero."""
    return draw.values(lambda shape: draw.normal(shape) * draw.rng.integers(0, 2, size=shape))


def zero(draw: Draw) -> Values:
    """Everything zero, as before training."""
    return draw.values(np.zeros)


def kinks(draw: Draw) -> Values | None:
    """Some arguments of kinked functions exactly zero: the rows that make them are zero."""
    places = [name for name in kinked(draw.statement) if draw.rng.random() < 0.7]
    places = places or list(kinked(draw.statement))[:1]
    if not places:
        return None
    values = draw.values()
    for name in places:
        _erase(draw, values, name)
    return values


def _erase(draw: Draw, values: Values, name: str) -> None:
    """Zero a random part of a quantity, through the arguments that it is computed from."""
    if name in values:
        if draw.loose(name):
            kept = draw.rng.integers(0, 2, size=values[name].shape)
            kept.flat[draw.rng.integers(kept.size)] = 0
            values[name] = (values[name] * kept).astype(draw.form.dtype)
        return
    equation = draw.statement.defining[name]
    for index in reversed(equation.indices):
        steering = list(_steering(draw, name, index))
        if steering and None not in steering:
            size = values[steering[0][0]].shape[steering[0][1]]  # type: ignore[index]
            off = draw.rng.random(size) < 0.5
            off[draw.rng.integers(size)] = True
            for argument, axis in steering:  # type: ignore[misc]
                rows = np.moveaxis(values[argument], axis, 0).copy()
                rows[off] = 0
                values[argument] = np.moveaxis(rows, 0, axis)
            return


def _steering(draw: Draw, name: str, index: Index) -> Iterator[tuple[str, int] | None]:
    """For each term of a quantity: a loose argument that carries an index, and its axis."""
    rhs = draw.statement.defining[name].rhs
    for term in rhs.terms if isinstance(rhs, Sum) else ():
        found = None
        for factor in term.factors:
            if isinstance(factor, Entry) and index in factor.subscripts:
                argument = factor.tensor.name
                if argument in draw.statement.arguments and draw.loose(argument):
                    found = (argument, factor.subscripts.index(index))
        yield found


def stretched(
    target: float, which: str = "last", mixed: bool = False
) -> Callable[[Draw], Values | None]:
    """Arguments scaled so that a quantity under an exponential reaches ± ``target``."""

    def regime(draw: Draw) -> Values | None:
        names = list(exponents(draw.statement))
        if not names:
            return None
        name = names[-1] if which == "last" else names[draw.rng.integers(len(names))]
        return _stretch(draw, draw.values(), name, target, mixed)

    return regime


def lowered(draw: Draw) -> Values | None:
    """A quantity under an exponential far below zero everywhere: its greatest entry too."""
    names = list(exponents(draw.statement))
    if not names:
        return None
    positive = draw.values(lambda shape: 0.1 + np.abs(draw.normal(shape)))
    movers = [n for n in _movers(draw, names[-1]) if draw.loose(n)]
    for turned in (movers, movers[:1]):  # terms each with a mover, or one product of them all
        values = {n: -a if n in turned else a for n, a in positive.items()}
        found = draw.quantities(values).real.get(names[-1])
        if found is not None and np.all(found.value < 0):
            return _stretch(draw, values, names[-1], 1000.0, False)
    return None


def _stretch(draw: Draw, values: Values, name: str, target: float, mixed: bool) -> Values | None:
    movers = [n for n in _movers(draw, name) if draw.scalable(n)]
    if not movers:
        return None
    if mixed:
        for mover in movers:
            if values[mover].ndim:
                rows = (-1, *[1] * (values[mover].ndim - 1))
                factors = 10 ** draw.rng.uniform(-3, 0, size=values[mover].shape[0]).reshape(rows)
                values[mover] = (values[mover] * factors).astype(draw.form.dtype)
    for _ in range(12):
        here = draw.quantities(values)
        if name not in here.real:
            return None
        found = here.real[name].value
        if np.any(np.isnan(found) | (found == np.inf)):
            return None
        top = float(np.max(np.abs(found[np.isfinite(found)]), initial=0))  # a mask is −∞
        if top == 0 or 0.5 * target <= top <= 2 * target:
            return values if top else None
        # movers may be factors of one product: each is given its share
        factor = min(max((target / top) ** (1 / len(movers)), 1e-3), 1e3)
        for mover in movers:
            values[mover] = (values[mover] * factor).astype(draw.form.dtype)
    return None


def _movers(draw: Draw, name: str) -> list[str]:
    """One argument of each term of a quantity (a parameter where there is one), or all of them."""
    if name in draw.statement.arguments:
        return [name]
    rhs = draw.statement.defining[name].rhs
    found = []
    for term in rhs.terms if isinstance(rhs, Sum) else ():
        own = [f.tensor.name for f in term.factors if isinstance(f, Entry)]
        own = [n for n in own if n in draw.statement.arguments]
        own.sort(key=lambda n: n not in draw.statement.parameters)
        found += own[:1]
    if not found:
        found = [n for n in draw.statement.ancestors(name) if n in draw.statement.arguments]
    return list(dict.fromkeys(found))


def judged(pick: Callable[..., int], target: float = 1000.0) -> Callable[[Draw], Values | None]:
    """Large logits, and labels at the least (or the most) likely class."""

    def regime(draw: Draw) -> Values | None:
        pairs = list(selections(draw.statement))
        names = [tensor for tensor, _, _ in pairs]
        if not names or pairs[-1][2] in draw.given:
            return None
        tensor, axis, label = pairs[-1]
        values = _stretch(draw, draw.values(), tensor, target, False)
        if values is None:
            return None
        logits = draw.quantities(values).real[tensor].value
        chosen = pick(logits, axis=axis)
        if np.shape(chosen) != values[label].shape:
            return None
        values[label] = np.asarray(chosen, np.intp)
        return values

    return regime


def same_label(position: str) -> Callable[[Draw], Values | None]:
    """All labels equal: the first class, or the last."""

    def regime(draw: Draw) -> Values | None:
        labels = [t for t in draw.statement.arguments.values() if t.dtype == "integer"]
        labels = [t for t in labels if t.name not in draw.given and "distinct" not in t.assumptions]
        if not labels:
            return None
        values = draw.values()
        for tensor in labels:
            label = 0 if position == "first" else draw.below(tensor) - 1
            values[tensor.name] = np.full(draw.shape(tensor), label, np.intp)
        return values

    return regime


def offset(draw: Draw) -> Values | None:
    """Arguments far from zero: what subtracts a mean or a maximum first loses little."""
    values = draw.values()
    movable = [n for n in values if draw.loose(n) and values[n].ndim]
    if not movable:
        return None
    chosen = movable if draw.rng.random() < 0.5 else [draw.rng.choice(movable)]
    for name in chosen:  # half of the digits are kept at least
        far = 10 ** draw.rng.uniform(0.08 * draw.form.digits, 0.15 * draw.form.digits)
        values[name] = (values[name] + draw.rng.choice([-far, far])).astype(draw.form.dtype)
    return values


def ties(draw: Draw) -> Values | None:
    """Repeated entries where extremes are taken: ties that are exact."""
    reductions = (e.rhs for e in draw.statement.equations if isinstance(e.rhs, Reduction))
    if not any(rhs.kind in EXTREMES for rhs in reductions):
        return None
    values = draw.values()
    for name, array in values.items():
        if draw.loose(name) and array.size > 1:
            copied = draw.rng.choice(array.ravel(), size=array.shape)
            values[name] = np.where(draw.rng.random(array.shape) < 0.7, copied, array)
    return values


REGIMES = (
    Regime("normal numbers", normal, everywhere=True),
    Regime("whole numbers", whole, everywhere=True),
    Regime("each argument on its own scale", uneven, everywhere=True),
    Regime("zeros and ones", bits),
    Regime("small numbers", scaled(1e-3)),
    Regime("numbers times 10", scaled(10.0)),
    Regime("positive numbers", positive),
    Regime("half of the entries zero", sparse),
    Regime("everything zero", zero),
    Regime("kinks met exactly", kinks, everywhere=True),
    Regime("exponents up to 50", stretched(50.0)),
    Regime("exponents up to 1000", stretched(1000.0), everywhere=True),
    Regime("exponents down to -1000", lowered),
    Regime("exponents up to 300 anywhere", stretched(300.0, "any")),
    Regime("rows with small and large exponents", stretched(1000.0, mixed=True)),
    Regime("repeated entries", ties, everywhere=True),
    Regime("far from zero", offset, everywhere=True),
    Regime("thresholds of the format", thresholds, everywhere=True),
    Regime("boundaries of branches", branches, everywhere=True),
    Regime("confident mistakes", judged(np.argmin)),
    Regime("confident and right", judged(np.argmax)),
    Regime("all labels the first class", same_label("first")),
    Regime("all labels the last class", same_label("last")),
)
GENERIC = (REGIMES[0], REGIMES[2], REGIMES[6])  # where a cause is looked for
