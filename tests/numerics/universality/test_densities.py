"""Signed measures with densities: projections, masses and units against other arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import factorial

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.universality import line_measures
from backproof.numerics.universality.line_measures import LineMeasure, Piece, separate_line
from backproof.numerics.universality.mixtures import Mixture, directions, separate_mixture, spline
from backproof.numerics.universality.signed_examples import EXAMPLES

NUMBERS = st.fractions(min_value=-3, max_value=3, max_denominator=6)


@st.composite
def line_measures_(draw: st.DrawFn) -> tuple[list, list]:
    """Atoms and pieces as they are given, overlaps and cancellations included."""
    atoms = draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3))
    pieces = []
    for _ in range(draw(st.integers(0, 3))):
        low, high = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
        pieces.append((low, high, draw(st.lists(NUMBERS, min_size=1, max_size=4))))
    if pieces and draw(st.booleans()):
        low, high, c = pieces[0]
        pieces.append((low, high, [-x for x in c]))
    return atoms, pieces


def by_quadrature(atoms: list, pieces: list, w: Fraction, b: Fraction) -> mpmath.mpf:
    """∫ σ(w x + b) dμ of the parts as they were given, cut where the unit is steep."""

    def number(x: Fraction) -> mpmath.mpf:
        return mpmath.mpf(x.numerator) / x.denominator

    def unit(x: mpmath.mpf) -> mpmath.mpf:
        return 1 / (1 + mpmath.exp(-(number(w) * x + number(b))))

    with mpmath.workdps(18):
        total = mpmath.fsum(number(m) * unit(number(x)) for x, m in atoms)
        for low, high, c in pieces:
            centre = -b / w
            width = 12 / abs(w)
            places = [centre + n * width for n in range(-3, 4)]
            ends = sorted({low, high, *(x for x in places if low < x < high)})
            total += mpmath.quad(
                lambda x, c=c: mpmath.polyval([number(a) for a in reversed(c)], x) * unit(x),
                [number(end) for end in ends],
            )
        return total


@settings(max_examples=12)
@given(line_measures_())
def test_a_unit_sees_a_measure_with_densities(parts: tuple[list, list]) -> None:
    atoms, pieces = parts
    measure = LineMeasure.of(atoms, [Piece.of(*piece) for piece in pieces])
    found = separate_line(measure)
    if found.weights is None:
        assert measure.is_zero
        for t in (Fraction(1, 7), Fraction(-9, 5)):  # and no other unit sees it
            assert abs(by_quadrature(atoms, pieces, Fraction(3), t)) < 1e-14
        return
    (w,) = found.weights
    value = by_quadrature(atoms, pieces, w, found.bias)
    assert found.low <= value <= found.high
    assert abs(value) >= abs(float(found.limit)) / 2 * (1 - 1e-12)


@settings(max_examples=8)
@given(line_measures_(), st.sampled_from([Fraction(1), Fraction(-3), Fraction(7)]), NUMBERS)
def test_integrals_are_enclosed(parts: tuple[list, list], w: Fraction, b: Fraction) -> None:
    measure = LineMeasure.of(parts[0], [Piece.of(*piece) for piece in parts[1]])
    low, high = measure.integral(w, b)
    value = by_quadrature(*parts, w, b)
    assert low - 1e-15 <= value <= high + 1e-15
    assert high - low < 0.1


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(NUMBERS, st.fractions(min_value=Fraction(1, 6), max_value=2, max_denominator=6)),
        min_size=1,
        max_size=3,
    ),
    st.data(),
)
def test_the_image_of_a_box_has_the_moments_of_the_box(
    sides: list[tuple[Fraction, Fraction]], data: st.DataObject
) -> None:
    """∫ tᵏ dμ_a = ∫ (a·x)ᵏ dx over the box, by the multinomial theorem, k ≤ 4."""
    box = [(low, low + width) for low, width in sides]
    nonzero = NUMBERS.filter(bool)
    a = tuple(data.draw(nonzero) for _ in box)
    pieces = spline(tuple(box), a, Fraction(1))
    for k in range(5):
        image = sum(
            (
                c * (piece.high ** (j + k + 1) - piece.low ** (j + k + 1)) / (j + k + 1)
                for piece in pieces
                for j, c in enumerate(piece.coefficients)
            ),
            Fraction(0),
        )
        whole = Fraction(0)
        for powers in itertools.product(range(k + 1), repeat=len(box)):
            if sum(powers) == k:
                term = Fraction(factorial(k))
                for s, (low, high), n in zip(a, box, powers, strict=True):
                    term *= s**n * (high ** (n + 1) - low ** (n + 1)) / (n + 1) / factorial(n)
                whole += term
        assert image == whole


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_examples(example: object) -> None:
    row = example.row()  # type: ignore[attr-defined]
    assert row.holds


def test_a_board_in_the_plane_by_another_integral() -> None:
    """Of σ over a square, twice: first in closed form along x, then by quadrature along y."""
    squares = [([(i, i + 1), (j, j + 1)], (-1) ** (i + j)) for i in range(2) for j in range(2)]
    found = separate_mixture(Mixture.of([], squares))
    assert found.weights is not None
    u, v = map(float, found.weights)
    b = float(found.bias)

    def softplus(z: mpmath.mpf) -> mpmath.mpf:
        return mpmath.log1p(mpmath.exp(-abs(z))) + max(z, 0)

    total = mpmath.mpf(0)
    for ((x0, x1), (y0, y1)), density in squares:
        places = [y0 + mpmath.mpf(n) / 32 for n in range(32 * (y1 - y0) + 1)]
        total += density * mpmath.quad(
            lambda y, x0=x0, x1=x1: (
                (softplus(u * x1 + v * y + b) - softplus(u * x0 + v * y + b)) / u
            ),
            places,
        )
    assert found.low <= total <= found.high


def test_what_cancels_is_zero_exactly() -> None:
    square = [(0, 1), (0, 1)]
    halves = [[(0, "1/2"), (0, 1)], [("1/2", 1), (0, 1)]]
    cut = Mixture.of([((0, 0), 1), ((0, 0), -1)], [(square, 3), *((h, -3) for h in halves)])
    assert cut.is_zero
    assert separate_mixture(cut).statement == "μ = 0"
    almost = Mixture.of([], [(square, 3), (halves[0], -3)])
    assert separate_mixture(almost).weights is not None


def test_a_direction_may_miss_a_measure() -> None:
    """δ(0,1) − δ(1,0) is seen by (1, 2) and not by (1, 1): the first direction is not enough."""
    measure = Mixture.of([((0, 1), 1), ((1, 0), -1)], [])
    assert measure.projected((Fraction(1), Fraction(1))).is_zero
    found = separate_mixture(measure)
    assert found.weights is not None
    assert abs(found.weights[0]) != abs(found.weights[1]) or found.weights[0] == -found.weights[1]
    seen = list(itertools.islice(directions(2), 200))
    assert len(set(seen)) == 200
    assert all(all(a) for a in seen)


def test_a_remainder_that_is_too_small_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the part 2 sup|p|/λ of the remainder the bounds miss the integral."""
    honest = line_measures._rest
    parts = ([], [(Fraction(-1), Fraction(1), [Fraction(-1), Fraction(0), Fraction(3)])])
    measure = LineMeasure.of([], [Piece.of(*piece) for piece in parts[1]])
    monkeypatch.setattr(line_measures, "_rest", lambda m, s, steep: honest(m, s, steep) / 10**6)
    found = separate_line(measure)
    assert found.weights is not None
    value = by_quadrature(*parts, found.weights[0], found.bias)
    assert not found.low <= value <= found.high


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="low < high"):
        Piece.of(1, 1, [1])
    with pytest.raises(bp.BackproofError, match="one dimension"):
        Mixture.of([((0, 0), 1)], [([(0, 1)], 1)])
    with pytest.raises(bp.BackproofError, match="no entry zero"):
        spline(((Fraction(0), Fraction(1)),), (Fraction(0),), Fraction(1))
