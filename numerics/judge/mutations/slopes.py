"""Wrong local derivatives: of another activation, at the output, or with a part missing."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    own_tensor,
    terms_of,
    with_factor,
)
from backproof.theory.equations import Equation
from backproof.theory.networks import ACTIVATIONS
from backproof.theory.notation import Entry, Factor, Map, distinct, indices_in, slot
from backproof.theory.printing.text import text
from backproof.theory.scalars import absolute, relu, sigmoid, softplus, step

SWAPPED = (sigmoid, sp.tanh, relu, softplus)
LEAK = sp.Rational(1, 100)


def slopes(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """Every small change of a scalar expression, and other derivatives in its place."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        for place, factor in enumerate(term.factors):
            if not isinstance(factor, Map):
                continue
            for expression in dict.fromkeys(_changed(factor.expression)):
                if expression == factor.expression:
                    continue
                yield from _replaced(equation, n, place, factor, _map(expression, factor), 3)
            for other, words in _others(equation, scene, factor):
                new = with_factor(equation, n, place, other)
                if new is not None:
                    family = f"slope {other.expression if isinstance(other, Map) else ''} {words}"
                    said = f"{text(other)} in the place of {text(factor)} in {name} ({words})"
                    yield Mutation("slope", family, said, {name: new}, 3)


def _replaced(
    equation: Equation, n: int, place: int, factor: Map, other: Factor | None, rank: int
) -> Iterator[Mutation]:
    if other is None:
        return
    new = with_factor(equation, n, place, other)
    if new is not None:
        name = equation.tensor.name
        words = f"{text(other)} in the place of {text(factor)} in {name}"
        family = f"slope {factor.expression} to {getattr(other, 'expression', 'entry')}"
        yield Mutation("slope", family, words, {name: new}, rank)


def _map(expression: sp.Expr, factor: Map) -> Factor | None:
    """The expression applied to the arguments that it still has."""
    if expression.has(sp.zoo, sp.nan, sp.oo):
        return None
    used = [n for n in range(len(factor.arguments)) if slot(n) in expression.free_symbols]
    kept = {i for n in used for i in indices_in(factor.arguments[n])}
    if kept != set(indices_in(factor)):
        return None
    new = {slot(n): slot(k) for k, n in enumerate(used)}
    arguments = tuple(factor.arguments[n] for n in used)
    return Map(expression.xreplace(new), arguments)


def _changed(e: sp.Expr) -> Iterator[sp.Expr]:
    """The expression with one node changed."""
    if isinstance(e, sp.Add | sp.Mul):
        for n, part in enumerate(e.args):
            rest = (*e.args[:n], *e.args[n + 1 :])
            yield e.func(*rest)
            if isinstance(e, sp.Add):
                yield e.func(*rest, -part)
    if isinstance(e, sp.Pow):
        yield from _other_power(e)
    if isinstance(e, sp.Add):
        yield from _into_the_root(e)
    if isinstance(e, absolute):
        yield e.args[0]
    if isinstance(e, step):
        yield step(-e.args[0])
        yield e + LEAK * step(-e.args[0])
    if isinstance(e, SWAPPED):
        yield e.args[0]
        for other in SWAPPED:
            yield other(e.args[0])
    for n, part in enumerate(e.args):
        if isinstance(part, sp.Expr) and part.free_symbols:
            for new in _changed(part):
                yield e.func(*e.args[:n], new, *e.args[n + 1 :])


def _other_power(e: sp.Pow) -> Iterator[sp.Expr]:
    """The square or the root left out, a variable power left out, an addend out of the root."""
    if e.exp == 2 or e.exp.free_symbols:
        yield e.base
    if e.exp in (sp.S.Half, -sp.S.Half):
        yield e.base ** (2 * e.exp)
        for part in e.base.args if isinstance(e.base, sp.Add) else ():
            yield (sp.sqrt(e.base - part) + part) ** (2 * e.exp)


def _into_the_root(e: sp.Add) -> Iterator[sp.Expr]:
    """√(x + c) in the place of √x + c."""
    for root in e.args:
        if isinstance(root, sp.Pow) and root.exp == sp.S.Half:
            for part in e.args:
                if part != root:
                    yield e - root - part + sp.sqrt(root.base + part)


def _others(equation: Equation, scene: Scene, factor: Map) -> Iterator[tuple[Map, str]]:
    """Derivatives of the known activations, at the pre-activation and at what is made of it."""
    own, axes = own_tensor(equation, scene), distinct(indices_in(factor))
    if own is None or tuple(i.size for i in axes) != own.shape:
        return
    x = slot(0)
    through = {"logistic": x * (1 - x), "tanh": 1 - x**2}
    for tensor in (own, *scene.activation_of(own, equation.tensor.name)):
        at = "the pre-activation" if tensor == own else "the output"
        for activation, g in ACTIVATIONS.items():
            slope = sp.diff(g(x), x)
            if activation != "sigmoid" and not slope.is_number:
                words = f"the derivative of {activation} at {at} {tensor.name}"
                yield Map(slope, (Entry(tensor, axes),)), words
        for activation, slope in through.items():
            words = f"the derivative of {activation} written through {tensor.name}"
            yield Map(slope, (Entry(tensor, axes),)), words
