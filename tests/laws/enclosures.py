"""Laws of enclosures: what a Taylor model, a cover and a certificate promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Exactly = Callable[..., mpmath.mpf]  # of the coordinates of a point


def model_holds(model: Any, boxes: Any, exactly: Exactly, random: np.random.Generator) -> None:
    """|q(m + r t) − Σ c_α t^α| ≤ e at corners, centres and random t, in 50 digits."""
    d = boxes.basis.dimension
    ends = np.array(np.meshgrid(*[[-1.0, 1.0]] * d)).reshape(d, -1).T
    with mpmath.workdps(50):
        for box in range(len(boxes.centre)):
            for t in [*ends, np.zeros(d), *random.uniform(-1, 1, (3, d))]:
                point = [
                    mpmath.mpf(float(m)) + mpmath.mpf(float(r)) * mpmath.mpf(float(s))
                    for m, r, s in zip(boxes.centre[box], boxes.radius[box], t, strict=True)
                ]
                polynomial = mpmath.mpf(0)
                for exponent, c in zip(boxes.basis.exponents, model.c, strict=False):
                    monomial = mpmath.mpf(float(c[box]))
                    for s, k in zip(t, exponent, strict=True):
                        monomial *= mpmath.mpf(float(s)) ** k
                    polynomial += monomial
                missed = abs(exactly(*point) - polynomial)
                assert missed <= model.e[box], (box, t, float(missed), float(model.e[box]))


def cover_is_whole(low: np.ndarray, high: np.ndarray, domain: list[tuple[float, float]]) -> None:
    """The boxes of a cover fill the domain: in one dimension without a gap, by volume in more."""
    if low.shape[1] == 1:
        order = np.argsort(low[:, 0])
        assert low[order[0], 0] <= domain[0][0]
        assert high[:, 0].max() >= domain[0][1]
        assert (low[order[1:], 0] <= np.maximum.accumulate(high[order[:-1], 0])).all()
    else:
        volume = np.prod(high - low, axis=1).sum()
        whole = np.prod([b - a for a, b in domain])
        assert abs(volume - whole) <= 1e-9 * whole


def no_sample_exceeds(claim: Any, samples: np.ndarray) -> None:
    """sup |q| is at least every |q(x)|; samples carry an error of 1e-17 of their terms."""
    worst = np.abs(samples).max()
    assert worst <= claim.upper, (float(worst), claim.upper)


def lower_is_attained(claim: Any, exactly: Callable[[Any], mpmath.mpf]) -> None:
    """|q(point)| ≥ lower, in 50 digits."""
    assert claim.point is not None
    assert claim.lower <= claim.upper
    assert abs(exactly(claim.point)) >= claim.lower
