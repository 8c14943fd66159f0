"""`certify`: the distance between a network and its target, with a guarantee."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures import domains
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.domains import Domain
from backproof.numerics.enclosures.norms import integrate
from backproof.numerics.enclosures.reading import enclosed, partial
from backproof.numerics.enclosures.rounding import ASSUMPTIONS, TRUSTED
from backproof.numerics.enclosures.search import Cover, Difference, Enclosed, search
from backproof.theory.errors import BackproofError, UnsupportedError

ENGINES = ("float", "ball", "coq")
FLOAT, BALL = frozenset({"enclosed", "assumed"}), frozenset({"enclosed"})


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
    ``engine="ball"`` checks every box again in ball arithmetic, which needs no trust in libm;
    ``engine="coq"`` has Coq prove every box (seconds to minutes), and the claim's ``proof`` says
    whether it did.

    ``met`` is false where ``most`` boxes did not reach ``rtol``, as when N = f.

    Raises `BackproofError` for what cannot be read and for more than three dimensions.
    Reference: Tucker, Validated Numerics (2011), chapters 3 and 5.

    >>> x = sp.Symbol("x")
    >>> claim = certify(x**2, x, (0, 1), rtol=1e-6)
    >>> claim.lower <= 0.25 <= claim.upper, round(claim.point[0], 6)
    (True, 0.5)
    """
    if engine not in ENGINES:
        raise BackproofError("engine", repr(engine), f"one of {', '.join(ENGINES)}", "pick one")
    if engine == "coq" and (norm != "sup" or derivatives):
        raise UnsupportedError(
            "engine", "coq", "the sup norm without derivatives", "use engine='ball'"
        )
    if not 0 < rtol < 1:
        raise BackproofError("rtol", repr(rtol), "a number between 0 and 1", "ask for 0.01")
    p, q = enclosed(network, target, parameters=parameters)
    place = domains.read(domain, p.dimension)
    if not 1 <= p.dimension <= 3:
        raise BackproofError(
            "domain", f"{p.dimension} dimensions", "one to three", "fix some inputs"
        )
    asked = _Asked(p, q, place, rtol, derivatives, most, engine == "ball")
    with np.errstate(all="ignore"):
        claim = asked.supremum() if norm == "sup" else asked.mean(norm)
    if engine == "coq":
        from backproof.numerics.coq.checker import check
        from backproof.numerics.coq.suprema import supremum

        # What was asked for and no more: the closer the bound, the more boxes `interval` cuts.
        asked_for = float(np.nextafter(claim.lower * (1 + rtol * 0.999), 0))
        claim = replace(claim, upper=max(claim.upper, asked_for))
        return claim.proved_by(check(supremum(claim)))
    return claim


@dataclass(frozen=True)
class _Asked:
    """What `certify` was asked for, read."""

    p: Enclosed
    q: Enclosed
    domain: Domain
    rtol: float
    derivatives: int
    most: int
    balls: bool

    def differences(self) -> Iterator[Difference]:
        """∂^α(N − f) for all |α| ≤ m, by their order."""
        every = itertools.product(range(self.derivatives + 1), repeat=self.domain.dimension)
        orders = [order for order in every if sum(order) <= self.derivatives]
        for order in sorted(orders, key=lambda o: (sum(o), o)):
            yield Difference(*(partial(f, order, not self.balls) for f in (self.p, self.q)))

    def supremum(self) -> Certificate:
        """The largest of all suprema."""
        parts = [self._supremum_of(difference) for difference in self.differences()]
        best = max(parts, key=lambda part: part.lower)
        upper = max(part.upper for part in parts)
        return replace(best, upper=upper, met=upper <= best.lower * (1 + self.rtol))

    def _supremum_of(self, difference: Difference) -> Certificate:
        cover = search(difference, self.domain, self.rtol, self.most)
        claim = Certificate(
            statement=_statement("sup", self.derivatives),
            rests_on=FLOAT,
            assumptions=ASSUMPTIONS,
            lower=cover.lower,
            upper=cover.upper,
            point=tuple(map(float, cover.point)),
            norm="sup" if not self.derivatives else f"C^{self.derivatives}",
            low=cover.low,
            high=cover.high,
            bounds=cover.bounds,
            enclosed=cover.enclosed,
            functions=(difference.p, difference.q),
            domain=tuple(zip(self.domain.low, self.domain.high, strict=True)),
        )
        if not self.balls:
            return claim
        from backproof.numerics.enclosures.balls.verification import verified

        return verified(claim, difference, self.derivatives)

    def mean(self, norm: Any) -> Certificate:
        """(Σ_α ∫|∂^α(N − f)|^p)^{1/p}."""
        p = _exponent(norm)
        low, high = 0.0, 0.0
        for difference in self.differences():
            below, above, cover = self._integral(difference, self.domain, p)
            if self.domain.rough_low or self.domain.rough_high:
                below, _, _ = self._integral(difference, self.domain.inner(), p)
            low, high = low + below * (1 - 2.0**-50), high + above * (1 + 2.0**-50)
        lower, upper = self._root(low, high, p)
        return Certificate(
            statement=_statement(f"L^{p}", self.derivatives),
            rests_on=BALL if self.balls else FLOAT,
            assumptions=TRUSTED if self.balls else ASSUMPTIONS,
            lower=lower,
            upper=upper,
            norm=f"L^{p}",
            met=upper <= lower * (1 + self.rtol),
            engine="ball" if self.balls else "float",
            low=cover.low,
            high=cover.high,
            bounds=cover.bounds,
            enclosed=cover.enclosed,
            functions=(self.p, self.q),
            domain=tuple(zip(self.domain.low, self.domain.high, strict=True)),
        )

    def _integral(
        self, difference: Difference, domain: Domain, p: sp.Rational
    ) -> tuple[float, float, Cover]:
        """Bounds of ∫|q|^p, and the boxes."""
        below, above, cover = integrate(difference, domain, p, self.rtol, self.most)
        if self.balls:
            from backproof.numerics.enclosures.balls.integrals import integrated

            below, above = integrated(difference, cover.low, cover.high, p, self.derivatives)
        return below, above, cover

    def _root(self, low: float, high: float, p: sp.Rational) -> tuple[float, float]:
        if self.balls:
            from backproof.numerics.enclosures.balls.integrals import root

            return root(low, high, p)
        power = 1 / float(p)
        return low**power * (1 - 2.0**-44), high**power * (1 + 2.0**-44)


def _exponent(norm: Any) -> sp.Rational:
    """The p of L^p."""
    try:
        exponent = sp.nsimplify(norm, rational=True)
    except (TypeError, ValueError, sp.SympifyError):
        exponent = sp.nan
    if isinstance(norm, str) or not exponent.is_Rational or exponent < 1:
        raise BackproofError("norm", repr(norm), '"sup" or a number p ≥ 1', "ask for norm=2")
    return exponent


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
