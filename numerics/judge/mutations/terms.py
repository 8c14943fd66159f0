"""Terms and factors left out, whole results never computed, and gradients multiplied once more."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    called,
    is_penalty,
    own_tensor,
    rebuilt,
    terms_of,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.networks import ACTIVATIONS
from backproof.theory.notation import Delta, Entry, Map, Ones, indices_in, slot
from backproof.theory.printing.text import text


def terms(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """One term left out; everything left out."""
    name, own = equation.tensor.name, terms_of(equation)
    if len(own) > 1:
        for n, term in enumerate(own):
            new = with_term(equation, n)
            if new is not None:
                penalty = is_penalty(equation, term, scene)
                label = any(isinstance(f, Delta) for f in term.factors)
                words = f"{called(equation, term, scene)} left out"
                if not penalty:
                    words += f" of {name}"
                if label:
                    words += " (the −1 at the label is missing: p instead of p − y)"
                kind = "penalty" if penalty else "term left out"
                family = "penalty left out" if penalty else f"term {n} left out of {name}"
                yield Mutation(kind, family, words, {name: new}, 1)
    if name in {t.name for t in scene.statement.outputs.values()} and own:
        new = rebuilt(equation, ())
        if new is not None:
            yield Mutation("zero", "zero", f"{name} left at zero", {name: new}, 1)


def factors_left_out(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """One factor of a product left out, where the indices that remain still say what is meant."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        solid = [f for f in term.factors if not isinstance(f, Ones)]
        if len(solid) < 2:
            continue
        for factor in solid:
            if isinstance(factor, Delta):
                continue
            rest = tuple(f for f in term.factors if f is not factor)
            carried = {i for f in rest for i in indices_in(f)}
            lost = [i for i in term.over if i not in carried]
            if any(i not in carried for i in term.free):
                continue
            over = tuple(i for i in term.over if i not in lost)
            new = with_term(equation, n, Contraction(term.coefficient, rest, over))
            if new is not None:
                slope = isinstance(factor, Map)
                derived = slope and equation.tensor.cotangent_of is not None
                what = "the local derivative" if derived else "the factor"
                words = f"{what} {text(factor)} left out of {name}"
                family = f"left out {slope or factor.tensor.name}"  # type: ignore[union-attr]
                yield Mutation("factor left out", family, words, {name: new}, 2)
    yield from _shared_left_out(equation)


def _shared_left_out(equation: Equation) -> Iterator[Mutation]:
    """A factor that all of several terms have, left out of all of them."""
    own, name = terms_of(equation), equation.tensor.name
    if len(own) < 2:
        return
    shared = [f for f in own[0].factors if all(f in t.factors for t in own)]
    for factor in shared:
        if isinstance(factor, Ones):
            continue
        terms = []
        for term in own:
            rest = tuple(f for f in term.factors if f != factor)
            carried = {i for f in rest for i in indices_in(f)}
            ones = tuple(Ones(i) for i in equation.indices if i not in carried)
            over = tuple(i for i in term.over if i in carried)
            terms.append(Contraction(term.coefficient, (*rest, *ones), over))
        new = rebuilt(equation, tuple(terms))
        if new is not None:
            words = f"the factor {text(factor)} left out of {name}"
            yield Mutation("factor left out", f"shared {text(factor)}", words, {name: new}, 2)


def multiplied_again(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A cotangent times a local derivative that does not belong there, such as p (1 − p)."""
    own = own_tensor(equation, scene)
    name = equation.tensor.name
    if own is None or own.name in scene.statement.arguments or not terms_of(equation):
        return
    x = slot(0)
    slopes = [(own, activation, sp.diff(g(x), x)) for activation, g in ACTIVATIONS.items()]
    for other in scene.like(equation.tensor, name):
        if other.cotangent_of is None and other != own:
            slopes.append((other, "value", x))
            slopes += [(other, "logistic value", x * (1 - x)), (other, "tanh value", 1 - x**2)]
    for tensor, activation, slope in slopes:
        if slope.is_number or activation == "logistic":
            continue
        factor = (
            Entry(tensor, equation.indices)
            if slope == x
            else Map(slope, (Entry(tensor, equation.indices),))
        )
        new = rebuilt(
            equation,
            tuple(
                Contraction(t.coefficient, (factor, *t.factors), t.over) for t in terms_of(equation)
            ),
        )
        if new is not None:
            words = f"{name} multiplied by {text(factor)} as well"
            yield Mutation("factor added", f"factor added {activation}", words, {name: new}, 4)
