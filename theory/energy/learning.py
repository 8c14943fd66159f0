"""The learning rule: ∂ log p/∂θ = ⟨−∂E/∂θ⟩ with the data minus ⟨−∂E/∂θ⟩ under the model.

Stated as a loss whose gradient it is, with rows of data and rows of model states:

    J = (1/N) Σ_r F(v[r]) − (1/M) Σ_r F(v_model[r]),        ∂J/∂θ = −∂ log-likelihood/∂θ

where the model's rows are drawn from the model, are a chain's states (contrastive divergence), or
stand for the exact expectation.  The two numbers of rows are different sizes.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.energy.composition import Composition
from backproof.theory.energy.free_energy import free_energy, summed_out
from backproof.theory.energy.machine import Machine
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, Tensor, fresh
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value

MODEL = "_model"  # the mark of states under the model


def contrastive(machine: Machine, integrated: bool | None = None) -> Model:
    """The loss J whose gradient is minus that of the mean log-likelihood.

    With ``integrated`` the hidden groups are summed out in closed form and the inputs are visible
    states alone; without it they are hidden states too, or their means: E in the place of F.  By
    default it is integrated where that is possible.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(contrastive(rbm())["J"])
    J = Σ_r F[r] / N - Σ_t F_model[t] / M
    """
    if integrated is None:
        integrated = _integrable(machine)
    data, model = Composition(machine, "N"), Composition(machine, "M", MODEL)
    outputs = [_energies(composition, integrated) for composition in (data, model)]
    data.adopt(needed(model.statement.equations, [outputs[1]]))
    data.inputs.update({t.name: t for t in model.energy.states.values()})
    terms = []
    for sign, tensor in zip((1, -1), outputs, strict=True):
        rows = (fresh(tensor.indices()[0]),)
        terms.append(Contraction(sign / rows[0].size, (Entry(tensor, rows),), rows))
    loss = data.written(Value((), Sum(tuple(terms))), "J")
    data.steps += list(steps(machine, integrated))
    return data.model(loss, title=f"Learning of the {machine.title or 'machine'}")


def weighted(machine: Machine, integrated: bool | None = None) -> Model:
    """The log-likelihood as a sum over rows with signed weights, L = −Σ_r w[r] F(v[r]).

    With w = 1/N at N rows of data and −1/M at M rows of the model it is −J of `contrastive`; with
    the model's probabilities as negative weights of all its states the gradient is exact.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(derive(weighted(rbm(), integrated=False), wrt="b_v")["b_v"])
    db_v[i] = Σ_r w[r] v[r,i]
    """
    if integrated is None:
        integrated = _integrable(machine)
    rows = Composition(machine, "N")
    each = _energies(rows, integrated)
    at = (fresh(each.indices()[0]),)
    name = next(n for n in ("w", "w_row", "w_rows") if n not in machine.parameters)
    weights = Tensor(name, each.shape, each.axes)
    rows.inputs[name] = weights
    term = Contraction(-sp.S.One, (Entry(weights, at), Entry(each, at)), at)
    loss = rows.written(Value((), Sum((term,))), "L")
    return rows.model(loss, title=f"Learning of the {machine.title or 'machine'}")


def _energies(composition: Composition, integrated: bool) -> Tensor:
    """F of each row, or E where hidden states are inputs."""
    machine = composition.machine
    if integrated:
        value = summed_out(composition, machine.hidden)
    else:
        alone = [composition.energy.alone(g.name) for g in machine.groups]
        value = composition.energy.total([*composition.energy.couplings(), *alone])
    return composition.written(value, ("F" if integrated else "E") + composition.mark)


def learning_rule(machine: Machine, integrated: bool | None = None) -> Derivation:
    """The gradient of `contrastive` in every parameter: minus that of the log-likelihood.

    >>> from backproof.theory.energy.builders import boltzmann
    >>> print(learning_rule(boltzmann("n", None))["b_v"])
    db_v[i] = Σ_t v_model[t,i] / M - Σ_r v[r,i] / N
    """
    return derive(contrastive(machine, integrated))


def slopes(rule: Derivation) -> Derivation:
    """The same derivatives without the value of the loss, which a step of learning does not need.

    The value that a kernel returns is then the first derivative itself.

    >>> from backproof.theory.energy.builders import boltzmann
    >>> [e.tensor.name for e in slopes(learning_rule(boltzmann("n", None))).equations]
    ['db_v', 'dL']
    """
    kept = needed(rule.equations, rule.results.values())
    model = replace(rule.model, output=next(iter(rule.results.values())))
    return replace(rule, model=model, equations=kept)


def steps(machine: Machine, integrated: bool) -> tuple[Step, ...]:
    """Why the gradient of J is minus that of the log-likelihood."""
    name = "F" if integrated else "E"
    found = [
        Step("definition", "log p(v)", "−F(v) − log Z", "p(v) = exp(−F(v)) / Z"),
        Step(
            "partition function",
            "∂ log Z/∂θ",
            "−⟨∂E/∂θ⟩ under the model",
            "log Z = log Σ exp(−E): its derivative is a mean under p",
        ),
    ]
    if not integrated:
        found.append(
            Step(
                "Fisher's identity",
                "∂F(v)/∂θ",
                "⟨∂E/∂θ⟩ given v",
                "F = −log Σ exp(−E) over h: its derivative is a mean under p(h | v)",
            )
        )
    mean = f"⟨∂{name}/∂θ⟩ with the data − ⟨∂{name}/∂θ⟩ under the model"
    found.append(Step("learning rule", "−∂ log p/∂θ", mean, "the two identities above"))
    return tuple(found)


def _integrable(machine: Machine) -> bool:
    try:
        free_energy(machine)
    except BackproofError:
        return False
    return True
