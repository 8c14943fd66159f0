"""`certify`: the distance between a network and its target, with a guarantee."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures import domains
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.domains import Domain
from backproof.numerics.enclosures.norms import integrate
from backproof.numerics.enclosures.reading import enclosed, partial
from backproof.numerics.enclosures.rounding import ASSUMPTIONS
from backproof.numerics.enclosures.search import Difference, Enclosed, search
from backproof.theory.errors import BackproofError, UnsupportedError

ENGINES = ("float", "ball")
FLOAT = frozenset({"enclosed", "assumed"})


def certify(
    network: Any,
    target: Any,
    domain: Any = (0, 1),
    rtol: float = 0.01,
    *,
    norm: Any = "sup",
    derivatives: int = 0,
    engine: str = "float",
    most: int = 200_000,
    parameters: Mapping[str, Any] | None = None,
) -> Certificate:
    """Bound the distance between a network and a target, rounding errors counted.

        lower ≤ sup_{x ∈ domain} |N(x) − f(x)| ≤ upper,     (upper − lower)/lower ≤ rtol

    ``network`` and ``target`` are each a `FeedForward`, a model with numbers, a SymPy expression
    (piecewise and |·| included) or a number; the variables of an expression are taken in the
    order of their names.  ``parameters`` are the arrays of a model that has parameters.
    ``domain`` is an interval, a box of up to three dimensions, or a union of these
    (`backproof.numerics.enclosures.domains.read`).  ``norm`` may be a number p ≥ 1 for the L^p
    distance.  ``derivatives=m`` takes the largest over all derivatives up to order m (C^m).
    ``engine="ball"`` checks every box again in ball arithmetic, which needs no trust in libm.

    ``met`` is false where ``most`` boxes did not reach ``rtol``, as when N = f.

    Raises `BackproofError` for what cannot be read and for more than three dimensions.
    Reference: Tucker, Validated Numerics (2011), chapters 3 and 5.

    >>> x = sp.Symbol("x")
    >>> claim = certify(x**2, x, (0, 1), rtol=1e-6)
    >>> claim.lower <= 0.25 <= claim.upper, round(claim.point[0], 6)
    (True, 0.5)
    """
    if engine == "ball" and (norm != "sup" or derivatives):
        raise UnsupportedError("engine", "ball", "the sup norm without derivatives", "use float")
    if not 0 < rtol < 1:
        raise BackproofError("rtol", repr(rtol), "a number between 0 and 1", "ask for 0.01")
    if engine not in ENGINES:
        raise BackproofError("engine", repr(engine), f"one of {', '.join(ENGINES)}", "pick one")
    p, q = enclosed(network, target, parameters=parameters)
    place = domains.read(domain, p.dimension)
    if not 1 <= p.dimension <= 3:
        raise BackproofError(
            "domain", f"{p.dimension} dimensions", "one to three", "fix some inputs"
        )
    with np.errstate(all="ignore"):
        if norm == "sup":
            claim = _supremum(p, q, place, rtol, derivatives, most)
        else:
            claim = _mean(p, q, place, rtol, derivatives, norm, most)
    if engine == "ball":
        from backproof.numerics.enclosures.balls.verification import verified

        return verified(claim, Difference(p, q))
    return claim


def _orders(dimension: int, most: int) -> list[tuple[int, ...]]:
    """All derivatives of at most that order."""
    every = itertools.product(range(most + 1), repeat=dimension)
    return sorted((order for order in every if sum(order) <= most), key=lambda o: (sum(o), o))


def _supremum(
    p: Enclosed, q: Enclosed, domain: Domain, rtol: float, derivatives: int, most: int
) -> Certificate:
    best: Certificate | None = None
    upper = 0.0
    for order in _orders(domain.dimension, derivatives):
        difference = Difference(partial(p, order), partial(q, order))
        cover = search(difference, domain, rtol, most)
        upper = max(upper, cover.upper)
        if best is None or cover.lower > best.lower:
            best = Certificate(
                statement=_statement("sup", derivatives),
                rests_on=FLOAT,
                assumptions=ASSUMPTIONS,
                lower=cover.lower,
                upper=cover.upper,
                point=tuple(map(float, cover.point)),
                norm="sup" if not derivatives else f"C^{derivatives}",
                low=cover.low,
                high=cover.high,
                bounds=cover.bounds,
                enclosed=cover.enclosed,
                functions=(difference.p, difference.q),
            )
    assert best is not None
    return replace(best, upper=upper, met=upper <= best.lower * (1 + rtol))


def _mean(
    p: Enclosed, q: Enclosed, domain: Domain, rtol: float, derivatives: int, norm: Any, most: int
) -> Certificate:
    try:
        exponent = sp.nsimplify(norm, rational=True)
    except (TypeError, ValueError, sp.SympifyError):
        exponent = sp.nan
    if isinstance(norm, str) or not exponent.is_Rational or exponent < 1:
        raise BackproofError("norm", repr(norm), '"sup" or a number p ≥ 1', "ask for norm=2")
    low, high, power = 0.0, 0.0, float(exponent)
    for order in _orders(domain.dimension, derivatives):
        difference = Difference(partial(p, order), partial(q, order))
        below, above, cover = integrate(difference, domain, exponent, rtol, most)
        low, high = low + below * (1 - 2.0**-50), high + above * (1 + 2.0**-50)
    lower, upper = low ** (1 / power) * (1 - 2.0**-44), high ** (1 / power) * (1 + 2.0**-44)
    return Certificate(
        statement=_statement(f"L^{exponent}", derivatives),
        rests_on=FLOAT,
        assumptions=ASSUMPTIONS,
        lower=lower,
        upper=upper,
        norm=f"L^{exponent}",
        met=upper <= lower * (1 + rtol),
        low=cover.low,
        high=cover.high,
        bounds=cover.bounds,
        enclosed=cover.enclosed,
    )


def _statement(norm: str, derivatives: int) -> str:
    if norm == "sup":
        return (
            "sup |N − f|"
            if not derivatives
            else f"max over |α| ≤ {derivatives} of sup |∂^α(N − f)|"
        )
    return f"‖N − f‖ in {norm}" + (
        f" with derivatives to order {derivatives}" if derivatives else ""
    )
