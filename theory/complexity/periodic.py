"""Periodic targets: how much of a gradient tells which target it is, in closed form.

A target x ↦ cos(2π w·x) has its w drawn from the sphere of radius r in ℝ^d, and x ~ N(0, I).  Two
targets overlap by a Gaussian integral,

    E cos(2π u·x) cos(2π w·x) = e^{−2π²(|u|² + |w|²)} cosh(4π² u·w),

and means over the sphere are Bessel functions: with t = ŵ·û of density ∝ (1 − t²)^{(d−3)/2},

    Ψ_d(κ) = E e^{κt} = Γ(d/2) (2/κ)^{d/2−1} I_{d/2−1}(κ).

The overlap depends on the angle alone, so its eigenfunctions on the sphere are the spherical
harmonics (Funk and Hecke); degree ℓ has the eigenvalue

    λ_ℓ = e^{−κ} Γ(d/2) (2/κ)^{d/2−1} I_{ℓ+d/2−1}(κ),   κ = 4π²r², ℓ even,

and ℓ = 0 is the mean over w.  Hence, exactly and attained,

    sup over E g² = 1 of Var_w E[g(x) cos(2π w·x)] = λ_2,   Var_w ∇ ≤ λ_2 E‖∂p/∂θ‖².

Reference: O. Shamir, Distribution-specific hardness of learning neural networks, Journal of
Machine Learning Research 19 (2018), arXiv:1609.01037 (2016).
"""

from __future__ import annotations

import sympy as sp

X = sp.Symbol("x", real=True)
T = sp.Symbol("t", positive=True)
R = sp.Symbol("r", positive=True)
U = sp.Symbol("u", positive=True)
D = sp.Symbol("d", positive=True)
K = sp.Symbol("k", integer=True, nonnegative=True)
KAPPA = sp.Symbol("kappa", positive=True)
RATIO = sp.Symbol("a", positive=True)  # κ/d
NORMAL = sp.exp(-(X**2) / 2) / sp.sqrt(2 * sp.pi)


def gaussian_cosine() -> sp.Expr:
    """E cos(2πrx) over x ~ N(0, 1).

    >>> gaussian_cosine()
    exp(-2*pi**2*r**2)
    """
    return sp.integrate(sp.cos(2 * sp.pi * R * X) * NORMAL, (X, -sp.oo, sp.oo))


def gaussian_sine() -> sp.Expr:
    """E x sin(2πrx) over x ~ N(0, 1): minus the derivative of E cos, over 2π.

    >>> gaussian_sine()
    2*pi*r*exp(-2*pi**2*r**2)
    """
    return -sp.diff(gaussian_cosine(), R) / (2 * sp.pi)


def overlap() -> sp.Expr:
    """E cos(2π u·x) cos(2π w·x) for |u| = u, |w| = r at an angle of cosine t.

    The product is half the sum of the cosines at w − u and w + u; along each of them x is a
    standard normal.

    >>> overlap()
    exp(-2*pi**2*r**2 - 2*pi**2*u**2)*cosh(4*pi**2*r*t*u)
    """
    mean = gaussian_cosine()
    terms = [mean.subs(R, sp.sqrt(R**2 + U**2 + 2 * s * R * U * T)) for s in (-1, 1)]
    damped = sp.expand(sp.log(terms[0]) + sp.log(terms[1])) / 2  # the part of even powers of t
    inner = sp.expand(sp.log(terms[0]) - sp.log(terms[1])) / 2
    # (e^{a+b} + e^{a−b})/2 = e^a cosh b
    return sp.exp(damped) * sp.cosh(inner)


def sphere_moment(k: sp.Expr = K) -> sp.Expr:
    """E t^{2k} on the sphere in ℝ^d: with s = t² a quotient of two integrals of Euler.

    >>> sp.gammasimp(sphere_moment(sp.Integer(1)))
    1/d
    """
    half = sp.S.Half
    top = sp.beta(k + half, (D - 1) / 2).rewrite(sp.gamma)
    return top / sp.beta(half, (D - 1) / 2).rewrite(sp.gamma)


def sphere_exponential() -> sp.Expr:
    """Ψ_d(κ) = E e^{κt}, summed from its moments.

    The quotient of consecutive terms of Σ κ^{2k} E t^{2k}/(2k)! is (κ²/4)/((k+1)(k+d/2)), which
    makes the series ₀F₁(; d/2; κ²/4); SymPy knows that as a Bessel function.

    >>> round(float(sphere_exponential().subs({D: 3, KAPPA: 1})), 12)  # sinh κ/κ
    1.175201193644
    """
    term = KAPPA ** (2 * K) * sphere_moment() / sp.factorial(2 * K)
    quotient = sp.gammasimp((term.subs(K, K + 1) / term).rewrite(sp.gamma))
    rest = sp.cancel(KAPPA**2 / 4 / (quotient * (K + 1)))
    lower = rest.subs(K, 0)
    assert sp.expand(rest - K - lower) == 0, rest
    return sp.powsimp(sp.hyperexpand(sp.hyper((), (lower,), KAPPA**2 / 4)))


