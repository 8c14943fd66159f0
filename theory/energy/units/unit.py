"""A unit of an energy: the values it can take and its energy.  Everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.errors import BackproofError

STATE = y = sp.Symbol("y", real=True)
FIELD = z = sp.Symbol("z", real=True)


@dataclass(frozen=True)
class Unit:
    """A random unit with P(y | z) ∝ exp(−E(y, z)) on its support.

    ``z`` is the field: what the rest of a machine sends to the unit, plus the unit's own bias
    where it is ``biased``.  ``energy`` is E in the symbols y, z and the unit's ``parameters``
    (with their assumptions); it is linear in the field, and what multiplies the field is the
    unit's feature, the form in which it enters every coupling.

    ``support`` is a SymPy set: a `sympy.FiniteSet` of states, an interval, or the reals.  ``None``
    stands for the K unit vectors of a categorical unit, whose field has K components and whose
    ``energy`` is that of the component that is one.  ``spelled`` are further names in files.

    A unit of one's own is these fields; it goes where the library's go, as in
    ``Group("h", ternary, "m")``:

    >>> q = sp.Symbol("q", positive=True)
    >>> ternary = Unit(
    ...     name="ternary",
    ...     support=sp.FiniteSet(-1, 0, 1),
    ...     energy=q * y**2 / 2 - z * y,
    ...     parameters=(q,),
    ...     reference="Blume, Physical Review 141 (1966)",
    ... )
    >>> from backproof.theory.energy.local import mean
    >>> print(mean(ternary).xreplace({z: sp.S.Zero, q: sp.S.One}).n(5, chop=True))
    0
    """

    name: str
    support: sp.Set | None
    energy: sp.Expr
    reference: str
    parameters: tuple[sp.Symbol, ...] = ()
    biased: bool = True
    spelled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.support is None:
            return
        slope = sp.expand(self.energy).diff(FIELD)
        if slope.has(FIELD) or not sp.expand(-slope).diff(STATE).is_positive:
            raise BackproofError(
                f"unit {self.name}",
                f"the energy {self.energy}",
                "an energy with −z·c·y and c > 0, linear in the field z",
                "write the state times the field, over a positive scale",
            )

    @property
    def labels(self) -> bool:
        """Whether the states are the K unit vectors."""
        return self.support is None

    @property
    def discrete(self) -> bool:
        """Whether the states can be listed."""
        return self.labels or isinstance(self.support, sp.FiniteSet)

    @property
    def states(self) -> tuple[sp.Expr, ...]:
        """The states of a unit with a finite support, in increasing order."""
        assert isinstance(self.support, sp.FiniteSet)
        return tuple(sorted(self.support))

    def energy_at(self, state: sp.Expr, field: sp.Expr, *parameters: sp.Expr) -> sp.Expr:
        """E at a state, a field and values of the parameters."""
        new = {STATE: state, FIELD: field, **dict(zip(self.parameters, parameters, strict=True))}
        return self.energy.xreplace(new)

    @property
    def feature(self) -> sp.Expr:
        """−∂E/∂z, what the field multiplies: y itself, or y over a scale."""
        return -sp.expand(self.energy).diff(FIELD)
