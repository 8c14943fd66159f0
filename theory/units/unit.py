"""A unit: the values it can take and its energy.  Everything else about it is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from backproof.theory.rewriting.stability import stable
from backproof.theory.steps import Step

STATE = sp.Symbol("y", real=True)
FIELD = sp.Symbol("z", real=True)


@dataclass(frozen=True)
class Unit:
    """A random unit with P(y | z) = exp(−E(y, z)) / Σ_y exp(−E(y, z)).

    ``support`` is a SymPy set of states (`sympy.FiniteSet`, `sympy.Reals`), or ``None`` for a
    unit whose states are the positions of a vector z (``labels``).  ``energy`` is E as a
    function of the state and of z (of z at the state, for labels).  ``output`` names the output
    layer that the unit reads.
    """

    name: str
    support: sp.Set | None
    energy: Callable[[sp.Expr, sp.Expr], sp.Expr]
    output: str
    reference: str

    @property
    def labels(self) -> bool:
        """Whether the states are the positions of a vector."""
        return self.support is None

    def partition(self) -> sp.Expr:
        """Σ_y exp(−E(y, z)), an integral over a real support, not yet evaluated."""
        weight = sp.exp(-self.energy(STATE, FIELD))
        if isinstance(self.support, sp.FiniteSet):
            low, high = min(self.support), max(self.support)
            assert set(self.support) == set(range(int(low), int(high) + 1))
            return sp.Sum(weight, (STATE, low, high))
        return sp.Integral(weight, (STATE, self.support.inf, self.support.sup))  # type: ignore[union-attr]

    def log_partition(self) -> sp.Expr:
        """log Σ_y exp(−E(y, z)) as a stable expression in z, by SymPy's sum or integral.

        >>> from backproof.theory.units import bernoulli
        >>> bernoulli.log_partition()
        softplus(z)
        """
        return stable(sp.expand_log(sp.log(self.partition().doit()), force=True))[0]

    def negative_log_likelihood(self) -> sp.Expr:
        """−log P(y | z) = E(y, z) + log Σ_y exp(−E(y, z))."""
        return self.energy(STATE, FIELD) + self.log_partition()

    def mean(self) -> sp.Expr:
        """E[y | z] = z + ∂ … : the mean from the log-partition, −E being linear or quadratic in y.

        >>> from backproof.theory.units import bernoulli, gaussian
        >>> bernoulli.mean(), gaussian.mean()
        (sigmoid(z), z)
        """
        weight = sp.exp(-self.energy(STATE, FIELD))
        if isinstance(self.support, sp.FiniteSet):
            total = sp.Add(*(weight.xreplace({STATE: v}) for v in self.support))
            first = sp.Add(*(v * weight.xreplace({STATE: v}) for v in self.support))
            return stable(first / total)[0]
        bounds = (STATE, self.support.inf, self.support.sup)  # type: ignore[union-attr]
        return sp.integrate(STATE * weight, bounds) / sp.integrate(weight, bounds)

    def steps(self) -> tuple[Step, ...]:
        """How the negative log-likelihood follows from support and energy."""
        energy = self.energy(STATE, FIELD)
        density = sp.exp(-energy) / sp.Symbol("Z", positive=True)
        over = (
            "sum over the support"
            if isinstance(self.support, sp.FiniteSet)
            else "integral over the line"
        )
        return (
            Step(
                "statement",
                f"{self.name} unit, support {self.support}",
                density,
                f"P(y|z) = exp(-E)/Z: {self.reference}",
            ),
            Step(
                "log-partition",
                sp.log(self.partition()),
                self.log_partition(),
                f"{over}, in stable form",
            ),
            Step(
                "likelihood", -sp.log(density), self.negative_log_likelihood(), "−log P = E + log Z"
            ),
        )