def variance() -> sp.Expr:
    """Var over w of E cos(2π u·x) cos(2π w·x), |w| = r: for a test function that is a target.

    cosh² c = (1 + cosh 2c)/2, and a mean of cosh over the sphere is Ψ.
    """
    mean = sphere_exponential()
    kappa = 4 * sp.pi**2 * R * U
    damped = overlap().args[0] if overlap().args[0].func is sp.exp else overlap().args[1]
    second = (1 + mean.subs(KAPPA, 2 * kappa)) / 2
    return damped**2 * (second - mean.subs(KAPPA, kappa) ** 2)


def harmonic(degree: int) -> sp.Expr:
    """The zonal harmonic P_ℓ(t) on the sphere in ℝ^d, with P_ℓ(1) = 1 (Gegenbauer's polynomial).

    >>> harmonic(2)
    (d*t**2 - 1)/(d - 1)
    """
    polynomial = sp.gegenbauer(degree, D / 2 - 1, T)
    return sp.factor(sp.cancel(polynomial / polynomial.subs(T, 1)))


def eigenvalue(degree: int = 2) -> sp.Expr:
    """λ_ℓ = e^{−κ} E[cosh(κt) P_ℓ(t)] by Funk and Hecke, brought to one Bessel function.

    E t^j e^{κt} = ∂^j Ψ; derivatives and orders are brought together by the two recurrences
    I_ν′ = (I_{ν−1} + I_{ν+1})/2 and I_{ν−1} − I_{ν+1} = (2ν/κ) I_ν.

    >>> print(eigenvalue(2))
    2**(d/2 - 1)*kappa**(1 - d/2)*exp(-kappa)*besseli(d/2 + 1, kappa)*gamma(d/2)
    """
    if degree % 2:
        return sp.S.Zero  # cosh is even and P_ℓ odd
    mean = sphere_exponential()
    zonal = sp.Poly(harmonic(degree), T)
    raw = sum(c * sp.diff(mean, KAPPA, j) for (j,), c in zonal.terms())
    gathered = _in_two_orders(sp.expand(raw), degree)
    bessel = sp.besseli(degree + D / 2 - 1, KAPPA)
    rate = sp.cancel(sp.powsimp(sp.expand(gathered.coeff(bessel))))
    rest = sp.cancel(sp.powsimp(sp.expand(gathered.coeff(sp.besseli(degree + D / 2 - 2, KAPPA)))))
    assert rest == 0, rest
    return sp.powsimp(sp.exp(-KAPPA) * rate, force=True) * bessel


def _in_two_orders(expression: sp.Expr, degree: int) -> sp.Expr:
    """Every I_ν by I_{top} and I_{top−1}, top = ℓ + d/2 − 1, through the recurrence."""
    top = degree + D / 2 - 1
    found = sorted(
        {b.order for b in expression.atoms(sp.besseli)}, key=lambda order: sp.expand(order - top)
    )
    low = int(sp.expand(found[0] - top))
    high = int(sp.expand(found[-1] - top))
    first, second = sp.besseli(top, KAPPA), sp.besseli(top - 1, KAPPA)
    table: dict[int, sp.Expr] = {0: first, -1: second}
    for n in range(-2, low - 1, -1):  # I_{ν−1} = I_{ν+1} + (2ν/κ) I_ν
        table[n] = sp.expand(table[n + 2] + 2 * (top + n + 1) / KAPPA * table[n + 1])
    for n in range(1, high + 1):
        table[n] = sp.expand(table[n - 2] - 2 * (top + n - 1) / KAPPA * table[n - 1])
    swap = {sp.besseli(o, KAPPA): table[int(sp.expand(o - top))] for o in found}
    return sp.expand(expression.xreplace(swap))


def decay_rate() -> sp.Expr:
    """lim (1/d) log λ_2 for κ = a d: by Laplace, the largest of a t + ½ log(1 − t²), minus a.

    >>> float(decay_rate().subs(RATIO, 1)) < 0
    True
    """
    exponent = RATIO * T + sp.log(1 - T**2) / 2
    places = sp.solve(sp.numer(sp.together(sp.diff(exponent, T))), T)
    inside = [p for p in places if 0 < float(p.subs(RATIO, 1)) < 1]
    assert len(inside) == 1
    return exponent.subs(T, inside[0]) - RATIO
