"""Score matching for real visible units: a loss without a partition function.

    J = Σ_i ½ (∂F/∂v[i])² − ∂²F/∂v[i]²

is Fisher's distance between the scores of model and data up to a constant, by one integration by
parts.  Reference: A. Hyvärinen, Journal of Machine Learning Research 6 (2005), equation (4).
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.machine import Machine
from backproof.theory.equations import Contraction, Equation, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.letters import letters_of
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.steps import Step


def score_matching(machine: Machine) -> Model:
    """The loss J of one visible state, from first and second derivatives of the free energy.

    Raises `BackproofError` where a visible unit's support has an end, since the boundary term of
    the integration by parts does not vanish there.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(score_matching(rbm(visible_unit="gaussian"))["J"])
    J = Σ_i (dv[i]**2 / 2 - d2v[i,i])
    """
    for name in machine.visible:
        if machine[name].unit.support != sp.Reals:
            raise BackproofError(
                f"score matching of group {name}",
                f"support {machine[name].unit.support}",
                "real units on the whole line",
                "use pseudo-likelihood or contrastive divergence",
            )
    model = free_energy(machine)
    derivation = derive(model, wrt=machine.visible, order=2)
    first = derive(model, wrt=machine.visible)
    equations = list({e.tensor.name: e for e in (*first.equations, *derivation.equations)}.values())
    names = {*model.arguments, *(e.tensor.name for e in equations)}
    names |= {s.name for s in model.sizes}
    terms = []
    for name in machine.visible:
        slope, curve = first.results[name], derivation.results[name]
        (i,) = slope.indices()
        terms.append(Contraction(sp.S.Half, (Entry(slope, (i,)), Entry(slope, (i,))), (i,)))
        (k,) = slope.indices()
        terms.append(Contraction(-sp.S.One, (Entry(curve, (k, k)),), (k,)))
    letters = letters_of(equations, names)
    taken = {x.name for e in equations for x in every_index(e)}
    output = Tensor(next(n for n in ("J", "J_score", "J_fisher") if n not in names | taken))
    loss: Equation = letters.write(output, (), Sum(tuple(terms)))
    because = "∫ p_data ∂log p = −∫ ∂p_data log p: integration by parts, no boundary"
    step = Step("score matching", "½ ⟨|∂log p − ∂log p_data|²⟩", loss, because, output)
    return Model(
        (*equations, loss),
        model.inputs,
        model.parameters,
        output,
        (*model.steps, *derivation.derivation_steps, step),
        f"Score matching of the {machine.title or 'machine'}",
    )
