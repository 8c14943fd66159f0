"""Steps: one application of a named rule, with what stood before, what stands after, and why."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Equation, RightHandSide, Sum
from backproof.theory.notation import Entry, Tensor, entries_in


@dataclass(frozen=True, slots=True)
class Pullback:
    """The cotangent that an equation sends to one of its operands,

        Σ_t  cotangent[lead, t] · ∂ equation[t] / ∂ wrt[a],

    the quantity that a chain-rule step evaluates.  The cotangent is itself a contraction with
    free indices ``lead + equation.indices``; the pullback is free in ``lead + wrt.subscripts``.
    """

    equation: Equation
    wrt: Entry
    cotangent: Contraction


@dataclass(frozen=True, slots=True)
class Step:
    """``rule``: ``before`` = ``after``, ``because`` of an identity.

    ``before`` is an equation or a `Pullback`; ``after`` is an equation or a right-hand side with
    the same free indices.  A step therefore claims an equality that can be evaluated, and the
    tests evaluate every one of them.
    """

    rule: str
    before: Equation | Pullback | RightHandSide | sp.Expr | str
    after: Equation | RightHandSide | sp.Expr | str
    because: str
    about: Tensor | None = None

    @property
    def names(self) -> set[str]:
        """The quantities that the two sides mention."""
        found: set[str] = set()
        for side in (self.before, self.after):
            if isinstance(side, Equation):
                found |= {side.tensor.name, *(t.name for t in side.operands)}
            elif isinstance(side, Sum):
                found |= {e.tensor.name for f in side.factors for e in entries_in(f)}
        return found

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        return f"{self.rule}: {text(self.before)}  →  {text(self.after)}   ({self.because})"
