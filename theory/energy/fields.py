"""The field that a group feels: what its units are sent by the rest of a machine.

    E = Σ_i e(y[i]; z[i]) + terms free of y,          z = −∂C/∂f,

C the part of the energy that depends on features f alone (couplings and biases).  C is linear in
each feature, so z[i] does not depend on y[i].  The derivative is that of `derive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.model import needed
from backproof.theory.normal import normal, scaled
from backproof.theory.notation import Entry, Factor, Tensor
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Field:
    """``equations`` end with that of ``tensor``, the field of the group."""

    group: str
    tensor: Tensor
    equations: tuple[Equation, ...]
    steps: tuple[Step, ...]


def field(machine: Machine, group: str, batch: str | None = None, mark: str = "") -> Field:
    """The field of a group as equations in the states of the others.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(field(rbm(), "h").equations[-1])
    z_h[j] = Σ_i W[i,j] v[i] + b_h[j]
    """
    energy = Energy(machine, batch, mark)
    feature = energy.feature(group)
    interaction = energy.model(("interaction",), "C")
    name = f"z_{group}{mark}"
    if feature.name not in {t.name for e in interaction.equations for t in e.operands}:
        tensor = Tensor(name, feature.shape, feature.axes)
        indices = interaction.equations[-1].indices if not feature.shape else tensor.indices()
        zero = energy.statement.letters.write(tensor, indices, Sum(()))
        return Field(group, tensor, (zero,), ())
    derivation = derive(interaction, wrt=feature.name)
    slope = derivation[feature.name]
    tensor = Tensor(name, slope.tensor.shape, slope.tensor.axes)
    assert isinstance(slope.rhs, Sum)
    negative = scaled(slope.rhs, -sp.S.One)
    written = Equation(tensor, slope.indices, negative)
    before = needed(derivation.equations, [slope.tensor])[:-1]
    because = f"the energy is linear in {feature.name}: its field is z = −∂C/∂{feature.name}"
    steps = [*derivation.derivation_steps, Step("field", slope, written, because, tensor)]
    laterals = {c.weight for c in machine.couplings if c.lateral}
    if laterals & {t.name for t in written.operands}:
        folded = normal(Sum(tuple(_folded(term, laterals) for term in negative.terms)))
        symmetric = Equation(tensor, slope.indices, folded)
        named = ", ".join(sorted(laterals))
        steps.append(Step("symmetry", written, symmetric, f"{named} is symmetric", tensor))
        written = symmetric
    return Field(group, tensor, (*before, written), tuple(steps))


def _folded(term: Contraction, laterals: set[str]) -> Contraction:
    """Lateral weights with their summed indices last: J[k,i] = J[i,k]."""

    def turned(factor: Factor) -> Factor:
        if not isinstance(factor, Entry) or factor.tensor.name not in laterals:
            return factor
        half = len(factor.subscripts) // 2
        first, second = factor.subscripts[:half], factor.subscripts[half:]
        swap = first[0] in term.over and second[0] not in term.over
        return Entry(factor.tensor, (*second, *first)) if swap else factor

    return Contraction(term.coefficient, tuple(map(turned, term.factors)), term.over)


def joined(equations: Sequence[Equation]) -> list[Equation]:
    """The equations without repeats: a feature that two fields use is defined once."""
    return list({e.tensor.name: e for e in equations}.values())
