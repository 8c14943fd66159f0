"""Barron's constant C_f = ∫ |ξ| |f̂|(dξ) and the bound (2 r C_f)²/n.

For f(x) = ∫ e^{iξ·x} F(dξ) on the ball of radius r, some network of n sigmoidal units has
∫ (f − f_n)² dμ ≤ (2 r C_f)²/n, for every probability μ on the ball.
Reference: Barron, Universal approximation bounds for superpositions of a sigmoidal function, IEEE
Transactions on Information Theory 39 (1993) 930–945, theorem 1 and section IX.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.errors import UnsupportedError

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


def monomial(degree: int, radius: sp.Expr = sp.S.One) -> sp.Expr:
    """A bound of C_f for x^k on [−r, r], by the periodic extension of a spline.

    C_f on an interval is at most that of any extension. For even k the derivative is odd: by
    f′(2r − x) = f′(x) it extends to a continuous function of period 4r and mean zero, and with
    Fourier coefficients c_j of f and ω = π/2r, by Cauchy–Schwarz and Parseval,

        C ≤ Σ |jω||c_j| ≤ (1/ω) √(Σ_{j≠0} 1/j²) √(mean of f″²) = (π/√3) √(mean of f″²)/ω.

    >>> monomial(2)
    4*sqrt(3)/3
    """
    x = sp.Symbol("x", real=True)
    r = sp.sympify(radius)
    if degree % 2:
        raise UnsupportedError("Barron", f"x^{degree}", "an even power", "use its bound on a ball")
    second = sp.diff(x**degree, x, 2)
    mean_square = sp.integrate(second**2, (x, -r, r)) / (2 * r)
    omega = sp.pi / (2 * r)
    return sp.radsimp(sp.pi / sp.sqrt(3) * sp.sqrt(mean_square) / omega)


def bound(constant: sp.Expr, radius: sp.Expr, units: int) -> sp.Expr:
    """(2 r C_f)²/n."""
    return (2 * sp.sympify(radius) * constant) ** 2 / units
