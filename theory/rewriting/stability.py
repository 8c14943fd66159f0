"""Numerical stability as rewrites of scalar expressions, each an identity with a name.

    log(1 + eˣ) = softplus(x)        1/(1 + e⁻ˣ) = eˣ/(1 + eˣ) = σ(x)      1 − σ(x) = σ(−x)
    log σ(x) = −softplus(−x)         log(eᵃ + eᵇ) = b + softplus(a − b)    eˣ − 1 = expm1(x)
    log(1 + x) = log1p(x)            (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) = tanh(x)

Rewriting is innermost, arguments first, and has one result whatever the order of the rules.  It
ends: at a node whose arguments are in normal form a rule takes away a log, an exp, a reciprocal
or a product of exps, and puts softplus, σ, expm1, log1p, tanh, |·| or sgn, which no rule turns
back; eᵘ σ(x) = e^(u + x) σ(−x) alone keeps both, and lowers the number of terms of u.

The left sides overflow or cancel in floating point; the right sides are accurate to a few ulp
over the whole range.  Log-sum-exp and softmax over an index are rewritten on equations
(`backproof.theory.rewriting.softmax`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy as sp

from backproof.theory.scalars import absolute, expm1, log1p, sgn, sigmoid, softplus

Rule = Callable[[sp.Expr], sp.Expr | None]


def _exponent(expression: sp.Expr) -> sp.Expr | None:
    """u of eᵘ, 0 of 1, `None` of anything else."""
    if expression == 1:
        return sp.S.Zero
    return expression.args[0] if isinstance(expression, sp.exp) else None


def _two_exponents(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(a, b) of eᵃ + eᵇ, where 1 counts as e⁰."""
    if not (isinstance(expression, sp.Add) and len(expression.args) == 2):
        return None
    a, b = (_exponent(e) for e in expression.args)
    return None if a is None or b is None else (a, b)


def log_of_exponentials(expression: sp.Expr) -> sp.Expr | None:
    """log(eᵃ + eᵇ) = b + softplus(a − b)."""
    exponents = _two_exponents(expression.args[0]) if isinstance(expression, sp.log) else None
    if exponents is None or sp.S.Zero in exponents:
        return None
    a, b = exponents
    return b + softplus(a - b)


def log_of_one_plus_exponential(expression: sp.Expr) -> sp.Expr | None:
    """log(1 + eˣ) = softplus(x)."""
    exponents = _two_exponents(expression.args[0]) if isinstance(expression, sp.log) else None
    if exponents is None or sp.S.Zero not in exponents:
        return None
    return softplus(sp.Add(*exponents))


def log1p_of_exponential(expression: sp.Expr) -> sp.Expr | None:
    """log1p(eˣ) = softplus(x)."""
    if isinstance(expression, log1p) and isinstance(expression.args[0], sp.exp):
        return softplus(expression.args[0].args[0])
    return None


def log1p_of_logistic(expression: sp.Expr) -> sp.Expr | None:
    """log1p(−σ(x)) = −softplus(x)."""
    if isinstance(expression, log1p) and isinstance(-expression.args[0], sigmoid):
        return -softplus((-expression.args[0]).args[0])
    return None


def log_of_one_plus(expression: sp.Expr) -> sp.Expr | None:
    """log(1 + x) = log1p(x)."""
    if not isinstance(expression, sp.log) or not isinstance(expression.args[0], sp.Add):
        return None
    inside = expression.args[0]
    return log1p(inside - 1) if sp.S.One in inside.args else None


def log_of_positive(expression: sp.Expr) -> sp.Expr | None:
    """log σ(x) = −softplus(−x); log(eᵃ x) = a + log x; log(x^p) = p log x for x = σ(·), eᵃ + eᵇ."""
    if not isinstance(expression, sp.log):
        return None
    inside = expression.args[0]
    if isinstance(inside, sigmoid):
        return -softplus(-inside.args[0])
    if isinstance(inside, sp.Pow) and (
        isinstance(inside.base, sigmoid) or _two_exponents(inside.base) is not None
    ):
        return inside.exp * sp.log(inside.base)
    if isinstance(inside, sp.Mul):
        parts = [f for f in inside.args if isinstance(f, sp.exp | sigmoid)]
        if parts:
            rest = sp.Mul(*(f for f in inside.args if f not in parts))
            return sp.Add(*(sp.log(f) for f in parts), sp.log(rest))
    return None


def logistic(expression: sp.Expr) -> sp.Expr | None:
    """1/(eᵃ + eᵇ) = e⁻ᵇ σ(b − a), in particular 1/(1 + e⁻ˣ) = σ(x)."""
    if isinstance(expression, sp.Pow) and expression.exp == -1:
        exponents = _two_exponents(expression.base)
        if exponents is not None and sp.S.Zero in exponents:
            return sigmoid(-sp.Add(*exponents))
    return None


