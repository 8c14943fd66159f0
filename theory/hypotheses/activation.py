"""An activation as a function of one real symbol, and where its pieces meet."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.scalars import Elementwise, absolute, relu, sgn, sigmoid, softplus, step

T = sp.Symbol("t", real=True)
NAMES: dict[str, sp.Expr] = {
    "sigmoid": sigmoid(T),
    "logistic": sigmoid(T),
    "tanh": sp.tanh(T),
    "softplus": softplus(T),
    "relu": relu(T),
    "step": step(T),
    "sin": sp.sin(T),
    "cos": sp.cos(T),
    "exp": sp.exp(T),
    "erf": sp.erf(T),
    "atan": sp.atan(T),
    "linear": T,
    "square": T**2,
}


def read(activation: Any) -> sp.Expr:
    """The activation in the symbol `T`: a name, a SymPy function, or an expression of one symbol.

    >>> read("tanh"), read(sp.Symbol("x")**2)
    (tanh(t), t**2)
    """
    if isinstance(activation, str):
        if activation not in NAMES:
            raise BackproofError(
                "activation", repr(activation), f"one of {', '.join(NAMES)}", "pick one"
            )
        return NAMES[activation]
    if isinstance(activation, type) and issubclass(activation, sp.Function):
        return activation(T)
    if isinstance(activation, sp.Expr):
        symbols = activation.free_symbols
        if len(symbols) > 1:
            raise BackproofError(
                "activation",
                f"the symbols {', '.join(sorted(map(str, symbols)))}",
                "one",
                "substitute numbers for the others",
            )
        return activation.xreplace(dict.fromkeys(symbols, T))
    raise BackproofError(
        "activation", f"an object of type {type(activation).__name__}", "a name or expression", "…"
    )


def plain(e: sp.Expr) -> sp.Expr:
    """In SymPy's own functions, kinks and jumps as pieces."""
    named = e.replace(lambda f: isinstance(f, Elementwise), lambda f: f.definition(*f.args))
    return named.replace(
        lambda f: isinstance(f, sp.Abs | sp.Max | sp.Min | sp.sign | sp.Heaviside),
        lambda f: f.rewrite(sp.Piecewise),
    )


def pieces(e: sp.Expr) -> list[tuple[sp.Expr, sp.Interval]] | None:
    """The expression on intervals that fill the line; `None` where that cannot be told."""
    folded = sp.piecewise_fold(plain(e))
    if not isinstance(folded, sp.Piecewise):
        return [(folded, sp.Interval(-sp.oo, sp.oo))]
    try:
        found = [
            (value, part)
            for value, region in folded.as_expr_set_pairs(sp.S.Reals)
            for part in (region.args if isinstance(region, sp.Union) else (region,))
        ]
    except (NotImplementedError, TypeError, ValueError):
        return None
    if not all(isinstance(part, sp.Interval | sp.FiniteSet) for _, part in found):
        return None
    intervals = [(value, part) for value, part in found if isinstance(part, sp.Interval)]
    return sorted(intervals, key=lambda pair: pair[1].inf)


KINKED = (relu, absolute, sp.Abs, sp.Max, sp.Min)
JUMPING = (step, sgn, sp.sign, sp.Heaviside)
SMOOTH = (sp.exp, sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh, sp.erf, sp.atan, sigmoid, softplus)
