"""The loss of a network, derived from the distribution that its output layer states."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.notation import Entry, Index
from backproof.theory.printing.text import text
from backproof.theory.steps import Step
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value
from backproof.theory.units import Unit
from backproof.theory.units.unit import STATE


def negative_log_likelihood(
    statement: Statement, unit: Unit, fields: Sequence[Value], y: Entry
) -> Value:
    """−log P(y[n] | z[n]) for each example n: energy of the observed state plus log-partition.

    Each of the unit's ``fields`` has axes (n, k).  For a unit with labels, ``y`` is the integer
    entry y[n] and the states are the positions k of its one field; otherwise y is the entry
    y[n,k], each k is a unit of its own, and independence makes the negative log-likelihood a sum
    over k.
    """
    if unit.labels:
        (z,) = fields
        return _of_labels(statement, unit, z, y)
    observed = Value(fields[0].indices, Sum((Contraction(sp.S.One, (y,)),)))
    symbols: tuple[sp.Symbol, ...] = (STATE, *unit.fields)
    loss = unit.negative_log_likelihood()
    if unit.residual is not None:
        r = statement.bind(statement.elementwise(unit.residual, observed, *fields), "r")
        loss = unit.energy_of_residual() + unit.log_partition()
        observed = r

    def at(*values: sp.Expr) -> sp.Expr:
        return loss.subs(dict(zip(symbols, values, strict=True)), simultaneous=True)

    each = statement.elementwise(at, observed, *fields)
    statement.steps.extend(unit.steps())
    return statement.total(each, each.indices[1:])


def in_words(unit: Unit) -> tuple[str, ...]:
    """What the loss is where that has a name: a mean error, up to a constant.

    >>> from backproof.theory.units import gaussian
    >>> print(*in_words(gaussian))
    J is the mean squared error, halved, up to a constant: Σ (y - z)**2/2 + log(2 pi)/2 an example.
    """
    if not unit.error:
        return ()
    energy, constant = (text(e) for e in (unit.energy(STATE, *unit.fields), unit.log_partition()))
    each = f"Σ {energy} + {constant} an example"
    return (f"J is the mean {unit.error}, up to a constant: {each}.",)


def _of_labels(statement: Statement, unit: Unit, z: Value, y: Entry) -> Value:
    """Energy at the label plus log Σ_k exp(−energy of k), written as the definition says."""
    energy = statement.elementwise(lambda field: unit.energy(STATE, field), z)
    weights = statement.elementwise(lambda field: sp.exp(-unit.energy(STATE, field)), z)
    partition = statement.bind(statement.total(weights, weights.indices[1:]), "Z")
    log_partition = statement.elementwise(sp.log, partition)
    n, k = energy.indices
    example = next(i for i in y.subscripts if isinstance(i, Index))
    observed = energy.renamed({n: example, k: y}, (example,))
    why = f"P(y = k | z) = exp(-E(k)) / Z with E(k) = −z[k]: {unit.reference}"
    statement.steps.append(
        Step(
            "statement",
            f"{unit.name} unit, support the positions of z",
            "-log P(y|z) = E(y) + log Z",
            why,
        )
    )
    return statement.add(observed, log_partition)
