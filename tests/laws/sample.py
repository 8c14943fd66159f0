"""A model to apply laws to: NumPy source, the shapes of its inputs, and numbers for them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.declarations import Array, array, size
from backproof.theory.evaluation.exact import Nested
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from backproof.theory.trace.tracing import trace

DIGITS = 30  # evaluation
CLOSE = mpmath.mpf(10) ** -20  # what 30 digits must at least agree to


@dataclass(frozen=True)
class Sample:
    """A statement in NumPy, and which of its inputs a second derivative is asked of.

    ``positive`` inputs are drawn from (0.4, 2), all others from (−1.5, 1.5).  A model that puts
    numbers in order does not ``expand`` in symbols.
    """

    name: str
    source: str
    shapes: Mapping[str, str | Array]
    positive: tuple[str, ...] = ()
    twice: str = ""
    expands: bool = True
    sizes: tuple[Mapping[str, int], ...] = field(default=())

    def model(self) -> Model:
        """The traced model."""
        return trace(self.source, **self.shapes)

    def assignments(self) -> tuple[Mapping[str, int], ...]:
        """Two assignments of sizes; in each, all sizes differ."""
        if self.sizes:
            return self.sizes
        declared = [s if isinstance(s, Array) else array(s) for s in self.shapes.values()]
        names = sorted({s.name for a in declared for size in a.shape for s in size.free_symbols})
        count = len(names)
        if count == 1:
            return ({names[0]: 2}, {names[0]: 3})
        return (
            dict(zip(names, range(2, 2 + count), strict=True)),
            dict(zip(names, range(1 + count, 1, -1), strict=True)),
        )

    def inputs(
        self, arguments: Mapping[str, Tensor], sizes: Mapping[str, int], seed: int
    ) -> dict[str, Nested]:
        """Numbers for the arguments of a model or derivation."""
        return numbers_for(arguments, sizes, seed, self.positive)


def numbers_for(
    arguments: Mapping[str, Tensor],
    sizes: Mapping[str, int],
    seed: int,
    positive: tuple[str, ...] = (),
) -> dict[str, Nested]:
    """Random numbers at mpmath's precision for some tensors, with generic (distinct) entries."""
    source = random.Random(seed)
    known = {size(name): extent for name, extent in sizes.items()}

    def leaf(tensor: Tensor) -> Any:
        if tensor.dtype == "integer":
            return source.randrange(int(sp.sympify(tensor.below).subs(known)))
        low, high = (4 * 10**8, 2 * 10**9) if tensor.name in positive else (-15 * 10**8, 15 * 10**8)
        return mpmath.mpf(source.randint(low, high)) / 10**9

    def filled(tensor: Tensor, shape: list[int]) -> Nested:
        if not shape:
            return leaf(tensor)
        return tuple(filled(tensor, shape[1:]) for _ in range(shape[0]))

    def declared(tensor: Tensor, value: Nested) -> Nested:
        """The numbers made to fit what was declared of them: S + Sᵀ, rows over their sums."""
        if tensor.assumptions & {"symmetric", "positive_definite"}:
            n = len(value)
            return tuple(tuple(value[i][j] + value[j][i] for j in range(n)) for i in range(n))
        if "simplex" in tensor.assumptions:
            if isinstance(value[0], tuple):
                return tuple(declared(tensor, row) for row in value)
            return tuple(abs(v) / mpmath.fsum(map(abs, value)) for v in value)
        return value

    return {
        name: declared(tensor, filled(tensor, [int(s.subs(known)) for s in tensor.shape]))
        for name, tensor in arguments.items()
    }
