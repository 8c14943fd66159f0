"""Balls of Arb, by way of python-flint, and what the float engine's numbers are in them.

Reference: Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic (2017).
"""

from __future__ import annotations

import math
from typing import Any

import flint
import sympy as sp

from backproof.theory.errors import UnsupportedError

arb, arb_mat, arb_series = flint.arb, flint.arb_mat, flint.arb_series
Ball = Any  # flint.arb
Matrix = Any  # flint.arb_mat
BITS = 64


class Precision:
    """Bits of the midpoint, and how many coefficients a power series keeps."""

    def __init__(self, terms: int, bits: int = BITS) -> None:
        self.terms, self.bits = terms, bits

    def __enter__(self) -> None:
        self.before = flint.ctx.prec, flint.ctx.cap
        flint.ctx.prec, flint.ctx.cap = self.bits, self.terms

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec, flint.ctx.cap = self.before


def exactly(value: sp.Expr) -> Ball:
    """A SymPy constant as a ball that holds it.

    >>> ball = exactly(sp.Rational(1, 3))
    >>> bool(3 * ball == 1), bool((3 * ball).overlaps(arb(1)))
    (False, True)
    """
    if value.is_Rational:
        return arb(flint.fmpq(int(value.p), int(value.q)))
    if value.is_Float:
        return exactly(sp.Rational(value))
    if value is sp.pi:
        return arb.pi()
    if value is sp.E:
        return arb(1).exp()
    if value.is_Add:
        return sum(map(exactly, value.args), arb(0))
    if value.is_Mul:
        product = arb(1)
        for factor in value.args:
            product = product * exactly(factor)
        return product
    if isinstance(value, sp.Pow) and value.exp.is_Rational:
        base = exactly(value.base)
        if value.exp.is_Integer:
            return base ** int(value.exp)
        return base ** exactly(value.exp)
    if isinstance(value, sp.Function) and type(value) in CONSTANT:
        return CONSTANT[type(value)](*map(exactly, value.args))
    raise UnsupportedError(
        "ball engine", f"the constant {value}", "rationals, π, e and functions of them", "use float"
    )


CONSTANT = {
    sp.exp: lambda z: z.exp(),
    sp.log: lambda z: z.log(),
    sp.sin: lambda z: z.sin(),
    sp.cos: lambda z: z.cos(),
    sp.tan: lambda z: z.tan(),
    sp.tanh: lambda z: z.tanh(),
    sp.atan: lambda z: z.atan(),
    sp.erf: lambda z: z.erf(),
}


def hull(low: Ball, high: Ball) -> Ball:
    """The ball that holds two others."""
    return low.union(high)


def upper(ball: Ball) -> float:
    """A float not below the ball's largest absolute value."""
    return float_above(ball.abs_upper())


def float_above(ball: Ball) -> float:
    """A float not below a ball without extent."""
    guess = float(ball)
    while math.isfinite(guess) and not arb(guess) >= ball:
        guess = math.nextafter(guess, math.inf)
    return guess
