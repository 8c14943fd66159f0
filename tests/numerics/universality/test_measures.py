"""Signed measures: a unit that sees the measure is constructed, or the measure is zero."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.universality.measures import (
    SignedMeasure,
    dot,
    integral,
    separate,
    separating_direction,
)

RATIONALS = st.fractions(min_value=-5, max_value=5, max_denominator=12)


@st.composite
def measures(draw: st.DrawFn) -> SignedMeasure:
    """Up to eight atoms in up to three dimensions, repeats and cancellations included."""
    d = draw(st.integers(1, 3))
    point = st.tuples(*[RATIONALS] * d)
    atoms = draw(st.lists(st.tuples(point, RATIONALS), min_size=0, max_size=8))
    if atoms and draw(st.booleans()):
        atoms += [(atoms[0][0], -atoms[0][1])]
    return SignedMeasure.of(atoms)


def in_fifty_digits(
    measure: SignedMeasure, weights: tuple[Fraction, ...], bias: Fraction
) -> mpmath.mpf:
    """∫ σ(w·x + b) dμ."""
    with mpmath.workdps(50):
        total = mpmath.mpf(0)
        for point, mass in measure.atoms:
            z = sum((w * x for w, x in zip(weights, point, strict=True)), Fraction(0)) + bias
            sigma = 1 / (1 + mpmath.exp(-mpmath.mpf(z.numerator) / z.denominator))
            total += mpmath.mpf(mass.numerator) / mass.denominator * sigma
        return total


@given(measures())
def test_a_unit_sees_the_measure_or_it_is_zero(measure: SignedMeasure) -> None:
    found = separate(measure)
    if not measure.atoms:
        assert found.statement == "μ = 0"
        assert found.rests_on == {"exact"}
        return
    assert found.weights is not None
    value = in_fifty_digits(measure, found.weights, found.bias)
    assert found.low <= value <= found.high
    assert found.low > 0 or found.high < 0


@given(measures())
def test_the_projections_tell_the_fourier_transform(measure: SignedMeasure) -> None:
    if not measure.atoms:
        return
    a = tuple(Fraction(k + 1, 2) for k in range(len(measure.atoms[0][0])))
    along = measure.fourier([0.7 * float(k) for k in a])
    projected = measure.projected(a)
    line = projected.fourier([0.7]) if projected.atoms else 0
    assert abs(along - line) < 1e-12


def test_a_measure_that_one_unit_does_not_see() -> None:
    """δ_{−1} − 2δ_0 + δ_1 is orthogonal to all affine functions, and a unit still sees it."""
    measure = SignedMeasure.of([(-1, 1), (0, -2), (1, 1)])
    low, high = integral(measure, (Fraction(1),), Fraction(0))
    assert low <= 0 <= high  # by symmetry
    assert separate(measure).low > 0


def test_a_direction_separates() -> None:
    points = [(Fraction(i), Fraction(j)) for i in range(3) for j in range(3)]
    a = separating_direction(points)
    assert len({dot(a, p) for p in points}) == 9


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="dimensions"):
        SignedMeasure.of([((0, 1), 1), ((0,), 1)])
