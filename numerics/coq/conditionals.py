"""The conditional of a binary unit from an energy: P(u = 1 | rest) = σ(E|₀ − E|₁)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.gradients import entries
from backproof.numerics.coq.printing import name_of, term
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.units import binary
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.evaluation.opaque import written_out
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
    lemmas = [_lemma(c.energy, c.unit, sigmoid(c.field)) for c in claims]
    units = ", ".join(str(c.unit) for c in claims)
    return _development(f"The conditional of {units} from the energy", lemmas, claims)


def machine_conditionals(machine: Machine, sizes: Mapping[str, int]) -> Development:
    """A lemma for each binary unit: what `bp.energy.conditional` derives follows from the energy.

    Raises `UnsupportedError` for a machine without binary units.
    """
    groups = [group.name for group in machine.groups if group.unit is binary]
    if not groups:
        kinds = ", ".join(sorted({group.unit.name for group in machine.groups}))
        raise UnsupportedError(
            "bp.prove", f"a machine of {kinds} units", "binary units", "make a layer binary"
        )
    given, found = written_out(machine.energy(), sizes)
    energy = found["E"]
    lemmas, claims = [], []
    for group in groups:
        _, derived = written_out(conditional(machine, group), sizes)
        means = dict(entries(derived[f"p_{group}"]))
        for place, unit in entries(given[group]):
            lemmas.append(_lemma(energy, unit, means[place]))
            claims.append(Conditional(energy, unit))
    shape = ", ".join(f"{name} = {extent}" for name, extent in sizes.items())
    title = f"The conditionals of {', '.join(groups)} from the energy of the {machine.title}"
    return _development(f"{title} at {shape}" if shape else title, lemmas, claims)


def _lemma(energy: sp.Expr, unit: sp.Symbol, chance: sp.Expr) -> Lemma:
    e0, e1 = (term(energy.subs(unit, value)) for value in (0, 1))
    return Lemma(
        f"conditional_{name_of(unit)}",
        f"exp (- {e1}) / (exp (- {e0}) + exp (- {e1})) = {term(chance)}",
        ("intros; rewrite two_states; apply f_equal; ring",),
        f"P({unit} = 1 | rest) = {chance}",
    )


def _development(title: str, lemmas: list[Lemma], claims: Sequence[Conditional]) -> Development:
    symbols = sorted({s for c in claims for s in c.energy.free_symbols}, key=lambda s: s.name)
    declared = " ".join(map(name_of, symbols))
    return Development(
        title,
        uses=("activations", "gibbs"),
        preamble=f"Section Conditionals.\nVariables ({declared} : R).\n",
        lemmas=tuple(lemmas),
        closing="End Conditionals.",
    )
