"""A certificate of `certify` as a theorem of Coq, by the tactic `interval`, box by box.

Weights are exact dyadic rationals, so that the network of the theorem is the network that runs.
Reference: Martin-Dorel and Melquiond, Proving tight bounds on univariate expressions with
elementary functions in Coq (2016).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.printing import UNFOLDED, name_of, term
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.feedforward import FeedForward
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.scalars import absolute, relu

INTERVAL = "From Interval Require Import Tactic."
# The precision must be given: by default `interval` computes with 30 bits and Σ|c| is lost in it.
SETTINGS = "i_taylor {x}, i_degree {degree}, i_prec {bits}, i_bisect {x}, i_depth {depth}"


def supremum(claim: Certificate, degree: int = 4, bits: int = 53, depth: int = 12) -> Development:
    """Lemmas ``|N − f| ≤ upper`` for each box, their union over the domain, and the lower bound.

    Raises `UnsupportedError` for more than one dimension and for functions that `interval`
    cannot evaluate, `BackproofError` for a claim without functions.
    """
    if claim.functions is None or claim.norm != "sup" or claim.point is None:
        raise BackproofError(
            "bp.prove", f"a claim in {claim.norm}", "a sup-norm certificate", "use bp.certify(…)"
        )
    p, q = claim.functions
    if p.dimension != 1:
        raise UnsupportedError("bp.prove", f"{p.dimension} dimensions", "one", "use engine='ball'")
    x = q.variables[0] if isinstance(q, Expression) else sp.Symbol("x")
    network, target = _formula(p, x), _formula(q, x)
    variable = name_of(x)
    order = np.argsort(claim.low[:, 0])
    low, high = claim.low[order, 0], claim.high[order, 0]
    settings = SETTINGS.format(x=variable, degree=degree, bits=bits, depth=depth)
    gap = f"Rabs (network {variable} - target {variable})"
    proof = ("intros; unfold network, target", f"interval with ({settings})")
    upper = _exact(claim.upper)
    boxes = [
        Lemma(
            f"box_{n}",
            f"forall {variable} : R, {_exact(a)} <= {variable} <= {_exact(b)} -> {gap} <= {upper}",
            proof,
        )
        for n, (a, b) in enumerate(zip(low, high, strict=True))
    ]
    at = _exact(claim.point[0])
    attained = Lemma(
        "lower_bound",
        f"{_exact(claim.lower)} <= Rabs (network {at} - target {at})",
        ("unfold network, target", "interval with (i_prec 90)"),
        "the lower bound is attained",
    )
    return Development(
        f"{claim.lower:.9g} <= {claim.statement} <= {claim.upper:.9g}",
        imports=(INTERVAL,),
        preamble=(
            f"Definition network ({variable} : R) : R :=\n  {network}.\n"
            f"Definition target ({variable} : R) : R :=\n  {target}.\n"
        ),
        lemmas=(*boxes, *_unions(low, high, gap, upper, variable), attained),
    )


def _unions(
    low: Sequence[float], high: Sequence[float], gap: str, upper: str, variable: str
) -> list[Lemma]:
    """One theorem for each interval of the domain, by cases over its boxes."""
    runs: list[list[int]] = []
    for n in range(len(low)):
        if runs and low[n] <= high[runs[-1][-1]]:
            runs[-1].append(n)
        else:
            runs.append([n])
    found = []
    for number, run in enumerate(runs):
        a, b = _exact(low[run[0]]), _exact(high[run[-1]])
        cases = [
            f"destruct (Rle_lt_dec {variable} {_exact(high[n])}); [apply box_{n}; lra|]"
            for n in run[:-1]
        ]
        found.append(
            Lemma(
                f"upper_bound_{number}" if len(runs) > 1 else "upper_bound",
                f"forall {variable} : R, {a} <= {variable} <= {b} -> {gap} <= {upper}",
                (f"intros {variable} H", *cases, f"apply box_{run[-1]}; lra"),
                "the boxes cover the domain",
            )
        )
    return found


def _formula(function: object, x: sp.Symbol) -> str:
    """A network or an expression as a Coq term in x."""
    if isinstance(function, Expression):
        if function.expression.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside):
            raise UnsupportedError(
                "bp.prove",
                f"the target {function.expression}",
                "no pieces",
                "cut the domain instead",
            )
        return term(function.expression, UNFOLDED)
    if isinstance(function, FeedForward):
        return _network(function, x)
    raise UnsupportedError("bp.prove", type(function).__name__, "a network or an expression", "…")


def _network(net: FeedForward, x: sp.Symbol) -> str:
    """The layers written out, with the form of each activation that `interval` evaluates."""
    h = [name_of(x)]
    for layer in net.layers:
        if layer.times or layer.numbers is None:
            raise UnsupportedError(
                "bp.prove", "a derivative of a network", "the network", "use ball"
            )
        z = [_affine(row, b, h) for row, b in zip(*layer.numbers, strict=True)]
        if layer.activation is None:
            h = z
        elif layer.activation in UNFOLDED or layer.activation in (relu, absolute):
            h = [f"({UNFOLDED[layer.activation].format(v)})" for v in z]
        else:
            raise UnsupportedError(
                "bp.prove",
                f"the activation {layer.activation.__name__}",
                "a continuous one",
                "use ball",
            )
    return h[0]


def _affine(weights: Sequence[sp.Expr], bias: sp.Expr, h: list[str]) -> str:
    parts = [f"{term(w, UNFOLDED)} * {v}" for w, v in zip(weights, h, strict=True) if w != 0]
    if bias != 0 or not parts:
        parts.append(term(bias, UNFOLDED))
    return f"({' + '.join(parts)})"


def _exact(value: float) -> str:
    """A float as the rational number that it is."""
    return term(sp.Rational(float(value)), UNFOLDED)
