"""The loss of a network, derived from the distribution that its output layer states."""

from __future__ import annotations

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.notation import Entry, Index
from backproof.theory.steps import Step
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value
from backproof.theory.units import Unit
from backproof.theory.units.unit import FIELD, STATE


def negative_log_likelihood(statement: Statement, unit: Unit, z: Value, y: Entry) -> Value:
    """−log P(y[n] | z[n]) for each example n: energy of the observed state plus log-partition.

    ``z`` has axes (n, k).  For a unit with labels, ``y`` is the integer entry y[n] and the
    states are the positions k; otherwise y is the entry y[n,k], each k is a unit of its own, and
    independence makes the negative log-likelihood a sum over k.
    """
    if unit.labels:
        return _of_labels(statement, unit, z, y)
    loss = unit.negative_log_likelihood()
    observed = Value(z.indices, Sum((Contraction(sp.S.One, (y,)),)))
    each = statement.elementwise(
        lambda state, field: loss.subs({STATE: state, FIELD: field}, simultaneous=True), observed, z
    )
    statement.steps.extend(unit.steps())
    return statement.total(each, each.indices[1:])


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
