"""Labels off by one, or of another example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.numerics.judge.mutations.mutation import (
    Further,
    Mutation,
    Scene,
    rebuilt,
    terms_of,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.notation import Delta, Entry, Factor, Map, Subscript, Tensor, entries_in

SHIFTS = {
    "({}+1)": ("one too high", lambda y, k: (y + 1) % k),
    "({}-1)": ("one too low", lambda y, k: (y - 1) % k),
    "next_{}": ("of the next example", lambda y, k: np.roll(y, -1, axis=0)),
    "reversed_{}": ("in reverse order", lambda y, k: y[::-1]),
}


def labels(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """Every use of an array of labels in an equation, shifted."""
    used = {e.tensor for f in equation.rhs.factors for e in entries_in(f)}
    for tensor in used:
        if tensor.dtype != "integer" or tensor.name not in scene.statement.arguments:
            continue
        for shift, (said, _) in SHIFTS.items():
            other = replace(tensor, name=shift.format(tensor.name))
            terms = (
                Contraction(
                    t.coefficient, tuple(_read(f, tensor, other) for f in t.factors), t.over
                )
                for t in terms_of(equation)
            )
            new = rebuilt(equation, tuple(terms))
            if new is not None:
                name = equation.tensor.name
                words = f"the labels {tensor.name} {said} in {name}"
                further = {other.name: _shifted(shift, tensor)}
                family = f"labels {said}"
                yield Mutation("labels", family, words, {name: new}, 4, further)


def overwritten(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """``dE[t] += …``: of several uses of one label only the last one counts."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        for factor in term.factors:
            if not isinstance(factor, Delta):
                continue
            label = factor.left if isinstance(factor.left, Entry) else factor.right
            if not isinstance(label, Entry) or len(label.subscripts) != 1:
                continue
            (index,) = label.subscripts
            if index not in term.over or label.tensor.name not in scene.statement.arguments:
                continue
            mask = Tensor(f"last_{label.tensor.name}", label.tensor.shape, label.tensor.axes)
            factors = (*term.factors, Entry(mask, label.subscripts))
            new = with_term(equation, n, Contraction(term.coefficient, factors, term.over))
            if new is not None:
                words = (
                    f"only the last of equal labels {label.tensor.name} counted in {name} "
                    f"(indexing with += adds once; use np.add.at)"
                )
                further = {mask.name: _last(label.tensor)}
                yield Mutation("labels", "overwritten", words, {name: new}, 3, further)


def _last(tensor: Tensor) -> Further:
    def array(size: Any, arguments: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        y = np.asarray(arguments[tensor.name])
        later = y[None, :] == y[:, None]
        return 1.0 - np.any(np.triu(later, 1), axis=1)

    return array


def _read(factor: Factor, old: Tensor, new: Tensor) -> Factor:
    def entry(e: Entry) -> Entry:
        inner = tuple(map(subscript, e.subscripts))
        return Entry(new if e.tensor == old else e.tensor, inner)

    def subscript(s: Subscript) -> Subscript:
        return entry(s) if isinstance(s, Entry) else s

    if isinstance(factor, Entry):
        return entry(factor)
    if isinstance(factor, Delta):
        return Delta(subscript(factor.left), subscript(factor.right))
    if isinstance(factor, Map):
        return Map(factor.expression, tuple(map(entry, factor.arguments)))
    return factor


def _shifted(shift: str, tensor: Tensor) -> Further:
    def array(size: Any, arguments: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        return SHIFTS[shift][1](np.asarray(arguments[tensor.name]), size(tensor.below))

    return array
