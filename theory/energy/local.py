"""What follows from a unit's support and energy alone, by SymPy's sums and integrals.

    N(z) = Σ_y exp(−E(y, z))        A = log N        E[f] = ∂A/∂z        Var[f] = ∂²A/∂z²

with f the unit's feature; an integral over a real support.  Every function here takes a unit with
scalar states; a categorical unit's sum runs over an index and is written as an equation
(`backproof.theory.energy.conditionals`).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import sympy as sp

from backproof.theory.energy.rewriting import SHARE, named
from backproof.theory.energy.units.unit import FIELD, STATE, Unit
from backproof.theory.errors import BackproofError
from backproof.theory.rewriting.stability import stable
from backproof.theory.scalars import sigmoid, softplus
from backproof.theory.steps import Step


@cache
def conditions(unit: Unit) -> tuple[sp.Expr, ...]:
    """The expressions that have to be positive for the normaliser to be finite.

    At an infinite end of the support the leading power of −E in y decides: its value has to go to
    minus infinity.

    >>> from backproof.theory.energy.units import exponential, gaussian
    >>> conditions(gaussian), conditions(exponential)
    ((q,), (-z,))
    """
    if unit.discrete:
        return ()
    found = []
    for end in (unit.support.inf, unit.support.sup):  # type: ignore[union-attr]
        if end.is_finite:
            continue
        polynomial = sp.Poly(unit.energy, STATE)
        odd = polynomial.degree() % 2 == 1 and end is sp.S.NegativeInfinity
        leading = polynomial.LC() * (-1 if odd else 1)
        positive, rest = leading.as_independent(FIELD, *unit.parameters, as_Add=False)
        found.append(rest if positive.is_positive else -rest)
    return tuple(dict.fromkeys(found))


@cache
def normaliser(unit: Unit) -> sp.Expr:
    """N(z) = Σ_y exp(−E(y, z)), an integral over a real support, under `conditions`.

    >>> from backproof.theory.energy.units import binary, exponential
    >>> normaliser(binary), normaliser(exponential)
    (exp(z) + 1, -1/z)
    """
    _scalar(unit)
    if unit.discrete:
        return sp.Add(*(_weight(unit).xreplace({STATE: y}) for y in unit.states))
    return _integral(unit, _bounds(unit))


@cache
def log_normaliser(unit: Unit) -> sp.Expr:
    """A(z) = log N(z), in stable form.

    >>> from backproof.theory.energy.units import binary, rectified
    >>> log_normaliser(binary)
    softplus(z)
    >>> log_normaliser(rectified)
    -log(q)/2 + log_erfcx(-sqrt(2)*z/(2*sqrt(q))) - log(2)/2 + log(pi)/2
    """
    if _several(unit):
        return _exponents(unit)[0] + softplus(log_odds(unit)[0])
    return sp.expand(named(stable(named(_log_of_product(normaliser(unit))))[0]))


@cache
def log_odds(unit: Unit) -> tuple[sp.Expr, ...]:
    """u_n = log P(y > s_n)/P(y = s_n | z) of a finite support, for each state but the last.

    With a_n = −E(s_n), u_n = a_{n+1} − a_n + softplus(u_{n+1}): nothing overflows, however many
    states there are, and A = a_1 + softplus(u_1).

    >>> from backproof.theory.energy.units import binary
    >>> log_odds(binary)
    (z,)
    """
    exponents = _exponents(unit)
    found: list[sp.Expr] = []
    for here, above in reversed(list(pairwise(exponents))):
        further = softplus(found[0]) if found else sp.S.Zero
        found.insert(0, sp.expand(above - here) + further)
    return tuple(found)


def _exponents(unit: Unit) -> tuple[sp.Expr, ...]:
    return tuple(sp.expand(-unit.energy.xreplace({STATE: y})) for y in unit.states)


def _several(unit: Unit) -> bool:
    """Whether the support is finite with more than two states."""
    return unit.discrete and not unit.labels and len(unit.states) > 2


@cache
def mean_feature(unit: Unit) -> sp.Expr:
    """E[f(y) | z]: a ratio of two sums over a finite support, ∂A/∂z over a real one.

    >>> from backproof.theory.energy.units import bounded, spin
    >>> mean_feature(spin), mean_feature(bounded)
    (tanh(z), langevin(z/2)/2 + 1/2)
    """
    if not unit.discrete:
        return sp.expand(log_normaliser(unit).diff(FIELD))
    if _several(unit):
        return log_normaliser(unit).diff(FIELD)
    weighted = sp.Add(*((unit.feature * _weight(unit)).xreplace({STATE: y}) for y in unit.states))
    return stable(weighted / normaliser(unit))[0]


@cache
def mean(unit: Unit) -> sp.Expr:
    """E[y | z] = E[f | z] · y/f, the feature being a multiple of the state."""
    return sp.expand(mean_feature(unit) * STATE / unit.feature)


@cache
def variance(unit: Unit) -> sp.Expr:
    """Var[y | z] = (∂E[f | z]/∂z) · (y/f)².

    >>> from backproof.theory.energy.units import binary, gaussian_mean
    >>> variance(binary), variance(gaussian_mean)
    ((1 - sigmoid(z))*sigmoid(z), sigma**2)
    """
    return mean_feature(unit).diff(FIELD) * (STATE / unit.feature) ** 2


@cache
def quantile(unit: Unit) -> sp.Expr:
    """The state whose tail holds the share w: P(y > t | z) = w solved for t.

    For a Gaussian the solution is that of a standard normal number ξ, moved and scaled, and ξ is
    left in it: to draw, any exact source of normal numbers serves.  A finite support has no such
    formula, its state is found by comparing w with partial sums (`tails`).

    >>> from backproof.theory.energy.units import exponential, gaussian
    >>> quantile(exponential), quantile(gaussian)
    (log(w)/z, z/q + xi/sqrt(q))
    """
    _scalar(unit)
    bounded_below = _bounds(unit)[0].is_finite
    above = sp.Dummy("t", positive=True) if bounded_below else sp.Dummy("t", real=True)
    tail = sp.factor(_integral(unit, (above, _bounds(unit)[1])) / normaliser(unit))
    (solution,) = sp.solve(tail - SHARE, above)
    return named(sp.expand(solution))


@cache
def tails(unit: Unit) -> tuple[sp.Expr, ...]:
    """P(y > s | z) for each state s but the last, in increasing order of s.

    >>> from backproof.theory.energy.units import binary, spin
    >>> tails(binary), tails(spin)
    ((sigmoid(z),), (sigmoid(2*z),))
    """
    _scalar(unit)
    shares, share = [], sp.S.One
    for odds in log_odds(unit):  # P(y > s_n) = P(y > s_n | y ≥ s_n) P(y > s_(n−1))
        share *= sigmoid(odds)
        shares.append(share)
    return tuple(shares)


def steps(unit: Unit) -> tuple[Step, ...]:
    """How normaliser, mean and variance follow from support and energy."""
    density = sp.exp(-unit.energy) / sp.Symbol("N", positive=True)
    over = "sum over the support" if unit.discrete else "integral over the support"
    log, ratio = log_normaliser(unit), STATE / unit.feature
    first = "∂ log Σ exp(z f − …)/∂z is the mean of the feature f"
    second = "the second derivative is the variance of the feature f"
    return (
        Step("statement", f"{unit.name} unit, support {unit.support}", density, unit.reference),
        Step("log-normaliser", sp.log(_unevaluated(unit)), log_normaliser(unit), over),
        Step("mean", sp.Derivative(log, FIELD) * ratio, mean(unit), first),
        Step("variance", sp.Derivative(log, (FIELD, 2)) * ratio**2, variance(unit), second),
    )


def _unevaluated(unit: Unit) -> sp.Expr:
    if isinstance(unit.support, sp.FiniteSet):
        weights = (_weight(unit).xreplace({STATE: y}) for y in unit.states)
        return sp.Add(*weights, evaluate=False)
    return sp.Integral(_weight(unit), (STATE, *_bounds(unit)))


def _weight(unit: Unit) -> sp.Expr:
    return sp.exp(-unit.energy)


def _bounds(unit: Unit) -> tuple[sp.Expr, sp.Expr]:
    return unit.support.inf, unit.support.sup  # type: ignore[union-attr]


@cache
def quadratic(unit: Unit) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(c, l, k) of −E = c + l y − k y²/2 for a unit with a real support.

    >>> from backproof.theory.energy.units import gaussian_mean
    >>> quadratic(gaussian_mean)
    (-mu**2/(2*sigma**2), mu/sigma**2 + z/sigma, sigma**(-2))
    """
    polynomial = sp.Poly(-unit.energy, STATE)
    if polynomial.degree() > 2:
        raise BackproofError(
            f"unit {unit.name}",
            f"an energy of degree {polynomial.degree()} in y",
            "degree two at most, which has a normaliser in closed form",
            "state an energy that is at most quadratic in y",
        )
    c, l, k = (polynomial.coeff_monomial(STATE**n) for n in range(3))
    return c, sp.expand(l), -2 * k


