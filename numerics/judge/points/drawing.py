"""Drawing arguments at random, as they were declared: positive, symmetric, labels below k, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.numerics.judge.points.sizes import Sizes
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.quantities import extent
from backproof.numerics.judge.reference.running import Array, Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor

Values = dict[str, Array]
Entries = Callable[[tuple[int, ...]], Array]
GRAIN = 64  # simplex entries are multiples of 1/64, so that their sum is exactly 1


@dataclass(frozen=True)
class Draw:
    """What a regime draws from: a generator, the statement, sizes, and the format under test.

    ``domain`` says where an undeclared argument must lie for the equations to be defined
    ("any", "positive", "unit"); ``given`` holds the caller's own generators by name.
    """

    rng: np.random.Generator
    statement: Statement
    sizes: Sizes
    form: Format
    domain: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = field(
        default_factory=dict
    )

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        """The shape of a tensor at these sizes."""
        known = tuple(sorted(self.sizes.items(), key=lambda pair: pair[0].name))
        return tuple(int(extent(size, known)) for size in tensor.shape)

    def below(self, tensor: Tensor) -> int:
        """The bound of an integer tensor."""
        known = tuple(sorted(self.sizes.items(), key=lambda pair: pair[0].name))
        return int(extent(tensor.below, known)) if tensor.below is not None else 1

    def values(self, entries: Entries | None = None) -> Values:
        """Every argument: real ones from ``entries``, labels at random."""
        return {name: self.argument(t, entries) for name, t in self.statement.arguments.items()}

    def argument(self, tensor: Tensor, entries: Entries | None = None) -> Array:
        """One argument as it was declared."""
        if tensor.name in self.given:
            return self._callers(tensor)
        if tensor.dtype == "integer":
            return self.labels(tensor)
        shape = self.shape(tensor)
        return self.conform(tensor, (entries or self.normal)(shape))

    def normal(self, shape: tuple[int, ...]) -> Array:
        """Normal numbers, scaled down along a long last axis so that products stay moderate."""
        scale = np.sqrt(min(1.0, 8.0 / shape[-1])) if len(shape) > 1 else 1.0
        return self.rng.normal(size=shape) * scale

    def labels(self, tensor: Tensor) -> Array:
        """Random labels; distinct ones where that was declared."""
        shape, below = self.shape(tensor), self.below(tensor)
        count = int(np.prod(shape))
        if "distinct" in tensor.assumptions and count <= below:
            return self.rng.permutation(below)[:count].reshape(shape).astype(np.intp)
        return self.rng.integers(0, below, size=shape).astype(np.intp)

    def conform(self, tensor: Tensor, raw: Array) -> Array:
        """Raw numbers made into what was declared, and rounded to the format."""
        raw = np.asarray(raw, float)
        known = tensor.assumptions
        domain = self.domain.get(tensor.name, "any")
        if "simplex" in known:
            raw = _simplex(raw)
        elif "positive_definite" in known:
            raw = np.round(raw * 8) / 8
            raw = raw @ np.swapaxes(raw, -1, -2) + np.eye(raw.shape[-1])
        elif "symmetric" in known:
            raw = np.tril(raw) + np.swapaxes(np.tril(raw, -1), -1, -2)
        if "positive" in known or domain == "positive":
            raw = np.where(raw == 0, 1.0, np.abs(raw))
        elif "nonnegative" in known:
            raw = np.abs(raw)
        elif "fraction" in known:
            # not at 0, where an average written as a step, v + (1 − β)(g − v), cancels
            raw = np.where((raw >= 0.05) & (raw <= 0.95), raw, _between(raw))
        elif "count" in known:
            raw = np.where((raw >= 1) & (raw == np.rint(raw)), raw, 1 + np.rint(4 * np.abs(raw)))
        elif domain == "unit":
            raw = _between(raw)
        return np.asarray(raw.astype(self.form.dtype))

    def scalable(self, name: str) -> bool:
        """Whether an argument may be multiplied by a positive number."""
        tensor = self.statement.arguments[name]
        bounded = tensor.assumptions & {"simplex", "fraction", "count"}
        fixed = bool(bounded) or name in self.given
        return tensor.dtype == "real" and not fixed and self.domain.get(name, "any") != "unit"

    def loose(self, name: str) -> bool:
        """Whether an argument may be any real array."""
        tensor = self.statement.arguments[name]
        return self.scalable(name) and not tensor.assumptions and name not in self.domain

    def quantities(self, values: Values) -> Evaluation:
        """Every quantity at these values, without errors."""
        evaluation = Evaluation(self.form, self.sizes, values, bounds=False)
        return evaluation.run(self.statement.equations)

    def _callers(self, tensor: Tensor) -> Array:
        shape = self.shape(tensor)
        array = np.asarray(self.given[tensor.name](self.rng, shape))
        if array.shape != shape:
            raise BackproofError(
                f"draw[{tensor.name!r}]",
                f"shape {array.shape}",
                f"{shape}",
                "return an array of the shape that is asked for",
            )
        return array.astype(np.intp if tensor.dtype == "integer" else self.form.dtype)


def _between(raw: Array) -> Array:
    """Any numbers as numbers between 0 and 1, neither of them reached."""
    return np.asarray(0.05 + 0.9 * (np.arctan(raw) / np.pi + 0.5))


def _simplex(raw: Array) -> Array:
    """Rows of non-negative multiples of 1/64 that sum to 1."""
    weights = np.abs(raw) + (np.sum(np.abs(raw), axis=-1, keepdims=True) == 0)
    whole = np.floor(GRAIN * weights / np.sum(weights, axis=-1, keepdims=True))
    whole[..., 0] += GRAIN - np.sum(whole, axis=-1)
    return whole / GRAIN
