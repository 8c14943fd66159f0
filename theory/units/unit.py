"""A unit: the values it can take and its energy.  Everything else about it is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from backproof.theory.rewriting.stability import stable
from backproof.theory.scalars import defined
from backproof.theory.steps import Step

STATE = sp.Symbol("y", real=True)
FIELD = sp.Symbol("z", real=True)
LOG_VARIANCE = sp.Symbol("s", real=True)


@dataclass(frozen=True)
class Unit:
    """A random unit with P(y | z) = exp(−E(y, z)) / Σ_y exp(−E(y, z)).

    ``support`` is a SymPy set of states (`sympy.FiniteSet`, `sympy.Naturals0`, `sympy.Reals`),
    or ``None`` for a unit whose states are the positions of a vector z (``labels``).  ``energy``
    is E as a function of the state and of z (of z at the state, for labels); a unit with several
    ``fields`` takes each of them in the place of z.  ``output`` names the output layer that the
    unit reads.

    ``error`` names what the energy is, if it has a name.
    ``residual`` is a function of state and fields through which alone the energy depends on
    them.  A unit states it where the energy itself is a product 0 · ∞ at the far end of a field;
    a network then writes it down as a quantity of its own.
    """

    name: str
    support: sp.Set | None
    energy: Callable[..., sp.Expr]
    output: str
    reference: str
    fields: tuple[sp.Symbol, ...] = (FIELD,)
    residual: Callable[..., sp.Expr] | None = None
    error: str = ""

    @property
    def labels(self) -> bool:
        """Whether the states are the positions of a vector."""
        return self.support is None

    def total(self, quantity: sp.Expr) -> sp.Expr:
        """Σ_y quantity · exp(−E(y, z)), an integral over a real support, not yet evaluated."""
        assert self.support is not None
        weight = quantity * sp.exp(-defined(self.energy(STATE, *self.fields)))
        low, high = self.support.inf, self.support.sup
        if not self.support.is_subset(sp.S.Integers):
            return sp.Integral(weight, (STATE, low, high))
        if isinstance(self.support, sp.FiniteSet):
            assert set(self.support) == set(range(int(low), int(high) + 1))
        return sp.Sum(weight, (STATE, low, high))

    def partition(self) -> sp.Expr:
        """Σ_y exp(−E(y, z)), an integral over a real support, not yet evaluated."""
        return self.total(sp.S.One)

    def log_partition(self) -> sp.Expr:
        """log Σ_y exp(−E(y, z)) as a stable expression in z, by SymPy's sum or integral.

        >>> from backproof.theory.units import bernoulli, poisson
        >>> bernoulli.log_partition(), poisson.log_partition()
        (softplus(z), exp(z))
        """
        return stable(sp.expand_log(sp.log(evaluated(self.partition())), force=True))[0]

    def negative_log_likelihood(self) -> sp.Expr:
        """−log P(y | z) = E(y, z) + log Σ_y exp(−E(y, z))."""
        return self.energy(STATE, *self.fields) + self.log_partition()

    def energy_of_residual(self) -> sp.Expr:
        """The energy as a function of the residual alone, written in the state's symbol.

        >>> from backproof.theory.units import heteroscedastic
        >>> heteroscedastic.energy_of_residual()
        y**2/2
        """
        assert self.residual is not None
        value = sp.Dummy(real=True)
        (state,) = sp.solve(self.residual(STATE, *self.fields) - value, STATE)
        energy = self.energy(state, *self.fields)
        assert energy.free_symbols == {value}, f"{self.name}: E is no function of the residual"
        return energy.xreplace({value: STATE})

    def mean(self) -> sp.Expr:
        """E[y | z] = Σ_y y exp(−E(y, z)) / Σ_y exp(−E(y, z)), by SymPy's sums or integrals.

        >>> from backproof.theory.units import bernoulli, gaussian, laplace, poisson
        >>> bernoulli.mean(), gaussian.mean(), laplace.mean(), poisson.mean()
        (sigmoid(z), z, z, exp(z))
        """
        return stable(evaluated(self.total(STATE)) / evaluated(self.partition()))[0]

    def steps(self) -> tuple[Step, ...]:
        """How the negative log-likelihood follows from support and energy."""
        energy = self.energy(STATE, *self.fields)
        density = sp.exp(-energy) / sp.Symbol("Z", positive=True)
        over = (
            "sum over the support"
            if isinstance(self.partition(), sp.Sum)
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


def evaluated(total: sp.Expr) -> sp.Expr:
    """A sum or integral over the states in closed form.

    SymPy knows the exponential series as Σ λʸ/y!: a series is summed at z = log λ.
    """
    if isinstance(total, sp.Sum) and total.limits[0][2] == sp.oo:
        rate = sp.Dummy(positive=True)
        term = sp.expand_power_exp(total.function.subs(FIELD, sp.log(rate))).rewrite(sp.Pow)
        term = term.replace(sp.loggamma, lambda x: sp.log(sp.gamma(x))).rewrite(sp.factorial)
        return sp.Sum(term, *total.limits).doit().subs(rate, sp.exp(FIELD))
    return total.doit()
