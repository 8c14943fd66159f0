"""What is minimised: a compiled value and gradient, and what is not finite first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.optimisers.history import Array, Arrays
from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Found:
    """A value and its gradient at a point."""

    value: float
    gradients: Arrays

    @property
    def norm(self) -> float:
        """The Euclidean norm of all gradients together."""
        return float(np.sqrt(sum(float(np.vdot(g, g)) for g in self.gradients.values())))


@dataclass(frozen=True)
class Objective:
    """A scalar model, its gradient in some parameters, and the kernel of both."""

    derivation: Derivation
    kernel: Kernel

    @classmethod
    def of(cls, statement: Model | Derivation, parameters: Arrays) -> Objective:
        """The objective of a model, or of its gradient, in the parameters that are given.

        Raises `BackproofError` for what is no scalar, and for parameters that it lacks.
        """
        if not isinstance(parameters, Mapping) or not parameters:
            raise BackproofError(
                "parameters", f"{parameters!r}"[:60], "arrays by their names", "pass a dictionary"
            )
        names = tuple(parameters)
        derivation = statement if isinstance(statement, Derivation) else derive(statement, names)
        if derivation.order != 1 or derivation.value.shape:
            raise BackproofError(
                "minimise", "what is not the gradient of a scalar", "a scalar model", "sum it"
            )
        if set(derivation.results) != set(names):
            raise BackproofError(
                "minimise",
                f"the gradient in {', '.join(derivation.results)}",
                f"in {', '.join(names)}, the parameters that were given",
                "derive it with wrt= those names",
            )
        dtypes = {np.asarray(p).dtype for p in parameters.values()}
        dtype = "float32" if dtypes == {np.dtype("float32")} else "float64"
        return cls(derivation, compile(derivation, dtype=dtype))

    def cast(self, parameters: Arrays) -> dict[str, Array]:
        """The parameters as arrays of the kernel's kind."""
        return {name: np.array(p, self.kernel.dtype) for name, p in parameters.items()}

    def at(self, where: str, data: Arrays, parameters: Arrays) -> Found:
        """The value and gradient, all of them finite.

        Raises `BackproofError` with the first quantity of the equations that is not.
        """
        given = {**data, **parameters}
        try:
            with np.errstate(all="ignore"):
                out = self.kernel(**given)
        except BackproofError as error:
            place = f"{where}: {error.where}"
            raise BackproofError(place, error.found, error.expected, error.move) from None
        found = Found(float(out["value"]), {name: out[name] for name in parameters})
        for name, array in (("value", out["value"]), *found.gradients.items()):
            if not np.all(np.isfinite(array)):
                tensor = self.kernel.results[name]
                self._refuse(where, given, tensor.name, array)
        return found

    def require_finite(self, where: str, parameters: Arrays) -> None:
        """Refuse a parameter that overflowed."""
        for name, array in parameters.items():
            if not np.all(np.isfinite(array)):
                raise BackproofError(
                    where, f"{name} with {_bad(array)} after it", "finite numbers", MOVE
                )

    def _refuse(self, where: str, given: Mapping[str, Any], name: str, array: Any) -> None:
        first, value = self._first(given) or (name, array)
        because = "" if first == name else f", and so {name}"
        raise BackproofError(where, f"{first} with {_bad(value)}{because}", "finite numbers", MOVE)

    def _first(self, given: Mapping[str, Any]) -> tuple[str, Any] | None:
        """The first quantity of the equations that is not finite, and its value."""
        values, sizes = self.kernel.arguments.bind(given)
        known = dict(zip(self.kernel.arguments.sizes, sizes, strict=True))
        arrays = dict(zip(self.kernel.arguments.names, values, strict=True))
        here = Evaluation(Format.of(self.kernel.dtype), known, arrays, bounds=False)
        here.run(self.derivation.equations)
        for equation in self.derivation.equations:
            name = equation.tensor.name
            if name in here.real:
                with np.errstate(all="ignore"):
                    array = here.real[name].value.astype(self.kernel.dtype)
                if not np.all(np.isfinite(array)):
                    return name, array
        return None


MOVE = "make the learning rate smaller, or scale the data and the first parameters"


def _bad(array: Any) -> str:
    """The first entry that is not finite, and where it stands."""
    array = np.asarray(array)
    places = np.argwhere(~np.isfinite(array))
    at = f" at [{', '.join(map(str, places[0]))}]" if array.ndim else ""
    return f"{array[tuple(places[0])]}{at}"
