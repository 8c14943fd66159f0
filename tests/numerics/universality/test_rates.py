"""The checks of the theorems with a rate hold, and do not where a constant is wrong."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.universality import barron as spectral
from backproof.numerics.universality import jackson_operator, maurey_jones
from backproof.theory.universality import barron


@pytest.mark.parametrize("name", ["barron", "jackson", "maurey-jones"])
def test_the_check_holds(name: str) -> None:
    found = bp.check(name)
    assert found.holds, str(found)


def test_wrong_constants_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(jackson_operator, "MEAN_DISTANCE", 1.4)
        assert not jackson_operator.check().holds
    with monkeypatch.context() as patch:
        patch.setattr(barron, "gaussian", lambda d: sp.sqrt(d))  # an upper bound, and not C_f
        assert not spectral.check().holds
    with monkeypatch.context() as patch:
        patch.setattr(barron, "bound", lambda constant, r, n: constant / (100 * n))
        assert not spectral.check().holds
    with monkeypatch.context() as patch:
        honest = maurey_jones.step_dictionary
        patch.setattr(maurey_jones, "step_dictionary", lambda f: (*honest(f)[:2], honest(f)[2] / 9))
        assert not maurey_jones.check().holds
    with monkeypatch.context() as patch:  # units drawn with probabilities that are not those of f
        patch.setattr(maurey_jones, "UNITS", maurey_jones.UNITS[::-1])
        patch.setattr(maurey_jones, "prod", lambda chances, start: next(iter(chances)))
        assert not maurey_jones._average(2).holds


def test_the_constant_of_a_polynomial_bounds_a_series() -> None:
    """Σ|jω||c_j| of the very extension, by quadrature, stays below what is derived for it."""
    x, y = sp.symbols("x y", real=True)
    for expression, half in ((x**2, 2.0), (x**3 - x, 4.0), (x**4 + x, 4.0)):
        slope = sp.lambdify(x, sp.diff(expression, x))
        periodic = lambda t, f=slope, h=half: _extended(f, t, h)  # noqa: E731
        omega = mpmath.pi / half
        total = mpmath.mpf(0)
        for j in range(1, 26, 2):
            wave = lambda t, w=j * omega, g=periodic: g(t) * mpmath.expj(-w * t)  # noqa: E731
            total += 2 * abs(mpmath.quad(wave, [-1, 0, 1, half - 1]) / half)
        bound = float(barron.on_interval(expression, x))
        assert float(total) <= bound
        assert bound >= max(abs(slope(t)) for t in (-1.0, -0.5, 0.0, 0.5, 1.0))
    # On the disc every derivative of f is below C.
    expression = x**2 * y - 3 * x * y
    found = float(barron.polynomial(expression, (x, y)))
    gradient = sp.lambdify((x, y), [sp.diff(expression, v) for v in (x, y)])
    for turn in range(40):
        at = gradient(float(sp.cos(turn / 6.0)), float(sp.sin(turn / 6.0)))
        assert (at[0] ** 2 + at[1] ** 2) ** 0.5 <= found
    with pytest.raises(bp.BackproofError, match="Barron"):
        barron.polynomial(sp.sin(x) + y, (x, y))


def _extended(slope: Callable[[float], float], t: float, half: float) -> float:
    """f′ on [−1, 1], and the bridge from f′(1) to −f′(−1) on [1, H − 1]."""
    if t <= 1:
        return slope(t)
    share = (t - 1) / (half - 2) if half > 2 else 0.0
    return (1 - share) * slope(1) - share * slope(-1)
