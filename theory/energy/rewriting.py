"""Rewritings of normalisers to stable scalar functions, each an identity with a name.

log(1 + erf u) = log_erfcx(−u) − u²            log((eˣ − 1)/x) = x/2 + log_sinhc(x/2)
erfinv(1 − w (1 + erf u)) = tail_quantile(−u, w) − u
log(w + (1 − w) eˣ)/x = tilt_quantile(x, w)    √2 erfinv(1 − 2w) = ξ, a standard normal number
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.energy.scalars import log_erfcx, log_sinhc, tail_quantile, tilt_quantile
from backproof.theory.energy.units.unit import FIELD

SHARE = sp.Symbol("w", positive=True)  # a uniform number of (0, 1)
NORMAL = sp.Symbol("xi", real=True)  # a standard normal number


def named(expression: sp.Expr) -> sp.Expr:
    """The expression with the identities of this module applied from left to right."""
    for rule in RULES:
        expression = rule(expression)
    return expression


def log_of_one_plus_erf(expression: sp.Expr) -> sp.Expr:
    """log(1 + erf u) = log_erfcx(−u) − u²."""

    def rewritten(inside: sp.Expr) -> sp.Expr:
        u = (inside - 1).args[0]
        return log_erfcx(-u) - sp.expand(u**2)

    return expression.replace(
        lambda e: isinstance(e, sp.log) and isinstance(e.args[0] - 1, sp.erf),
        lambda e: rewritten(e.args[0]),
    )


def log_of_expm1_ratio(expression: sp.Expr) -> sp.Expr:
    """log(eˣ − 1) − log x = x/2 + log_sinhc(x/2)."""
    x = FIELD
    if sp.log(sp.exp(x) - 1) in sp.Add.make_args(expression):
        rest = expression - sp.log(sp.exp(x) - 1) + sp.log(x)
        return rest + x / 2 + log_sinhc(x / 2)
    return expression


def tilted(expression: sp.Expr) -> sp.Expr:
    """log(w + (1 − w) eˣ)/x = tilt_quantile(x, w)."""
    x = FIELD
    form = sp.log(sp.expand(SHARE + (1 - SHARE) * sp.exp(x))) / x
    return expression.xreplace({form: tilt_quantile(x, SHARE)})


def standard_normal(expression: sp.Expr) -> sp.Expr:
    """√2 erfinv(1 − 2w) = ξ: the quantile of a normal number at a uniform one."""
    normal = NORMAL / sp.sqrt(2)
    return expression.xreplace(
        {sp.erfinv(1 - 2 * SHARE): normal, sp.erfinv(2 * SHARE - 1): -normal}
    )


def truncated_normal(expression: sp.Expr) -> sp.Expr:
    """erfinv(1 − w (1 + erf u)) = tail_quantile(−u, w) − u."""

    def rewritten(argument: sp.Expr) -> sp.Expr | None:
        (erf,) = argument.atoms(sp.erf) or (None,)
        if erf is None or sp.expand(1 - SHARE * (1 + erf) - argument) != 0:
            return None
        u = erf.args[0]
        return tail_quantile(-u, SHARE) - u

    def is_form(e: sp.Expr) -> bool:
        return isinstance(e, sp.erfinv) and rewritten(e.args[0]) is not None

    changed = expression.replace(is_form, lambda e: rewritten(e.args[0]))
    return sp.expand(changed) if changed != expression else expression


RULES = (
    log_of_one_plus_erf,
    log_of_expm1_ratio,
    tilted,
    standard_normal,
    truncated_normal,
)
