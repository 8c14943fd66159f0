"""The learning rule at rows of data and rows of the model, by one kernel over all of them.

    ∂J/∂θ = (1/N) Σ_r ∂E/∂θ (data[r]) − (1/M) Σ_t ∂E/∂θ (model[t])

N and M need not be equal.  Both sets of rows stand in one batch with signed weights, so that each
weight matrix has one product over N + M rows and no sum of two large arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.sampling.conditionals import Conditionals, State
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.learning import slopes, weighted
from backproof.theory.energy.machine import Machine


@cache
def rule(machine: Machine, integrated: bool, dtype: str) -> Kernel:
    """The derived rule without the value of its loss, compiled once for each machine."""
    return compile(slopes(derive(weighted(machine, integrated))), dtype)


def contrast(
    conditionals: Conditionals,
    data: Mapping[str, np.ndarray],
    model: Mapping[str, np.ndarray],
    integrated: bool,
    scale: float = 1.0,
    out: State | None = None,
) -> State:
    """``scale`` times ∂J/∂θ; with ``out`` it is written to the arrays there.

    ``data`` and ``model`` hold the visible groups, and the hidden ones unless these are
    ``integrated``.
    """
    machine, dtype = conditionals.machine, conditionals.dtype
    counts = [len(next(iter(rows.values()))) for rows in (data, model)]
    signed = [dtype.type(sign * scale / n) for sign, n in zip((-1, 1), counts, strict=True)]
    known = dict(conditionals.values)
    known |= {name: np.concatenate([x, model[name]]) for name, x in data.items()}
    kernel = rule(machine, integrated, dtype.name)
    (weights,) = (n for n in kernel.arguments.names if n not in known)
    known[weights] = np.repeat(signed, counts)
    held = {} if out is None else {"out": out}
    found = kernel(**{name: known[name] for name in kernel.arguments.names}, **held)
    return {name: found[name] for name in machine.parameters if name in found}