def _integral(unit: Unit, bounds: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """∫ exp(−E) between bounds, where the integral over the whole support is finite.

    SymPy integrates exp(l y − k y²/2) with plain symbols l and k.  The slope l is taken as
    different from zero: the values there are limits, which the named functions of the result take.
    """
    c, l, k = quadratic(unit)
    slope = sp.Dummy("l", negative=True) if k == 0 and bounds[1] == sp.oo else _SLOPE
    exponent = slope * STATE - (_CURVE * STATE**2 / 2 if k != 0 else 0)
    value = sp.factor(sp.expand(sp.integrate(sp.exp(exponent), (STATE, *bounds))))
    assert not value.has(sp.Integral), value
    return sp.exp(c) * value.xreplace({slope: l, _CURVE: k})


_SLOPE = sp.Dummy("l", real=True, nonzero=True)
_CURVE = sp.Dummy("k", positive=True)


def _log_of_product(product: sp.Expr) -> sp.Expr:
    """log of a positive product: the sum of the logs of its factors, kept real.

    (eˣ − 1)/x and −1/z are products of two factors that share their sign; a sign is moved into
    the factor that needs it.
    """
    number, factors = product.as_coeff_mul()
    logs = sp.log(abs(number))
    flip = number.is_negative
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if flip and exponent.is_odd and not base.is_positive:
            base, flip = -base, False
        if isinstance(base, sp.exp | type(sp.E)) or base.is_positive:
            logs += exponent * sp.expand_log(sp.log(base), force=True)
        else:
            logs += exponent * sp.log(base)
    return logs + (sp.log(-1) if flip else 0)


def _scalar(unit: Unit) -> None:
    if unit.labels:
        raise BackproofError(
            f"unit {unit.name}",
            "states that are unit vectors",
            "a unit with scalar states",
            "use backproof.theory.energy.conditionals, which writes sums over k as equations",
        )
