"""Barron's constant C_f = ∫ |ξ| |f̂|(dξ) and the bound (2 r C_f)²/n.

For f(x) = ∫ e^{iξ·x} F(dξ) on the ball of radius r, some network of n sigmoidal units has
∫ (f − f_n)² dμ ≤ (2 r C_f)²/n, for every probability μ on the ball.
Reference: Barron, Universal approximation bounds for superpositions of a sigmoidal function, IEEE
Transactions on Information Theory 39 (1993) 930–945, theorem 1 and section IX.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.universality.polarisation import ridges

R = sp.Symbol("r", positive=True)


def gaussian(dimension: int, width: sp.Expr = sp.S.One) -> sp.Expr:
    """C_f of exp(−|x|²/2s²): F is the normal law of covariance I/s², so E|ξ|.

    The radial integral E|ξ| = ∫ r · r^{d−1} e^{−r²/2} dr / ∫ r^{d−1} e^{−r²/2} dr.

    >>> gaussian(1), gaussian(2)
    (sqrt(2)/sqrt(pi), sqrt(2)*sqrt(pi)/2)
    """
    weight = R ** (dimension - 1) * sp.exp(-(R**2) / 2)
    mean = sp.integrate(R * weight, (R, 0, sp.oo)) / sp.integrate(weight, (R, 0, sp.oo))
    return mean / sp.sympify(width)


def sinusoid(expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
    """C_f of a sum of a cos(w·x + φ) and b sin(w·x + φ): Σ √(a² + b²) |w| over frequencies.

    >>> x = sp.Symbol("x")
    >>> sinusoid(sp.sin(2*sp.pi*x), (x,))
    2*pi
    """
    atoms: dict[tuple[sp.Expr, ...], list[sp.Expr]] = {}
    for term in sp.Add.make_args(sp.expand(expression)):
        factor, wave = term.as_independent(*variables, as_Add=False)
        if wave == 1:
            continue  # a constant has the frequency zero
        if not isinstance(wave, sp.sin | sp.cos):
            raise UnsupportedError("Barron", str(term), "sines and cosines", "expand the product")
        inner = sp.expand(wave.args[0])
        frequency = tuple(inner.coeff(v) for v in variables)
        phase = sp.expand(inner - sum(w * v for w, v in zip(frequency, variables, strict=True)))
        if phase.free_symbols & set(variables):
            raise UnsupportedError("Barron", str(wave), "a linear argument", "rewrite the target")
        # factor · e^{iφ} for a cosine, shifted by a quarter turn for a sine
        turn = sp.exp(sp.I * phase) * (1 if isinstance(wave, sp.cos) else -sp.I)
        mirrored = tuple(-w for w in frequency)
        if any(w.could_extract_minus_sign() for w in frequency if w != 0) and mirrored in atoms:
            frequency, turn = mirrored, sp.conjugate(turn)
        atoms.setdefault(frequency, []).append(factor * turn)
    total = sp.S.Zero
    for frequency, amplitudes in atoms.items():
        size = sp.sqrt(sum(w**2 for w in frequency))
        total += sp.Abs(sp.expand_complex(sum(amplitudes))) * size
    return total


def on_interval(expression: sp.Expr, x: sp.Symbol, radius: sp.Expr = sp.S.One) -> sp.Expr:
    """A bound of C_f for a polynomial on [−r, r], by a periodic extension.

    C_f on an interval is at most that of any extension. f′ is extended with f′(x + H) = −f′(x),
    linearly from f′(r) at r to −f′(−r) at H − r, so that f is periodic; where f′(r) = −f′(−r),
    H = 2r needs no such bridge, otherwise H = 4r. Then only odd multiples jω of ω = π/H occur, and
    by Cauchy–Schwarz and Parseval, as Σ 1/j² over odd j of both signs is π²/4,

        C ≤ Σ |jω||c_j| ≤ (1/ω) √(Σ 1/j²) √(mean of f″²) = (H/2) √(mean of f″²).

    >>> x = sp.Symbol("x")
    >>> on_interval(x**2, x)
    2
    """
    r = sp.sympify(radius)
    slope = sp.diff(expression, x)
    turn = sp.expand(slope.subs(x, r) + slope.subs(x, -r))
    half = 2 * r if turn == 0 else 4 * r
    inside = sp.integrate(sp.expand(sp.diff(slope, x) ** 2), (x, -r, r))
    bridge = sp.S.Zero if turn == 0 else turn**2 / (half - 2 * r)
    return sp.radsimp(half / 2 * sp.sqrt(sp.expand((inside + bridge) / half)))


def monomial(degree: int, radius: sp.Expr = sp.S.One) -> sp.Expr:
    """The bound of `on_interval` for x^k; for x² it is sup|f′|, below which no C_f can be.

    >>> monomial(2), monomial(4)
    (2, 12*sqrt(5)/5)
    """
    x = sp.Symbol("x", real=True)
    return on_interval(x**degree, x, radius)


def polynomial(
    expression: sp.Expr, variables: tuple[sp.Symbol, ...], radius: sp.Expr = sp.S.One
) -> sp.Expr:
    """A bound of C_f for a polynomial on the ball of radius r.

    In one variable that of `on_interval`. In several each monomial is a sum of powers (a·x)^k by
    polarisation; on the ball |a·x| ≤ r|a|, and the frequencies ξa of a ridge function have C = |a|
    times that of the power on [−r|a|, r|a|].

    >>> x, y = sp.symbols("x y")
    >>> polynomial(x * y, (x, y))
    2
    """
    if len(variables) == 1:
        return on_interval(expression, variables[0], radius)
    try:
        terms = sp.Poly(expression, *variables).terms()
    except sp.PolynomialError:
        raise UnsupportedError(
            "Barron", str(expression), "a polynomial", "use gaussian or sinusoid"
        ) from None
    total = sp.S.Zero
    for exponents, coefficient in terms:
        if not any(exponents):
            continue  # a constant has the frequency zero
        for ridge in ridges(exponents):
            length = sp.sqrt(sum(a**2 for a in ridge.direction))
            power = monomial(ridge.degree, sp.sympify(radius) * length)
            total += sp.Abs(coefficient * ridge.coefficient) * length * power
    return sp.expand(total)


def bound(constant: sp.Expr, radius: sp.Expr, units: int) -> sp.Expr:
    """(2 r C_f)²/n."""
    return (2 * sp.sympify(radius) * constant) ** 2 / units
