"""A certificate of `certify` as a theorem of Coq, by the tactic `interval`, box by box.

Weights are exact dyadic rationals, so that the network of the theorem is the network that runs.
Reference: Martin-Dorel and Melquiond, Proving tight bounds on univariate expressions with
elementary functions in Coq (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.printing import UNFOLDED, name_of, term
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.feedforward import FeedForward
from backproof.numerics.enclosures.rounding import Array
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.scalars import absolute, larger, relu, smaller, step

INTERVAL = "From Interval Require Import Tactic."
# The precision must be given: by default `interval` computes with 30 bits and Σ|c| is lost in it.
SETTINGS = "i_taylor {first}, i_degree {degree}, i_prec {bits}, {bisected}, i_depth {depth}"
NAMES = ("x", "y", "z")


def supremum(claim: Certificate, degree: int = 4, bits: int = 53, depth: int = 0) -> Development:
    """Lemmas ``|N − f| ≤ upper`` for each box, their union over the domain, and the lower bound.

    `interval` has Taylor models in the first variable alone; in the others it bisects, which takes
    the more ``depth`` the closer the bounds are (by default 12 for one variable, 24 for more).

    Raises `UnsupportedError` for functions that `interval` cannot evaluate, `BackproofError` for a
    claim that is no supremum.
    """
    if claim.functions is None or claim.norm != "sup" or claim.point is None:
        raise BackproofError(
            "bp.prove", f"a claim in {claim.norm}", "a sup-norm certificate", "use bp.certify(…)"
        )
    p, q = claim.functions
    symbols = next((f.variables for f in (q, p) if isinstance(f, Expression)), None)
    symbols = symbols or tuple(map(sp.Symbol, NAMES[: p.dimension]))
    names = [name_of(x) for x in symbols]
    arguments = " ".join(names)
    order = np.lexsort(claim.low.T[::-1])
    low, high = claim.low[order], claim.high[order]
    settings = SETTINGS.format(
        first=names[0],
        degree=degree,
        bits=bits,
        bisected=", ".join(f"i_bisect {name}" for name in names),
        depth=depth or (12 if len(names) == 1 else 24),
    )
    gap = f"Rabs (network {arguments} - target {arguments})"
    proof = ("intros; unfold network, target", f"interval with ({settings})")
    within = _Bounded(names, f"{gap} <= {_exact(claim.upper)}")
    boxes = [
        Lemma(f"box_{n}", within.over(*ends), proof)
        for n, ends in enumerate(zip(low, high, strict=True))
    ]
    at = " ".join(map(_exact, claim.point))
    attained = Lemma(
        "lower_bound",
        f"{_exact(claim.lower)} <= Rabs (network {at} - target {at})",
        ("unfold network, target", "interval with (i_prec 90)"),
        "the lower bound is attained",
    )
    unions = within.unions(low, high, claim.domain)
    return Development(
        f"{claim.lower:.9g} <= {claim.statement} <= {claim.upper:.9g}",
        imports=(INTERVAL,),
        preamble=(
            f"Definition network ({arguments} : R) : R :=\n  {_formula(p, symbols)}.\n"
            f"Definition target ({arguments} : R) : R :=\n  {_formula(q, symbols)}.\n"
        ),
        lemmas=(*boxes, *unions, attained),
    )


@dataclass(frozen=True)
class _Bounded:
    """The statement ``bound`` over boxes in ``names``."""

    names: Sequence[str]
    bound: str

    def over(self, low: Array, high: Array) -> str:
        """For all points of a box."""
        sides = zip(self.names, low, high, strict=True)
        inside = "".join(f"{_exact(a)} <= {x} <= {_exact(b)} -> " for x, a, b in sides)
        return f"forall {' '.join(self.names)} : R, {inside}{self.bound}"

    def unions(self, low: Array, high: Array, domain: Sequence[Any]) -> list[Lemma]:
        """One theorem for each box of the domain, by cases over the boxes that cover it."""
        found = []
        for number, (left, right) in enumerate(domain):
            inside = np.nonzero(((low >= left) & (high <= right)).all(1))[0].tolist()
            script = ("intros", self._cases(inside, low, high))
            name = f"upper_bound_{number}" if len(domain) > 1 else "upper_bound"
            found.append(Lemma(name, self.over(left, right), script, "the boxes cover the domain"))
        return found

    def _cases(self, boxes: list[int], low: Array, high: Array) -> str:
        """A tactic: the box itself, or both sides of a cut that no box straddles."""
        if len(boxes) == 1:
            return f"apply box_{boxes[0]}; lra"
        for axis, name in enumerate(self.names):
            cuts = np.unique(high[boxes, axis])[:-1]
            for cut in sorted(cuts, key=lambda c: abs(c - np.median(cuts))):
                below = [n for n in boxes if high[n, axis] <= cut]
                above = [n for n in boxes if low[n, axis] >= cut]
                if len(below) + len(above) == len(boxes) and below and above:
                    sides = (self._cases(part, low, high) for part in (below, above))
                    test = f"destruct (Rle_lt_dec {name} {_exact(cut)})"
                    return f"{test}; [{' | '.join(sides)}]"
        raise UnsupportedError(
            "bp.prove", "boxes that overlap", "a domain of disjoint boxes", "certify them apart"
        )


LARGER = {sp.Max: 1, larger: 1, sp.Min: -1, smaller: -1}


def _with_absolute_values(e: sp.Expr) -> sp.Expr:
    """max(a, b) = (a + b + |a − b|)/2, and min with a minus."""
    if not e.has(*LARGER):
        return e
    arguments = [_with_absolute_values(a) for a in e.args]
    if type(e) not in LARGER:
        return e.func(*arguments)
    sign = LARGER[type(e)]
    return reduce(lambda a, b: (a + b + sign * absolute(a - b)) / 2, arguments)


def _formula(function: object, symbols: Sequence[sp.Symbol]) -> str:
    """A network or an expression as a Coq term in the symbols."""
    if isinstance(function, Expression):
        if function.expression.has(sp.Piecewise, sp.Heaviside, step):
            raise UnsupportedError(
                "bp.prove",
                f"the target {function.expression}",
                "no pieces and no jumps",
                "cut the domain instead",
            )
        return term(_with_absolute_values(function.expression), UNFOLDED)
    if isinstance(function, FeedForward):
        return _network(function, symbols)
    raise UnsupportedError("bp.prove", type(function).__name__, "a network or an expression", "…")


def _network(net: FeedForward, symbols: Sequence[sp.Symbol]) -> str:
    """The layers written out, with the form of each activation that `interval` evaluates."""
    h = [name_of(x) for x in symbols]
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
