"""Rewrites of equations before they are lowered, each recorded as a step with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backproof.numerics.planning.pooling import pooled_first
from backproof.numerics.planning.sharing import shared
from backproof.numerics.planning.unit_axes import unit_axes
from backproof.theory.equations import Equation
from backproof.theory.notation import Tensor
from backproof.theory.steps import Step


def rewritten(
    equations: Sequence[Equation], outputs: Iterable[Tensor], names: set[str]
) -> tuple[tuple[Equation, ...], tuple[Step, ...]]:
    """The equations after all rewrites, and the steps; ``names`` are taken."""
    plain, first = unit_axes(equations)
    pooled, second = pooled_first(plain, outputs, names)
    once, third = shared(pooled, names)
    return tuple(once), (*first, *second, *third)
