"""One array taken for another of the same shape: h1 for z1, dh1 for dz1, W1 for W2, Wᵀ for W."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    terms_of,
    with_factor,
)
from backproof.theory.equations import Equation, Reduction
from backproof.theory.errors import BackproofError
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Subscript,
    affine,
    distinct,
    indices_in,
)
from backproof.theory.printing.text import text


def operands(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """Another tensor of the same shape in the place of one, also inside a map."""
    name = equation.tensor.name
    if isinstance(equation.rhs, Reduction):
        yield from _in_reduction(equation, equation.rhs, scene)
    for n, term in enumerate(terms_of(equation)):
        for place, factor in enumerate(term.factors):
            if isinstance(factor, Entry) and factor.tensor.dtype == "real":
                for other in scene.like(factor.tensor, name):
                    new = with_factor(equation, n, place, Entry(other, factor.subscripts))
                    yield from _swap(equation, factor.tensor.name, other.name, new)
            elif isinstance(factor, Map):
                for k, argument in enumerate(factor.arguments):
                    for other in scene.like(argument.tensor, name):
                        entry = Entry(other, argument.subscripts)
                        swapped = (*factor.arguments[:k], entry, *factor.arguments[k + 1 :])
                        new = with_factor(equation, n, place, Map(factor.expression, swapped))
                        yield from _swap(equation, argument.tensor.name, other.name, new)
                yield from _for_a_map(equation, scene, n, place, factor)


def _swap(equation: Equation, old: str, other: str, new: Equation | None) -> Iterator[Mutation]:
    if new is not None:
        name = equation.tensor.name
        words = f"{other} in the place of {old} in {name}"
        yield Mutation("operand", f"{other} for {old}", words, {name: new}, 3)


def _for_a_map(
    equation: Equation, scene: Scene, n: int, place: int, factor: Map
) -> Iterator[Mutation]:
    """An array itself where a function of arrays is meant: h1 for 1[z1 > 0]."""
    name, axes = equation.tensor.name, distinct(indices_in(factor))
    for other_name, other in scene.tensors.items():
        known = scene.position[other_name] < scene.position[name]
        sizes = tuple(i.size for i in axes)
        if known and axes and other.shape == sizes and other.dtype == "real":
            new = with_factor(equation, n, place, Entry(other, axes))
            if new is not None:
                words = f"{other_name} in the place of {text(factor)} in {name}"
                yield Mutation("slope", f"{other_name} for a slope", words, {name: new}, 3)


def _in_reduction(equation: Equation, rhs: Reduction, scene: Scene) -> Iterator[Mutation]:
    name = equation.tensor.name
    for other in scene.like(rhs.operand.tensor, name):
        swapped = Reduction(rhs.kind, Entry(other, rhs.operand.subscripts), rhs.over)
        new = Equation(equation.tensor, equation.indices, swapped)
        yield from _swap(equation, rhs.operand.tensor.name, other.name, new)


def transposes(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A matrix read by columns where it is read by rows, where the sizes allow it."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        for place, factor in enumerate(term.factors):
            if not isinstance(factor, Entry) or len(factor.subscripts) != 2:
                continue
            a, b = factor.subscripts
            if not (isinstance(a, Index) and isinstance(b, Index)) or a.size != b.size or a == b:
                continue
            try:
                new = with_factor(equation, n, place, Entry(factor.tensor, (b, a)))
            except BackproofError:
                continue
            if new is not None:
                words = f"{factor.tensor.name} transposed in {name}"
                yield Mutation(
                    "transposed", f"{factor.tensor.name} transposed", words, {name: new}, 2
                )


def reversals(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """An array read backwards along an axis, where windows are read: a flipped filter."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        windows = [s for f in term.factors for s in _subscripts(f) if isinstance(s, Affine)]
        moving = {i for s in windows for i in indices_in(s)}
        for place, factor in enumerate(term.factors):
            if not isinstance(factor, Entry):
                continue
            for axis, s in enumerate(factor.subscripts):
                if not isinstance(s, Index) or s not in moving:
                    continue
                back = affine(s.size - 1, [(s, -sp.S.One)])
                subscripts = (*factor.subscripts[:axis], back, *factor.subscripts[axis + 1 :])
                new = with_factor(equation, n, place, Entry(factor.tensor, subscripts))
                if new is not None:
                    words = f"{factor.tensor.name} read backwards in {name} (a flipped window)"
                    family = f"{factor.tensor.name} backwards"
                    yield Mutation("reversed", family, words, {name: new}, 3)


def _subscripts(factor: Factor) -> Iterator[Subscript]:
    if isinstance(factor, Entry):
        yield from factor.subscripts
    elif isinstance(factor, Delta):
        yield from (factor.left, factor.right)
