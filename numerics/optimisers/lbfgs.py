"""L-BFGS through SciPy, with the compiled gradient; its direction as equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from backproof.numerics.optimisers.history import Array, Arrays, History, Progress
from backproof.numerics.optimisers.objective import Found, Objective
from backproof.numerics.optimisers.watching import watched
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.descent.two_loop import two_loop
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS with a line search (SciPy's L-BFGS-B without bounds).

    ``memory`` pairs of steps and gradient changes are kept; it stops where no entry of the
    gradient exceeds ``gtol`` or the value falls by less than ``ftol`` relatively.
    """

    memory: int = 10
    gtol: float = 1e-8
    ftol: float = 1e-14

    def __post_init__(self) -> None:
        two_loop(self.memory)  # refuses an impossible memory

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The direction, from the gradient and the pairs: the two-loop recursion."""
        return two_loop(self.memory).equations

    def minimise(
        self,
        statement: Model | Derivation,
        data: Arrays,
        parameters: Arrays,
        steps: int,
        *,
        each: Callable[[int, float], Any] | None = None,
        progress: Progress | bool | None = None,
    ) -> History:
        """At most ``steps`` iterations on a model's scalar output, over all data at once.

        The rest is as in `Optimiser.minimise`, but that ``data`` are the arrays themselves (a line
        search compares values, and those of two batches say nothing) and all is in float64.

        Raises `BackproofError` where the value or the gradient is not finite.

        >>> from backproof.theory.trace.tracing import trace
        >>> model = trace("(1 - x)**2 + 100 * (y - x**2)**2", x="", y="")  # Rosenbrock's function
        >>> found = lbfgs().minimise(model, {}, {"x": -1.2, "y": 1.0}, steps=100)
        >>> round(float(found.parameters["x"]), 6), round(float(found.parameters["y"]), 6)
        (1.0, 1.0)
        """
        if not isinstance(data, Mapping):
            found = f"data that are a {type(data).__name__}"
            raise BackproofError("lbfgs", found, "a dictionary of arrays", "pass all examples")
        given = {name: np.array(p, float) for name, p in parameters.items()}
        objective = Objective.of(statement, given)
        ends = np.cumsum([p.size for p in given.values()])[:-1]
        seen: list[Found] = []
        done: list[tuple[float, float]] = []

        def unpacked(flat: Array) -> dict[str, Array]:
            parts = np.split(flat, ends)
            return {n: a.reshape(p.shape) for (n, p), a in zip(given.items(), parts, strict=True)}

        def evaluated(flat: Array) -> tuple[float, Array]:
            where = f"lbfgs, iteration {len(done) + 1}"
            seen.append(objective.at(where, data, unpacked(flat)))
            own = seen[-1].gradients
            return seen[-1].value, np.concatenate([np.ravel(own[name]) for name in given])

        with watched("L-BFGS", steps, progress) as report:

            def iterated(intermediate_result: OptimizeResult) -> None:
                value = float(intermediate_result.fun)
                norm = next((f.norm for f in reversed(seen) if f.value == value), np.nan)
                done.append((value, norm))
                report("iterations", len(done), steps)
                if each is not None:
                    each(len(done), value)

            result = minimize(
                evaluated,
                np.concatenate([p.ravel() for p in given.values()]),
                jac=True,
                method="L-BFGS-B",
                callback=iterated,
                options={
                    "maxcor": self.memory,
                    "maxiter": steps,
                    "maxfun": 20 * steps,
                    "gtol": self.gtol,
                    "ftol": self.ftol,
                },
            )
        values, norms = np.array(done, float).reshape(-1, 2).T
        return History(
            unpacked(result.x), values, norms, None, int(result.nfev), str(result.message)
        )


def lbfgs(memory: int = 10, gtol: float = 1e-8, ftol: float = 1e-14) -> LBFGS:
    """Limited-memory BFGS with this memory and these tolerances.

    Reference: Nocedal and Wright, Numerical Optimization, 2nd ed. (2006), algorithm 7.5.

    >>> print(lbfgs(memory=1).equations[-1])
    r0[i] = (alpha0 - beta0) s[0,i] + r[i]
    """
    return LBFGS(memory, gtol, ftol)
