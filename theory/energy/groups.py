"""Groups of units and the couplings between them."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.energy.units import Unit
from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Group:
    """Units of one kind: ``size`` of them, each with ``states`` components if categorical."""

    name: str
    unit: Unit
    size: sp.Expr
    states: sp.Expr | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", read_size(str(self.size)))
        if self.states is not None:
            object.__setattr__(self, "states", read_size(str(self.states)))
        if self.unit.labels != (self.states is not None):
            raise BackproofError(
                f"group {self.name}",
                f"{self.unit.name} units with states={self.states}",
                "a number of states for categorical units, and for them alone",
                f"write Group({self.name!r}, categorical, {self.size}, states='K')",
            )

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        """The shape of the group's state."""
        return (self.size,) if self.states is None else (self.size, self.states)


@dataclass(frozen=True)
class Coupling:
    """−Σ weight[…] · feature · feature · … over two groups or more, or one group with itself."""

    weight: str
    between: tuple[str, ...]

    @property
    def lateral(self) -> bool:
        """Whether a group is coupled with itself."""
        return len(set(self.between)) == 1


def parameter_names(group: Group) -> tuple[str, ...]:
    """The names of a group's own parameters, the bias first."""
    own = (f"{p.name}_{group.name}" for p in group.unit.parameters)
    return ((f"b_{group.name}",) if group.unit.biased else ()) + tuple(own)
