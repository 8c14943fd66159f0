"""The conditional of a binary unit from an energy: P(u = 1 | rest) = σ(E|₀ − E|₁)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.printing import name_of, term
from backproof.theory.errors import BackproofError
from backproof.theory.scalars import sigmoid


@dataclass(frozen=True)
class Conditional:
    """The claim P(unit = 1 | everything else) = σ(field) for an energy in that unit.

    ``energy`` is a SymPy expression and ``unit`` one of its symbols, with values 0 and 1;
    ``field`` is derived, E(unit = 0) − E(unit = 1).

    >>> h, v, w, b = sp.symbols("h v w b")
    >>> Conditional(-w*v*h - b*h, h).field
    b + v*w
    """

    energy: sp.Expr
    unit: sp.Symbol

    def __post_init__(self) -> None:
        if self.unit not in self.energy.free_symbols:
            raise BackproofError(
                "Conditional",
                f"an energy without {self.unit}",
                f"one of {', '.join(sorted(map(str, self.energy.free_symbols)))}",
                "name a unit of the energy",
            )

    @property
    def field(self) -> sp.Expr:
        """What the other units say to this one."""
        return sp.expand(self.energy.subs(self.unit, 0) - self.energy.subs(self.unit, 1))


def conditionals(claims: Sequence[Conditional]) -> Development:
    """A lemma for each: the ratio of Boltzmann weights is the logistic function of the field."""
    lemmas = []
    for claim in claims:
        e0, e1 = (term(claim.energy.subs(claim.unit, value)) for value in (0, 1))
        ratio = f"exp (- {e1}) / (exp (- {e0}) + exp (- {e1}))"
        lemmas.append(
            Lemma(
                f"conditional_{name_of(claim.unit)}",
                f"{ratio} = {term(sigmoid(claim.field))}",
                ("intros; rewrite two_states; apply f_equal; ring",),
                f"P({claim.unit} = 1 | rest) = σ({claim.field})",
            )
        )
    symbols = sorted({s for c in claims for s in c.energy.free_symbols}, key=lambda s: s.name)
    declared = " ".join(map(name_of, symbols))
    units = ", ".join(str(c.unit) for c in claims)
    return Development(
        f"The conditional of {units} from the energy",
        uses=("activations", "gibbs"),
        preamble=f"Section Conditionals.\nVariables ({declared} : R).\n",
        lemmas=tuple(lemmas),
        closing="End Conditionals.",
    )
