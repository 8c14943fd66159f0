"""Rewrites of equations before they are lowered, each recorded as a step with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from backproof.numerics.planning.sharing import shared
from backproof.numerics.planning.unit_axes import unit_axes
from backproof.theory.equations import Equation
from backproof.theory.steps import Step


def rewritten(
    equations: Sequence[Equation], names: set[str]
) -> tuple[tuple[Equation, ...], tuple[Step, ...]]:
    """The equations after all rewrites, and the steps; ``names`` are taken."""
    plain, first = unit_axes(equations)
    once, second = shared(plain, names)
    return tuple(once), (*first, *second)
