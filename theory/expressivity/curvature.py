"""What affine pieces cost where a function curves: 1/(180 n⁴) in mean square, 1/(8 n²) in sup.

On one interval of length h the best affine approximation of x² errs h⁵/180 in mean square and h²/8
in sup. Over n intervals of total length L the sum of h_i⁵ is least, by convexity, where all are
equal. For f″ ≥ c > 0 the second Legendre polynomial P₂ is orthogonal to affine functions, and
∫ f P₂ = ∫ f″ K with K ≥ 0, so that f errs at least as much as c x²/2 does.

Reference: I. Safran, O. Shamir, Depth-width tradeoffs in approximating natural functions with
neural networks, ICML 2017 (arXiv:1610.09887), on functions that are twice differentiable.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.expressivity.pieces import most_pieces

X, A, B = sp.symbols("x a b", real=True)
H = sp.Symbol("h", positive=True)
C = sp.Symbol("c", positive=True)
N, L = sp.symbols("n L", positive=True)


def square_in_mean() -> sp.Expr:
    """min over a, b of ∫₀^h (x² − a − bx)² dx: both derivatives vanish.

    >>> square_in_mean()
    h**5/180
    """
    error = sp.integrate(sp.expand((X**2 - A - B * X) ** 2), (X, 0, H))
    best = sp.solve([sp.diff(error, A), sp.diff(error, B)], [A, B], dict=True)[0]
    return sp.expand(error.subs(best))


def square_in_sup() -> sp.Expr:
    """min over a, b of sup |x² − a − bx| on [0, h]: equal, with signs + − +, at 0, h/2 and h.

    At h/2 the difference has its minimum, and three alternating extrema are best (Chebyshev).

    >>> square_in_sup()
    h**2/8
    """
    e = sp.Symbol("e")
    at = [(X**2 - A - B * X).subs(X, x) for x in (0, H / 2, H)]
    best = sp.solve([at[0] - e, at[1] + e, at[2] - e], [A, B, e], dict=True)[0]
    lowest = sp.solve(sp.diff((X**2 - A - B * X).subs(best), X), X)
    assert lowest == [H / 2], "the interior extremum is where it was put"
    return best[e]


def equal_pieces(of_one: sp.Expr, add: bool) -> sp.Expr:
    """n equal pieces of a total length L: the sum of their errors, or the largest of them.

    Both are least there: h ↦ h⁵ is convex, and the largest of n lengths is at least L/n.

    >>> equal_pieces(square_in_mean(), True).subs(L, 1), equal_pieces(square_in_sup(), False)
    (1/(180*n**4), L**2/(8*n**2))
    """
    return sp.powsimp((N if add else 1) * of_one.subs(H, L / N))


def kernel() -> tuple[sp.Expr, sp.Expr]:
    """K with ∫₀^h f P₂ = ∫₀^h f″ K: P₂ integrated twice, K = K′ = 0 at both ends; and P₂.

    >>> k, p = kernel()
    >>> sp.factor(k), [k.subs(X, x) for x in (0, H)], [sp.diff(k, X).subs(X, x) for x in (0, H)]
    (x**2*(-h + x)**2/(2*h**2), [0, 0], [0, 0])
    """
    p = sp.expand(sp.legendre(2, 2 * X / H - 1))
    once = sp.integrate(p, X)
    return sp.expand(sp.integrate(once, X)), p


def curved_in_mean() -> sp.Expr:
    """The least of ∫₀^h (f − g)², g affine and f″ ≥ c: ⟨f, P₂⟩²/‖P₂‖² ≥ (c ∫K)²/∫P₂².

    >>> curved_in_mean(), sp.expand(curved_in_mean().subs(C, 2) - square_in_mean())
    (c**2*h**5/720, 0)
    """
    k, p = kernel()
    return (C * sp.integrate(k, (X, 0, H))) ** 2 / sp.integrate(sp.expand(p**2), (X, 0, H))


def curved_in_sup() -> sp.Expr:
    """The least of sup |f − g|: f(0) − 2 f(h/2) + f(h) ≥ c h²/4, and g has none.

    As f − c x²/2 is convex its second difference is not negative, so that of f is at least that
    of c x²/2; three errors with weights 1, 2, 1 make it up.

    >>> curved_in_sup(), curved_in_sup().subs(C, 2) - square_in_sup()
    (c*h**2/16, 0)
    """
    parabola = C * X**2 / 2
    second = sum(w * parabola.subs(X, x) for w, x in ((1, 0), (-2, H / 2), (1, H)))
    return sp.expand(second) / 4


def least_error(
    curved: Sequence[tuple[sp.Expr, sp.Expr]], widths: Sequence[int], norm: object = 2
) -> sp.Expr:
    """What a ReLU network errs at least, from pairs (c_i, h_i) of adjacent intervals.

    |f″| ≥ c_i on interval i of length h_i, i ≤ q; ``widths`` are those of the ReLU layers, so that
    the network has n ≤ Π (m_i + 1) pieces, and the ends of intervals cut q − 1 more. With n_i
    pieces on interval i, Hölder's inequality gives

        Σ c_i² h_i⁵/(720 n_i⁴) ≥ (Σ c_i^{2/5} h_i)⁵ / (720 (n + q − 1)⁴)   for ``norm=2``, squared
        max c_i h_i²/(16 n_i²) ≥ (Σ c_i^{1/2} h_i)² / (16 (n + q − 1)²)    for ``norm="sup"``

    >>> least_error([(2, 1)], [3, 3]), least_error([(2, 1)], [3, 3], "sup")
    (1/11796480, 1/2048)
    """
    one, power = (curved_in_mean(), 5) if norm == 2 else (curved_in_sup(), 2)
    n = most_pieces(widths) + len(curved) - 1
    terms = (one.subs({C: sp.sympify(c), H: sp.sympify(h)}) for c, h in curved)
    roots = sp.Add(*(sp.root(term, power) for term in terms))
    return roots**power / sp.Integer(n) ** (power - 1 if norm == 2 else power)
