"""Score functions of any order, S_m = (−1)^m ∇^m p / p, derived from a density.

With ∇p = −p S_1 the quotient rule gives the recursion by which they are derived,

    S_m = −S_{m−1} ⊗ ∇ log p − ∇ S_{m−1},        S_0 = 1,

so that no m-th derivative of p is ever divided by p.  For N(0, I) these are Hermite's tensors.
Reference: M. Janzamin, H. Sedghi, A. Anandkumar, Score function features for discriminative
learning: matrix and tensor framework, arXiv:1412.2863 (2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, product

import sympy as sp

from backproof.theory.errors import BackproofError

Index = tuple[int, ...]


@dataclass(frozen=True)
class Score:
    """S_m of a density: a symmetric tensor of d^m entries, of which the sorted ones are kept."""

    variables: tuple[sp.Symbol, ...]
    order: int
    entries: dict[Index, sp.Expr]

    def __getitem__(self, index: int | Index) -> sp.Expr:
        places = index if isinstance(index, tuple) else (index,)
        return self.entries[tuple(sorted(places))]

    def array(self) -> sp.ImmutableDenseNDimArray:
        """All d^m entries, of shape (d,) * m."""
        d = len(self.variables)
        whole = [self[index] for index in product(range(d), repeat=self.order)]
        return sp.ImmutableDenseNDimArray(whole, (d,) * self.order)


def normal(variables: Sequence[sp.Symbol], mean: Sequence[sp.Expr] | None = None) -> sp.Expr:
    """The density of N(mean, I)."""
    centre = mean or [sp.S.Zero] * len(variables)
    square = sum((x - c) ** 2 for x, c in zip(variables, centre, strict=True))
    return sp.exp(-square / 2) / sp.sqrt(2 * sp.pi) ** len(variables)


def mixture(weights: Sequence[sp.Expr], densities: Sequence[sp.Expr]) -> sp.Expr:
    """Σ_k π_k p_k; the weights have to sum to one.

    Raises `BackproofError` for weights that do not, or that are not positive.
    """
    exact = [sp.sympify(w) for w in weights]
    if sp.Add(*exact) != 1 or any(w.is_positive is not True for w in exact):
        raise BackproofError(
            "mixture", f"weights {exact}", "positive weights of sum one", "normalise them exactly"
        )
    return sp.Add(*(w * p for w, p in zip(exact, densities, strict=True)))


def log_slope(density: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """∂ log p/∂x = p′/p, with the exponential that divides numerator and denominator taken out.

    >>> x = sp.Symbol("x", real=True)
    >>> log_slope(sp.exp(-x**2 / 2), x)
    -x
    """
    slope = sp.diff(density, x)
    if not density.is_Add:
        return sp.expand(sp.powsimp(sp.expand(slope / density)))
    # A mixture is divided by its first component: all exponents become differences.
    first = density.args[0]
    parts = [sp.powsimp(sp.expand(term / first)) for term in density.args]
    slopes = [log_slope(term, x) for term in density.args]
    top = sp.Add(*(p * s for p, s in zip(parts, slopes, strict=True)))
    return top / sp.Add(*parts)


def score(density: sp.Expr, variables: Sequence[sp.Symbol], order: int) -> Score:
    """Derive S_m of a density that SymPy can differentiate.

        S_m = (−1)^m ∇^m p / p

    ``density`` is positive on its support and need not be normalised.  Raises `BackproofError`
    where it does not depend on a variable or the order is no natural number.

    >>> x, y = sp.symbols("x y", real=True)
    >>> s = score(normal((x, y)), (x, y), 3)
    >>> s[0, 0, 0], s[0, 0, 1]
    (x**3 - 3*x, x**2*y - y)
    """
    xs = tuple(variables)
    if not isinstance(order, int) or isinstance(order, bool) or order < 0:
        raise BackproofError("order", repr(order), "a natural number", "ask for order=3")
    missing = [x for x in xs if not density.has(x)]
    if missing:
        raise BackproofError(
            "density", f"no {missing[0]} in {density}", "a joint density", "add it"
        )
    slopes = [log_slope(density, x) for x in xs]

    @cache
    def entry(index: Index) -> sp.Expr:
        if not index:
            return sp.S.One
        last = index[-1]
        before = entry(index[:-1])
        whole = -before * slopes[last] - sp.diff(before, xs[last])
        # Expanding makes a polynomial short and the quotients of a mixture long.
        return sp.expand(whole) if whole.is_polynomial(*xs) else whole

    indices = combinations_with_replacement(range(len(xs)), order)
    return Score(xs, order, {index: entry(index) for index in indices})


def hermite(order: int, x: sp.Expr) -> sp.Expr:
    """Hermite's polynomial He_m, as the score of order m of N(0, 1).

    >>> hermite(3, sp.Symbol("z"))
    z**3 - 3*z
    """
    z = sp.Dummy("z", real=True)
    return score(normal((z,)), (z,), order)[(0,) * order].subs(z, x)
