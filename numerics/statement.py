"""What every backend begins with: the arguments, the results, and equations fit to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backproof.numerics.arguments import Arguments
from backproof.numerics.planning.rewrites import rewritten
from backproof.numerics.shifting import shifted
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Stated:
    """A model or derivation read for a backend."""

    equations: tuple[Equation, ...]
    steps: tuple[Step, ...]
    arguments: Arguments
    results: Mapping[str, Tensor]
    alone: bool


def stated(statement: Model | Derivation, dtype: str | type, backend: str) -> Stated:
    """The equations rewritten as for NumPy (shifted, shared), and what goes in and out.

    Raises `BackproofError` for a dtype in which the backend does not compute.
    """
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind not in (np.float64, np.float32):
        raise BackproofError(
            "bp.compile",
            f"dtype {dtype!r} with backend {backend!r}",
            "float64 or float32",
            "pass one of them, or backend='numpy' for another real floating type",
        )
    results = dict(statement.results)
    if isinstance(statement, Derivation):
        results = {"value": statement.value, **results}
    taken = {*statement.arguments, *(e.tensor.name for e in statement.equations)}
    equations, steps = shifted(statement.equations, results.values(), taken)
    equations, further = rewritten(equations, results.values(), taken)
    alone = isinstance(statement, Model) and not statement.outputs
    return Stated(
        equations, (*steps, *further), Arguments(statement.arguments, kind), results, alone
    )
