"""Pseudo-likelihood: the sum over units of the log of each one's conditional given the rest.

    ℓ = Σ_i log P(y[i] | rest) = Σ_i (−e(y[i]; z[i]) − A(z[i]))

It needs no partition function and has its maximum at the truth when the model holds.
Reference: J. Besag, The Statistician 24 (1975).
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.energy import local
from backproof.theory.energy.composition import Composition
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.units.unit import FIELD, STATE
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Entry
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value


def pseudo_likelihood(machine: Machine, batch: str | None = None) -> Model:
    """ℓ of every row of states of a machine without hidden groups.

    >>> from backproof.theory.energy.builders import boltzmann
    >>> print(pseudo_likelihood(boltzmann("n", None)))
    z_v[i] = Σ_j L[i,j] v[j] + b_v[i]
    l = Σ_i (v[i] z_v[i] - softplus(z_v[i]))
    """
    if machine.hidden:
        raise BackproofError(
            "pseudo-likelihood",
            f"hidden groups {', '.join(machine.hidden)}",
            "a machine whose units are all observed",
            "sum them out, or learn by contrastive divergence",
        )
    composition = Composition(machine, batch)
    values = []
    for group in machine.groups:
        z = composition.field(group.name)
        state = composition.energy.states[group.name]
        if group.unit.labels:
            at = composition.energy.indices(group.name)
            pair = tuple(Entry(t, (*composition.lead, *at)) for t in (z, state))
            values.append(Value(composition.lead, Sum((Contraction(sp.S.One, pair, at),))))
            each = composition.log_normaliser(group.name, z)
            logs = composition.statement.total(each, each.indices[len(composition.lead) :])
            values.append(_negative(logs))
        else:
            symbols = (STATE, FIELD, *group.unit.parameters)
            log = -group.unit.energy - local.log_normaliser(group.unit)
            value = composition.entry(z)
            each = composition.statement.elementwise(
                lambda *given, log=log, symbols=symbols: log.xreplace(
                    dict(zip(symbols, given, strict=True))
                ),
                composition.entry(state),
                value,
                *composition.parameters(group.name),
            )
            rows = composition.energy.rows(each)
            values.append(composition.statement.total(rows, rows.indices[len(composition.lead) :]))
    composition.steps.append(
        Step("conditional", "log P(y | rest)", "-e(y; z) - A(z)", "P = exp(-e - A) in the field z")
    )
    output = composition.written(composition.energy.total(values), "l")
    return composition.model(output, title=f"Pseudo-likelihood of the {machine.title or 'machine'}")


def _negative(value: Value) -> Value:
    terms = (Contraction(-t.coefficient, t.factors, t.over) for t in value.rhs.terms)
    return Value(value.axes, Sum(tuple(terms)))
