"""From one step to T steps: recursions for E δ_t, solved, and the bounds on stability.

Two data sets of n examples differ in one; both runs draw the same index at each step, which is that
of the other example with probability 1/n.  With the factor η of `expansivity` and |∇f| ≤ L,

    E δ_{t+1} ≤ η E δ_t + 2 α L/n,        |f(w_T; z) − f(w′_T; z)| ≤ L δ_T.

Reference: Hardt, Recht and Singer 2016, theorems 3.8, 3.9 and 3.12.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from backproof.theory.algorithms.expansivity import (
    ALPHA,
    BETA,
    GAMMA,
    short_steps,
)
from backproof.theory.errors import BackproofError

LIPSCHITZ = sp.Symbol("L", positive=True)
EXAMPLES = sp.Symbol("n", positive=True)
STEPS = sp.Symbol("T", integer=True, positive=True)
RATE = sp.Symbol("c", positive=True)  # α_t ≤ c/t
START = sp.Symbol("t_0", positive=True)
FACTOR = sp.Symbol("eta", positive=True)


def recursion(factor: sp.Expr, distance: sp.Expr) -> sp.Expr:
    """E δ_{t+1} after one step: η δ with probability 1 − 1/n, and at most η δ + 2αL with 1/n.

    On the differing example, G(w) − G′(w′) = [G(w) − G(w′)] + α[∇f′(w′) − ∇f(w′)].

    >>> delta = sp.Symbol("delta")
    >>> recursion(FACTOR, delta)
    2*L*alpha/n + delta*eta
    """
    same, other = factor * distance, factor * distance + 2 * ALPHA * LIPSCHITZ
    return sp.expand((1 - 1 / EXAMPLES) * same + other / EXAMPLES)


@cache
def distance_after(factor: sp.Expr) -> sp.Expr:
    """E δ_T for a constant step from δ_0 = 0, by solving the recursion.

    >>> distance_after(sp.S.One)
    2*L*T*alpha/n
    """
    delta = sp.Function("delta")
    t = sp.Symbol("t", integer=True, nonnegative=True)
    eta = factor if factor == 1 else FACTOR
    solved = sp.rsolve(delta(t + 1) - recursion(eta, delta(t)), delta(t), {delta(0): 0})
    return sp.factor(solved.subs(t, STEPS)).subs(FACTOR, factor)


def convex(lipschitz: Any, examples: Any, total_step: Any) -> sp.Expr:
    """2L²/n Σ α_t, for convex f and α_t ≤ 2/β.

    >>> convex(1, 1000, 10)
    1/50
    """
    bound = LIPSCHITZ * distance_after(short_steps().factor.subs(GAMMA, 0))
    per_step = sp.cancel(bound / (ALPHA * STEPS))
    return per_step.subs({LIPSCHITZ: exact(lipschitz), EXAMPLES: exact(examples)}) * exact(
        total_step
    )


def strongly_convex_limit(factor: sp.Expr | None = None) -> sp.Expr:
    """lim_T L E δ_T for a constant step with the factor η < 1.

    >>> strongly_convex_limit()
    2*L**2/(gamma*n)
    >>> from backproof.theory.algorithms.expansivity import published_factor
    >>> sp.factor(strongly_convex_limit(published_factor()))
    2*L**2*(beta + gamma)/(beta*gamma*n)
    """
    eta = short_steps().factor if factor is None else factor
    after = LIPSCHITZ * distance_after(FACTOR)
    powers = [p for p in after.atoms(sp.Pow) if p.exp == STEPS]
    return sp.cancel(after.subs(dict.fromkeys(powers, 0)).subs(FACTOR, eta))  # η^T → 0


def strongly_convex(lipschitz: Any, convexity: Any, examples: Any) -> sp.Expr:
    """2L²/(γn), for γ-strongly convex f and a constant α ≤ 2/(β + γ).

    >>> strongly_convex(1, sp.Rational(1, 10), 1000)
    1/50
    """
    values = (exact(lipschitz), exact(convexity), exact(examples))
    return strongly_convex_limit().subs(zip((LIPSCHITZ, GAMMA, EXAMPLES), values, strict=True))


# without convexity ---------------------------------------------------------------------------


@cache
def trade_off() -> sp.Expr:
    """t₀/n + (2L²/(βn)) (T/t₀)^{βc}: the differing example is met before t₀, or the runs grow.

    By `recursion` with η = 1 + βc/t the growth after t₀ is Σ_{t>t₀} (2cL/(tn)) Π_{k=t+1}^T
    (1 + βc/k) ≤ (2cL/n) T^{βc} ∫_{t₀}^T t^{−βc−1} dt, whose lower end alone is kept.  The paper has
    n − 1 for n, which moves no minimum: it takes the factor 1 where the examples differ and
    widens an exponent afterwards.
    """
    t = sp.Symbol("t", positive=True)
    exponent = BETA * RATE
    antiderivative = sp.integrate(t ** (-exponent - 1), t, conds="none")
    if isinstance(antiderivative, sp.Piecewise):
        antiderivative = antiderivative.args[0][0]
    growth = 2 * RATE * LIPSCHITZ / EXAMPLES * STEPS**exponent * -antiderivative.subs(t, START)
    return START / EXAMPLES + LIPSCHITZ * growth


@cache
def optimal_start() -> sp.Expr:
    """The t₀ at which the trade-off is least: (2cL²)^{1/(βc+1)} T^{βc/(βc+1)}.

    >>> print(sp.powsimp(optimal_start()))
    (2*L**2*T**(beta*c)*c)**(1/(beta*c + 1))
    """
    q = BETA * RATE
    slope = sp.diff(trade_off(), START)
    # Both terms are powers of t₀: 1/n = A t₀^{−q−1}, so t₀ = (A n)^{1/(q+1)}.
    falling = sp.powsimp(sp.expand(slope - 1 / EXAMPLES) * START ** (q + 1))
    return sp.powsimp(-EXAMPLES * falling) ** (1 / (q + 1))


def is_stationary() -> sp.Expr:
    """log of the ratio of both terms of the derivative at the optimal t₀: 0.

    >>> is_stationary()
    0
    """
    slope = sp.expand(sp.diff(trade_off(), START))
    rising, falling = 1 / EXAMPLES, slope - 1 / EXAMPLES
    ratio = sp.log(-falling / rising).subs(START, optimal_start())
    return sp.cancel(sp.expand_log(ratio, force=True))


def nonconvex(lipschitz: Any, smoothness: Any, rate: Any, examples: Any, steps: Any) -> sp.Expr:
    """The published bound for losses in [0, 1] and α_t ≤ c/t, with n − 1.

    (1 + 1/(βc))/(n − 1) · (2cL²)^{1/(βc+1)} T^{βc/(βc+1)}, to 30 digits; at most 1, as losses are.

    >>> round(nonconvex(1, 1, 1, 101, 50), 12)
    0.200000000000
    """
    return sharper_nonconvex(lipschitz, smoothness, rate, exact(examples) - 1, steps)


def sharper_nonconvex(
    lipschitz: Any, smoothness: Any, rate: Any, examples: Any, steps: Any
) -> sp.Expr:
    """The trade-off at its optimal t₀, which is the published bound with n for n − 1.

    >>> round(sharper_nonconvex(1, 1, 1, 100, 50), 12)
    0.200000000000
    """
    names = (LIPSCHITZ, BETA, RATE, EXAMPLES, STEPS)
    numbers = map(exact, (lipschitz, smoothness, rate, examples, steps))
    values = dict(zip(names, numbers, strict=True))
    # In digits: SymPy would factor large numerators to take their roots.
    start = optimal_start().evalf(40, subs=values)
    return min(sp.S.One, trade_off().evalf(30, subs={**values, START: start}))


def published_nonconvex() -> sp.Expr:
    """log of the trade-off at the optimal t₀ over the published form (n for n − 1): 0, so equal.

    >>> published_nonconvex()
    0
    """
    q = BETA * RATE
    closed = (1 + 1 / q) / EXAMPLES * (2 * RATE * LIPSCHITZ**2) ** (1 / (q + 1))
    closed *= STEPS ** (q / (q + 1))
    start = optimal_start()
    first = START / EXAMPLES
    second = trade_off() - first
    # At t₀ the second term is 1/(βc) of the first: the logarithms of both are compared.
    second_over_first = sp.expand_log(sp.log((second / first).subs(START, start)), force=True)
    total = sp.log(first.subs(START, start)) + sp.log(1 + sp.exp(sp.cancel(second_over_first)))
    return sp.cancel(sp.expand_log(total - sp.log(closed), force=True))


def exact(number: Any) -> sp.Expr:
    """A number or symbol as SymPy holds it, decimals as they are written."""
    found = sp.nsimplify(number, rational=True) if isinstance(number, float) else sp.sympify(number)
    if found.is_number and not (found.is_real and found.is_finite and found >= 0):
        raise BackproofError("a stability bound", str(number), "a number ≥ 0", "check it")
    return found
