"""Mean-field theory: a bound on the log-likelihood by independent units, and its equations.

    log p*(v) = −F(v) ≥ L = −⟨E⟩_q + H(q),        q = Π_i exp(−e(y_i; η_i) − A(η_i)),

over the groups that are not given, η their fields and m = A′(η) the means of their features.
The interaction is linear in each feature, so its mean under q is its value at the means, and

    L = −E(given) − C(m) + Σ_i (A(η_i) − η_i m_i),        ∂L/∂η = A″(η) (z(m) − η):

L is stationary where η = z(m), the conditionals' fields with means in the place of states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from backproof.theory.energy import local
from backproof.theory.energy.composition import Composition
from backproof.theory.energy.fields import field
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Factor, Tensor
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value


def mean_field(
    machine: Machine, given: Sequence[str] | None = None, batch: str | None = None
) -> Model:
    """The variational bound L as a model of the fields ``eta`` of the groups that are not given.

    ``given`` are the visible groups by default; with ``given=()`` it bounds log Z.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(mean_field(rbm())["m_h"])
    m_h[j] = σ(eta_h[j])
    """
    composition, value = _bound(machine, given, batch)
    output = composition.written(value, "L")
    return composition.model(output, title=f"Mean-field bound of the {machine.title or 'machine'}")


def tap(machine: Machine, given: Sequence[str] | None = None, batch: str | None = None) -> Model:
    """Thouless, Anderson and Palmer's correction of the bound, ½ Σ w² A″(η_i) A″(η_j) over pairs.

    It is the second order of Plefka's expansion in the couplings, and no bound any more.
    References: T. Plefka, J. Phys. A 15 (1982); M. Gabrié and others, NIPS 28 (2015).
    Raises `BackproofError` for couplings of three units and for categorical ones.
    """
    composition, value = _bound(machine, given, batch)
    free = tuple(composition.energy.replaced)
    variances = {name: _variance(composition, name) for name in free}
    terms = list(value.rhs.terms)
    for coupling in machine.couplings:
        if not set(coupling.between) <= set(free):
            continue
        if len(coupling.between) > 2 or any(machine[n].unit.labels for n in coupling.between):
            raise BackproofError(
                f"coupling {coupling.weight}",
                f"between {coupling.between}",
                "pairs of units with scalar states",
                "use mean_field",
            )
        at = [composition.energy.indices(name) for name in coupling.between]
        flat = tuple(i for indices in at for i in indices)
        weight = Entry(composition.energy.tensors[coupling.weight], flat)
        spread = (
            Entry(variances[name], (*composition.lead, *indices))
            for name, indices in zip(coupling.between, at, strict=True)
        )
        share = sp.Rational(1, 4) if coupling.lateral else sp.S.Half
        terms.append(Contraction(share, (weight, weight, *spread), flat))
    output = composition.written(Value(value.axes, Sum(tuple(terms))), "L")
    return composition.model(output, title=f"TAP free energy of the {machine.title or 'machine'}")


def mean_field_equations(
    machine: Machine, given: Sequence[str] | None = None
) -> tuple[Equation, ...]:
    """η = z(m) for each group that is not given: where the bound is stationary.

    The fields are those of the conditionals, with the means m in the place of features.

    >>> from backproof.theory.energy.builders import dbm
    >>> print(*mean_field_equations(dbm()), sep="\\n")
    eta_h1[j] = Σ_i W1[i,j] v[i] + Σ_k W2[j,k] m_h2[k] + b_h1[j]
    eta_h2[k] = Σ_j W2[j,k] m_h1[j] + b_h2[k]
    """
    known = machine.visible if given is None else tuple(given)
    free = [g.name for g in machine.groups if g.name not in known]
    energy = Energy(machine)
    means = {
        energy.feature(name).name: Tensor(f"m_{name}", state.shape, state.axes)
        for name, state in ((name, energy.states[name]) for name in free)
    }
    found = []
    for name in free:
        z = field(machine, name).equations[-1]
        assert isinstance(z.rhs, Sum)
        terms = tuple(
            Contraction(t.coefficient, tuple(_mean_of(f, means) for f in t.factors), t.over)
            for t in z.rhs.terms
        )
        tensor = Tensor(f"eta_{name}", z.tensor.shape, z.tensor.axes)
        found.append(Equation(tensor, z.indices, Sum(terms)))
    return tuple(found)


def _mean_of(factor: Factor, means: Mapping[str, Tensor]) -> Factor:
    if isinstance(factor, Entry) and factor.tensor.name in means:
        return Entry(means[factor.tensor.name], factor.subscripts)
    return factor


def _bound(
    machine: Machine, given: Sequence[str] | None, batch: str | None
) -> tuple[Composition, Value]:
    composition = Composition(machine, batch)
    energy = composition.energy
    known = machine.visible if given is None else tuple(given)
    for name in known:
        machine[name]
    free = tuple(g.name for g in machine.groups if g.name not in known)
    entropy = []
    for name in free:
        eta = _field(composition, name)
        mean = _mean(composition, name, eta)
        energy.replaced[name] = mean
        each = composition.log_normaliser(name, eta)
        entropy.append(composition.statement.total(each, each.indices[len(composition.lead) :]))
        at = energy.indices(name)
        pair = (Entry(eta, (*composition.lead, *at)), Entry(mean, (*composition.lead, *at)))
        entropy.append(Value(composition.lead, Sum((Contraction(-sp.S.One, pair, at),))))
    costs = [energy.alone(name) for name in known]
    costs += [energy.biases(name) for name in free if machine[name].unit.biased]
    costs += list(energy.couplings())
    total = energy.total(costs)
    negative = tuple(Contraction(-t.coefficient, t.factors, t.over) for t in total.rhs.terms)
    composition.steps += [
        Step("Jensen", "log Σ exp(−E)", "−⟨E⟩ + H(q), or more", "log is concave"),
        Step(
            "means",
            "⟨C⟩",
            "C(m)",
            "C is linear in each feature, and units are independent under q",
        ),
        Step("entropy", "H(q)", "⟨e(y; 0)⟩ − η m + A(η)", "log q = −e(y; η) − A(η), e linear in η"),
    ]
    rows = tuple(t for value in entropy for t in value.rhs.terms)
    return composition, Value(composition.lead, Sum((*negative, *rows)))


def _field(composition: Composition, group: str) -> Tensor:
    """η of a group: an input of the shape of its state."""
    state = composition.energy.states[group]
    eta = Tensor(f"eta_{group}", state.shape, state.axes)
    composition.inputs[eta.name] = eta
    composition.statement.tensors[eta.name] = eta
    return eta


def _mean(composition: Composition, group: str, eta: Tensor) -> Tensor:
    """m = A′(η), the means of the features."""
    unit = composition.machine[group].unit
    if unit.labels:
        return composition.mean(group, eta, f"m_{group}")
    value = composition.scalar(group, local.mean_feature(unit), composition.entry(eta))
    return composition.written(value, f"m_{group}")


def _variance(composition: Composition, group: str) -> Tensor:
    """A″(η), the variances of the features."""
    unit = composition.machine[group].unit
    if unit.labels:
        return composition.energy.replaced[group]  # refused where a coupling needs it
    eta = composition.entry(composition.inputs[f"eta_{group}"])
    slope = local.mean_feature(unit).diff(local.FIELD)
    return composition.written(composition.scalar(group, slope, eta), f"s_{group}")
