"""Equations evaluated at a point: the value of every quantity and its running error."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from backproof.numerics.judge.reference.contractions import sum_of
from backproof.numerics.judge.reference.matrix_values import matrix_value
from backproof.numerics.judge.reference.quantities import Quantities
from backproof.numerics.judge.reference.reductions import reduce
from backproof.numerics.judge.reference.running import ZERO, Running
from backproof.theory.equations import Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import UnsupportedError


class Evaluation(Quantities):
    """Quantities that equations define, one after the other.

    >>> from backproof.numerics.judge.reference.running import Format
    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.sum(x)**2", x="n")
    >>> n = model.sizes[0]
    >>> here = Evaluation(Format.of("float32"), {n: 2}, {"x": np.array([0.5, 0.1])})
    >>> f = here.run(model.equations).real["f"]
    >>> bool(abs(f.value - 0.36) < 1e-15), bool(1e-8 < f.error < 1e-6)
    (True, True)
    """

    def copy(self) -> Evaluation:
        """An evaluation that starts from the same quantities."""
        other = Evaluation(self.form, dict(self.sizes), {}, self.conventions, self.bounds)
        other.real, other.whole, other.ties = dict(self.real), dict(self.whole), dict(self.ties)
        return other

    def run(self, equations: Iterable[Equation]) -> Evaluation:
        """Compute the left-hand sides in order."""
        with np.errstate(all="ignore"):
            for equation in equations:
                self.define(equation)
        return self

    def define(self, equation: Equation) -> None:
        """Compute one left-hand side."""
        self.current = name = equation.tensor.name
        rhs = equation.rhs
        if isinstance(rhs, Sum) and equation.tensor.dtype == "integer":
            self._label(name, sum_of(rhs, equation.indices, self))
        elif isinstance(rhs, Sum):
            self.real[name] = sum_of(rhs, equation.indices, self)
        elif isinstance(rhs, Reduction):
            reduce(equation, rhs, self)
        elif isinstance(rhs, MatrixValue):
            matrix_value(equation, rhs, self)
        else:
            raise UnsupportedError(
                "bp.verify",
                f"{name}, defined by a {type(rhs).__name__}",
                "a sum, a reduction or a function of a matrix",
                "judge the quantities before it",
            )
        if name in self.real:
            value = self.real[name].value
            if not self.bounds:
                self.real[name] = Running(np.asarray(value, np.float64), ZERO)
            if np.any(np.isfinite(value) & (np.abs(value) > self.form.largest / 16)):
                self.beyond.add(name)

    def _label(self, name: str, found: Running) -> None:
        """A label that is computed, ⌊p⌋: doubtful where rounding decides which one it is."""
        known = np.isfinite(found.value)
        self.whole[name] = np.where(known, found.value, 0).astype(int)
        if np.any(found.error >= 0.5) or not np.all(known):
            self.doubtful.add(name)
