"""Target functions on [0, 1], and what bounds of approximation ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.reading import partial
from backproof.numerics.enclosures.rounding import Array
from backproof.theory.errors import BackproofError

X = sp.Symbol("x", real=True)


@dataclass(frozen=True)
class Target:
    """f on [0, 1], with |f(x) − f(y)| ≤ H |x − y|^s for the stated Hölder ``exponent`` s.

    ``constant`` is H where it cannot be certified from f′, as for a function with a kink.
    """

    name: str
    expression: sp.Expr
    exponent: sp.Rational = sp.S.One
    constant: sp.Expr | None = None

    @cached_property
    def holder(self) -> float:
        """H, for s = 1 an enclosed upper bound of sup|f′|."""
        if self.constant is not None:
            return float(self.constant) * (1 + 1e-15)
        return self.derivative(1)

    @cached_property
    def curvature(self) -> float:
        """An enclosed upper bound of sup|f″|."""
        return self.derivative(2)

    def derivative(self, order: int) -> float:
        """An enclosed upper bound of sup|f⁽ᵏ⁾|, which is refused where it is not finite."""
        slope = partial(Expression(self.expression, (X,)), (order,))
        assert isinstance(slope, Expression)
        found = certify(slope.expression, 0, rtol=1e-4).upper
        if not np.isfinite(found):
            raise BackproofError(self.name, f"an unbounded f^({order})", "a bounded one", "state H")
        return found

    @property
    def smooth(self) -> bool:
        """Whether f has a second derivative to speak of."""
        return not self.expression.has(sp.Abs, sp.Piecewise, sp.Max, sp.Min) and self.exponent == 1

    def modulus(self, distance: float) -> float:
        """ω(f, δ) ≤ H δ^s."""
        return self.holder * distance ** float(self.exponent)

    def __call__(self, x: Array | float) -> Array:
        """f at points, in float64."""
        values = sp.lambdify(X, self.expression, "numpy")(np.asarray(x, float))
        return np.broadcast_to(np.asarray(values, float), np.shape(x)).copy()


TARGETS = (
    Target("sin 2πx", sp.sin(2 * sp.pi * X)),
    Target("x²", X**2),
    Target("x³ − x", X**3 - X),
    Target("e⁻ˣ", sp.exp(-X)),
    Target("log(1 + 3x)", sp.log(1 + 3 * X)),
    Target("x sin 9x", X * sp.sin(9 * X)),
    Target("Gaussian", sp.exp(-25 * (X - sp.S.Half) ** 2)),
    Target("Runge", 1 / (1 + 25 * (X - sp.S.Half) ** 2)),
    Target("tanh(8x − 4)", sp.tanh(8 * X - 4)),
    Target("|x − 1/2|", sp.Abs(X - sp.S.Half), constant=sp.S.One),
    Target("hat", sp.Max(0, 1 - 4 * sp.Abs(X - sp.S.Half)), constant=sp.Integer(4)),
    Target("√x", sp.sqrt(X), sp.S.Half, sp.S.One),
    Target("|x − 1/3|^{1/2}", sp.sqrt(sp.Abs(X - sp.Rational(1, 3))), sp.S.Half, sp.S.One),
)