def logistic_product(expression: sp.Expr) -> sp.Expr | None:
    """eᵘ σ(x) = e^(u + x) σ(−x), where that leaves fewer terms: eˣ σ(−x) = σ(x)."""
    if not isinstance(expression, sp.Mul):
        return None
    powers = [f for f in expression.args if isinstance(f, sp.exp)]
    if len(powers) != 1:
        return None
    (power,) = powers
    best = None
    for factor in expression.args:
        base, times = factor.as_base_exp()
        if isinstance(base, sigmoid) and times.is_Integer and times > 0:
            moved = power.args[0] + base.args[0]
            if _count(moved) < _count(best[0] if best else power.args[0]):
                best = moved, base
    if best is None:
        return None
    moved, base = best
    rest = (f / base if f.as_base_exp()[0] == base else f for f in expression.args if f != power)
    return sp.Mul(*rest, sp.exp(moved), sigmoid(-base.args[0]))


def _count(total: sp.Expr) -> int:
    """The terms of a sum; zero has none."""
    return 0 if total == 0 else len(sp.Add.make_args(total))


def exponential_product(expression: sp.Expr) -> sp.Expr | None:
    """eᵃ eᵇ = e^(a + b)."""
    if not isinstance(expression, sp.Mul):
        return None
    exponentials = [f for f in expression.args if isinstance(f, sp.exp)]
    if len(exponentials) < 2:
        return None
    rest = sp.Mul(*(f for f in expression.args if not isinstance(f, sp.exp)))
    return rest * sp.exp(sp.Add(*(f.args[0] for f in exponentials)))


def complement(expression: sp.Expr) -> sp.Expr | None:
    """1 − σ(x) = σ(−x)  and  eˣ − 1 = expm1(x)."""
    if not (isinstance(expression, sp.Add) and len(expression.args) == 2):
        return None
    number, other = expression.args
    if abs(number) == 1 and isinstance(-number * other, sigmoid):  # σ(x) − 1 = −σ(−x) is the same
        return number * sigmoid(-(-number * other).args[0])
    if number == -1 and isinstance(other, sp.exp):
        return expm1(other.args[0])
    return None


def hyperbolic(expression: sp.Expr) -> sp.Expr | None:
    """(eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) = tanh(x)."""
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        if isinstance(factor, sp.Pow) and factor.exp == -1:
            exponents = _two_exponents(factor.base)
            if exponents is not None and exponents[0] == -exponents[1] != 0:
                a = exponents[0]
                difference = sp.exp(a) - sp.exp(-a)
                rest = expression / factor
                if rest in (difference, -difference):
                    return sp.tanh(a) if rest == difference else -sp.tanh(a)
    return None


def convention(expression: sp.Expr) -> sp.Expr | None:
    """SymPy's |x| and sign become the ones whose kinks follow the stated convention."""
    if isinstance(expression, sp.Abs):
        return absolute(expression.args[0])
    if isinstance(expression, sp.sign):
        return sgn(expression.args[0])
    return None


RULES: tuple[Rule, ...] = (
    log_of_positive,
    log_of_one_plus_exponential,
    log_of_exponentials,
    log_of_one_plus,
    log1p_of_exponential,
    log1p_of_logistic,
    logistic,
    logistic_product,
    exponential_product,
    complement,
    hyperbolic,
    convention,
)


def identity(rule: Rule) -> str:
    """The identity that a rule states, as it is named in a step."""
    return (rule.__doc__ or rule.__name__).strip().rstrip(".")


@lru_cache(maxsize=4096)
def stable(expression: sp.Basic) -> tuple[sp.Basic, tuple[str, ...]]:
    """The expression rewritten to its stable form, and the identities used.

    >>> x = sp.Symbol("x", real=True)
    >>> stable(sp.log(1 + sp.exp(x)))
    (softplus(x), ('log(1 + eˣ) = softplus(x)',))
    >>> stable(sp.log(1 / (1 + sp.exp(-x))))[0]
    -softplus(-x)
    """
    used: list[str] = []
    if expression.args:
        parts = []
        for argument in expression.args:
            new, names = stable(argument)
            parts.append(new)
            used.extend(names)
        if used:
            expression = expression.func(*parts)
    # A number needs no stable form: it is computed exactly as it stands.
    for rule in RULES if expression.free_symbols else ():
        new = rule(expression)
        if new is not None and new != expression:
            used.append(identity(rule))
            expression, inner = stable(new)
            used.extend(inner)
            break
    return expression, tuple(dict.fromkeys(used))
