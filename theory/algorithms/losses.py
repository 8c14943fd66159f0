"""What stability needs to know of a loss, read off its derived gradient and Hessian.

A ridge loss f(w; x, …) = φ(w·x, …) + ½μ|w|² has, with s = w·x,

    ∇f = φ′(s) x + μ w,        ∇²f = φ″(s) x xᵀ + μ I,

so that its curvature is μ across x and μ + φ″(s)|x|² along it.  Whether a loss has this form is
decided on the derived gradient and Hessian, written out entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.opaque import written_out
from backproof.theory.model import Model

S = sp.Symbol("s", real=True)  # w·x


@dataclass(frozen=True)
class RidgeLoss:
    """φ′(s, …) and φ″(s, …) as expressions of `S` and the other inputs, and μ."""

    slope: sp.Expr
    curvature: sp.Expr
    penalty: sp.Expr


@dataclass(frozen=True)
class WrittenLoss:
    """Gradient and Hessian entry by entry; ``symbols`` by the names of the inputs."""

    gradient: tuple[sp.Expr, ...]
    hessian: tuple[tuple[sp.Expr, ...], ...]
    symbols: Mapping[str, tuple[sp.Symbol, ...]]


def write_out(model: Model, wrt: str, sizes: Mapping[str, int]) -> WrittenLoss:
    """The derived gradient and Hessian of a model of one example, in symbols for given sizes."""
    first, second = derive(model, wrt=wrt), derive(model, wrt=wrt, order=2)
    given, found = written_out(first, sizes)
    _, twice = written_out(second, sizes)
    symbols = {
        name: value if isinstance(value, tuple) else (value,) for name, value in given.items()
    }
    gradient = found[first[wrt].tensor.name]
    hessian = twice[second[wrt].tensor.name]
    if not isinstance(gradient, tuple):  # one number: a matrix of one entry
        gradient, hessian = (gradient,), ((hessian,),)
    if any(isinstance(entry, tuple) for entry in gradient):
        raise BackproofError(wrt, "a matrix of parameters", "a vector", "flatten the parameters")
    return WrittenLoss(gradient, hessian, symbols)


def ridge_form(written: WrittenLoss, wrt: str, data: str) -> RidgeLoss | None:
    """φ′, φ″ and μ of a ridge loss, or None where the loss is none.

    s replaces w·x by solving for one weight; afterwards no weight may be left in φ″, and the
    identities for gradient and Hessian must hold exactly.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.logaddexp(0, -y*(w @ x)) + mu/2*np.sum(w**2)", w="d", x="d", y="", mu="")
    >>> form = ridge_form(write_out(model, "w", {"d": 2}), "w", "x")
    >>> form.slope, form.penalty
    (-y*sigmoid(-s*y), mu)
    """
    w, x = written.symbols[wrt], written.symbols.get(data, ())
    if len(w) != len(x) or len(w) < 2:
        return None
    in_s = {w[0]: (S - sum(a * b for a, b in zip(w[1:], x[1:], strict=True))) / x[0]}

    def along(expression: sp.Expr) -> sp.Expr:
        return expression.subs(in_s).replace(lambda e: e.is_Function, _argument_tidied)

    curvature = sp.factor(along(written.hessian[0][1]) / (x[0] * x[1]))
    penalty = sp.expand(along(written.hessian[0][0]) - curvature * x[0] ** 2)
    slope = sp.cancel((along(written.gradient[1]) - penalty * w[1]) / x[1])
    # φ″ must say the same as dφ′/ds: φ is a function of s alone.
    inside = (set(w) | set(x)) & (slope.free_symbols | curvature.free_symbols)
    if inside or penalty.free_symbols & (set(w) | set(x)) or penalty.has(S):
        return None
    for j, row in enumerate(written.hessian):
        if sp.expand(along(written.gradient[j]) - slope * x[j] - along(penalty * w[j])) != 0:
            return None
        for i, entry in enumerate(row):
            wanted = curvature * x[i] * x[j] + (penalty if i == j else 0)
            if sp.expand(along(entry) - wanted) != 0:
                return None
    return RidgeLoss(slope, curvature, penalty)


def _argument_tidied(function: sp.Expr) -> sp.Expr:
    """σ(−y(s − w₁x₁) − w₁x₁y) is σ(−ys)."""
    return function.func(*(sp.expand(argument) for argument in function.args))
