"""Sums over a part of an index: the last or first example left out, or the only one that counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Further,
    Mutation,
    Scene,
    terms_of,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.notation import Entry, Index, Tensor

PARTS = {
    "not_last": ("all but the last", lambda n: np.arange(n) < n - 1),
    "not_first": ("all but the first", lambda n: np.arange(n) > 0),
    "last": ("only the last", lambda n: np.arange(n) == n - 1),
    "first": ("only the first", lambda n: np.arange(n) == 0),
}


def examples(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A term summed over a part of one of its indices."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        for index in term.over:
            for part, (said, _) in PARTS.items():
                mask = Tensor(f"{part}_{index.size}", (index.size,), ("n",))
                factors = (*term.factors, Entry(mask, (index,)))
                new = with_term(equation, n, Contraction(term.coefficient, factors, term.over))
                if new is not None:
                    words = f"{said} {index.letter} counted in {name}"
                    further = {mask.name: _mask(part, index)}
                    family = f"{part} of {index.size}"
                    yield Mutation("examples", family, words, {name: new}, 4, further)


def _mask(part: str, index: Index) -> Further:
    def array(size: Any, arguments: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        return PARTS[part][1](size(sp.sympify(index.size))).astype(float)

    return array
