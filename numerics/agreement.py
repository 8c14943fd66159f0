"""Agreement of a kernel's derivatives with central differences of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.notation import Tensor


@dataclass(frozen=True)
class Agreement:
    """The largest relative gap over random points and directions, and the gap that is allowed."""

    gap: float
    allowed: float
    points: int
    sizes: str

    @property
    def holds(self) -> bool:
        """Whether every point agrees."""
        return self.gap <= self.allowed

    def __str__(self) -> str:
        return (
            f"largest relative gap {self.gap:.1e} over {self.points} random points and directions "
            f"({self.sizes}), allowed {self.allowed:.0e}; extended precision"
        )


def gradient_agreement(derivation: Derivation, points: int = 4, seed: int = 0) -> Agreement | None:
    """Compare ``Σ gradient · direction`` with a central difference along the direction.

    Only gradients of a scalar in inputs of the model are compared; anything else gives `None`.
    The arithmetic is extended precision, so that a step of 1e-6 leaves about 1e-11.
    """
    wanted = {k: t for k, t in derivation.model.arguments.items() if k in derivation.results}
    plain = derivation.order == 1 and not derivation.value.shape and not derivation.per_sample
    if not plain or set(wanted) != set(derivation.results):
        return None
    kernel = compile(derivation, dtype="longdouble")
    value = compile(derivation.model, dtype="longdouble")
    rng = np.random.default_rng(seed)
    lengths = {s: 3 + n % 4 for n, s in enumerate(derivation.model.sizes)}
    gaps = []
    for _ in range(points):
        inputs = {n: _draw(rng, t, lengths) for n, t in derivation.model.arguments.items()}
        directions = {n: _direction(rng, t, inputs[n].shape) for n, t in wanted.items()}
        found = kernel(**inputs)
        slope = sum(
            float(np.sum(_paired(derivation, n, found[n]) * d)) for n, d in directions.items()
        )
        step = np.longdouble(1e-6)
        ahead = value(**inputs | {n: inputs[n] + step * d for n, d in directions.items()})
        behind = value(**inputs | {n: inputs[n] - step * d for n, d in directions.items()})
        difference = float((ahead - behind) / (2 * step))
        gaps.append(abs(slope - difference) / max(abs(difference), 1e-3))
    sizes = ", ".join(f"{s} = {n}" for s, n in lengths.items()) or "fixed sizes"
    return Agreement(max(gaps), 1e-7, points, sizes)


def _paired(derivation: Derivation, name: str, gradient: Any) -> Any:
    """The gradient's entries that count: of a constrained one, each pair once."""
    return np.tril(gradient) if derivation.symmetric.get(name) == "constrained" else gradient


def _direction(rng: np.random.Generator, tensor: Tensor, shape: tuple[int, ...]) -> Any:
    """A random direction in which the input stays what was declared of it."""
    drawn = np.asarray(rng.normal(size=shape))
    symmetric = {"symmetric", "positive_definite"} & tensor.assumptions
    return (drawn + np.swapaxes(drawn, -1, -2)) / 2 if symmetric else drawn


def _draw(rng: np.random.Generator, tensor: Tensor, lengths: dict[sp.Symbol, int]) -> Any:
    """A random input that respects what was declared of it."""
    shape = tuple(int(size.xreplace(lengths)) for size in tensor.shape)
    if tensor.below is not None:
        return rng.integers(0, int(tensor.below.xreplace(lengths)), size=shape)
    drawn = rng.normal(size=shape) / (np.sqrt(shape[-1]) if len(shape) > 1 else 1)
    if "positive_definite" in tensor.assumptions:
        drawn = drawn @ drawn.T + np.eye(shape[0])
    elif "symmetric" in tensor.assumptions:
        drawn = (drawn + drawn.T) / 2
    elif "positive" in tensor.assumptions or "nonnegative" in tensor.assumptions:
        drawn = np.abs(drawn) + 0.5
    elif "fraction" in tensor.assumptions:
        drawn = 0.5 + np.arctan(drawn) / np.pi
    elif "count" in tensor.assumptions:
        drawn = 1 + np.rint(np.abs(drawn))
    return drawn.astype(np.longdouble) if shape else np.longdouble(drawn)
