"""A gauge: parameters that change together with how states are measured, and not the model.

What is left of a difference of two energies is derived, and has to be nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from backproof.theory.energy.machine import Machine
from backproof.theory.equations import Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model


@dataclass(frozen=True)
class Gauge:
    """An energy written in another way, the parameters of the plain one that equals it, and more.

    ``moved`` are the equations of the plain energy's parameters; ``constant`` is the difference of
    the two energies, free of states; ``residual`` is what does not cancel in
    energy − E(moved) − constant: nothing, so that what is ``kept`` is unchanged.
    """

    energy: Model
    moved: tuple[Equation, ...]
    constant: Equation
    residual: Sum
    kept: str = "p"
    rests_on: tuple[str, ...] = ("derived",)

    @property
    def holds(self) -> bool:
        """Whether everything that holds a state cancels."""
        return not self.residual.terms

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        rows = [str(self.energy), "is the plain energy with"]
        rows += [f"  {equation}" for equation in self.moved]
        rows += ["plus the constant", f"  {self.constant}"]
        whole = f"{self.kept} is unchanged"
        mark = whole if self.holds else f"terms with states are left: {self.kept} is changed"
        return "\n".join([*rows, f"{mark} (by: {', '.join(self.rests_on)})"])


def refuse_other_than_layers(machine: Machine) -> None:
    """Raise `BackproofError` where a machine is not one of layers, each with a bias."""
    for coupling in machine.couplings:
        if len(coupling.between) != 2 or coupling.lateral:
            raise BackproofError(
                f"coupling {coupling.weight}",
                f"between {coupling.between}",
                "two different groups",
                "centre machines of layers",
            )
    for group in machine.groups:
        if not group.unit.biased:
            raise BackproofError(
                f"group {group.name}",
                f"{group.unit.name} units without a bias",
                "a bias that takes the offset's place",
                "use units in canonical form",
            )
