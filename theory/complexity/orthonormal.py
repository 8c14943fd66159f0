"""Orthonormal target classes: Var_h ∇ ≤ E‖∂p/∂w‖²/|H|, and what it misses for the parities.

With targets h of a class H that are orthonormal under the inputs' law, the gradient of
E ½(p_w − h)² is E p ∂p − ĝ_h with the coefficients ĝ_h = E[h ∂p/∂w].  The first term is the same
for all h; so by Bessel's inequality, entry by entry of ∂p/∂w,

    Var_h ∇ = mean_h ‖ĝ_h‖² − ‖mean_h ĝ_h‖² ≤ E‖∂p/∂w‖²/|H|.

All 2^d parities on {±1}^d are a basis, so Bessel's inequality is Parseval's equation; and the mean
of all parities is the indicator of x = (1, …, 1).  Hence, sharper,

    Var_h ∇ = E‖∂p/∂w‖²/2^d − ‖∂p/∂w(1, …, 1)‖²/4^d.

References: S. Shalev-Shwartz, O. Shamir, S. Shammah, Failures of gradient-based deep learning,
ICML 2017, theorem 1; the idea is in O. Shamir, arXiv:1609.01037, and in statistical queries.
"""

from __future__ import annotations

from itertools import combinations, product

import sympy as sp


def parities(d: int) -> dict[tuple[int, ...], sp.Expr]:
    """Every parity ∏_{i ∈ S} x_i, by S.

    >>> parities(2)
    {(): 1, (0,): x1, (1,): x2, (0, 1): x1*x2}
    """
    x = sp.symbols(f"x1:{d + 1}")
    sets = [s for size in range(d + 1) for s in combinations(range(d), size)]
    return {s: sp.Mul(*(x[i] for i in s)) for s in sets}


def mean_parity(d: int) -> sp.Expr:
    """The mean of all 2^d parities, factored: ∏ (1 + x_i)/2, one at (1, …, 1) and zero elsewhere.

    >>> mean_parity(2)
    (x1 + 1)*(x2 + 1)/4
    """
    every = parities(d).values()
    return sp.factor(sp.Add(*every) / len(every))


def variance(values: dict[tuple[int, ...], sp.Expr], d: int) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Var over the parities of ĝ, its bound, and the sharper form, of symbolic values g(x).

    ``values`` maps each corner of {±1}^d to g there.  Returns (variance by definition,
    E g²/2^d, E g²/2^d − g(1)²/4^d); the first and the third agree as polynomials.

    >>> g = {x: sp.Symbol(f"g{n}") for n, x in enumerate(corners(2))}
    >>> by_definition, bound, sharp = variance(g, 2)
    >>> sp.expand(by_definition - sharp)
    0
    """
    x = sp.symbols(f"x1:{d + 1}")
    size = sp.Integer(2) ** d
    hats = [
        sp.Add(*(g * h.subs(dict(zip(x, at, strict=True))) for at, g in values.items())) / size
        for h in parities(d).values()
    ]
    mean = sp.Add(*hats) / size
    by_definition = sp.Add(*((hat - mean) ** 2 for hat in hats)) / size
    bound = sp.Add(*(g**2 for g in values.values())) / size / size
    return by_definition, bound, bound - values[(1,) * d] ** 2 / size**2


def corners(d: int) -> list[tuple[int, ...]]:
    """{±1}^d."""
    return list(product((1, -1), repeat=d))
