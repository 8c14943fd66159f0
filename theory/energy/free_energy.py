"""Free energies: hidden groups summed out in closed form.

    F(v) = −log Σ_h exp(−E(v, h)) = E(v alone) − Σ_j A(z[j])

for hidden units that are independent given v, with A the log-normaliser of a unit in its field.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from backproof.theory.energy.composition import Composition
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blanket, lateral
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value


def free_energy(
    machine: Machine, batch: str | None = None, over: Sequence[str] | None = None
) -> Model:
    """F of the groups that are left when ``over`` (the hidden ones) are summed out.

    Raises `BackproofError` where groups that are summed out interact: they are then not
    independent given the rest.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(free_energy(rbm()))
    z_h[j] = Σ_i W[i,j] v[i] + b_h[j]
    F = -Σ_i b_v[i] v[i] - Σ_j softplus(z_h[j])
    """
    composition = Composition(machine, batch)
    value = summed_out(composition, _independent(machine, over))
    output = composition.written(value, "F")
    return composition.model(output, title=f"Free energy of the {machine.title or 'machine'}")


def summed_out(composition: Composition, over: Sequence[str]) -> Value:
    """E of the groups that stay minus Σ A(z) of those summed out, for each row."""
    machine, energy = composition.machine, composition.energy
    kept = tuple(g.name for g in machine.groups if g.name not in over)
    values = [*(energy.alone(name) for name in kept), *energy.couplings(kept)]
    for name in over:
        each = composition.log_normaliser(name, composition.field(name))
        total = composition.statement.total(each, each.indices[len(composition.lead) :])
        negative = (Contraction(-t.coefficient, t.factors, t.over) for t in total.rhs.terms)
        values.append(Value(total.axes, Sum(tuple(negative))))
    names = ", ".join(over)
    composition.steps.append(
        Step(
            "summation",
            f"−log Σ exp(−E) over {names}",
            "E(rest) − Σ A(z)",
            f"given the rest, the units of {names} are independent: the sum is a product",
        )
    )
    return energy.total(values)


def _independent(machine: Machine, over: Sequence[str] | None) -> tuple[str, ...]:
    """The groups to sum out, refused where two of their units interact."""
    chosen = machine.hidden if over is None else tuple(over)
    for name in chosen:
        machine[name]
        if lateral(machine, name):
            _refuse(machine, name, name)
    for first, second in combinations(chosen, 2):
        if second in blanket(machine, first):
            _refuse(machine, first, second)
    return chosen


def _refuse(machine: Machine, first: str, second: str) -> None:
    raise BackproofError(
        f"free energy of the {machine.title or 'machine'}",
        f"{first} and {second}, which interact, to be summed out together",
        "groups that are independent given the rest",
        f"sum out one of them, over=[{first!r}], bound it by mean_field, or use bp.exact.solve",
    )
