"""Learning in the parameters of the centred energy, written for those of the plain one.

The plain parameters are linear in the centred ones θ_c at given offsets, θ = M θ_c: `centred`
derives M.  A step along the centred gradient is then

    g_c = ∂J/∂θ_c = Mᵀ ∂J/∂θ,        Δθ = −rate M g_c,

where Mᵀ is the derivative of Σ θ(θ_c) g by `derive`.  Reference: J. Melchior, A. Fischer,
L. Wiskott, Journal of Machine Learning Research 17 (2016), algorithm 1.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.energy.centring import centred
from backproof.theory.energy.learning import slopes
from backproof.theory.energy.machine import Machine
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor

SLOPE = "g_"  # the mark of ∂J/∂θ in the plain parameters


def plain(machine: Machine) -> Model:
    """M: the plain biases that equal centred ones, in the centred biases, weights and offsets.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(plain(rbm())["b_v_plain"])
    b_v_plain[i] = b_v[i] - Σ_j W[i,j] c_h[j]
    """
    return _model(machine, centred(machine).moved, {})


def pulled(machine: Machine) -> Derivation:
    """Mᵀ: the gradient in the centred parameters from that in the plain ones, ``g_W``, ….

    >>> from backproof.theory.energy.builders import rbm
    >>> print(pulled(rbm())["W"])
    dW[i,j] = g_W[i,j] - g_b_h[j] c_v[i] - g_b_v[i] c_h[j]
    """
    moved = centred(machine).moved
    plain = {e.tensor.name.removesuffix("_plain"): e.tensor for e in moved}
    weights = {c.weight: machine.parameters[c.weight] for c in machine.couplings}
    slope, terms = {}, []
    for name, tensor in {**weights, **plain}.items():
        slope[name] = Tensor(SLOPE + name, tensor.shape, tensor.axes)
        at = tensor.indices()
        terms.append(Contraction(sp.S.One, (Entry(tensor, at), Entry(slope[name], at)), at))
    taken = {*machine.parameters, *(t.name for t in slope.values())}
    total = Letters(taken=taken).write(Tensor("S"), (), Sum(tuple(terms)))
    model = _model(machine, (*moved, total), {t.name: t for t in slope.values()})
    return slopes(derive(model, wrt=tuple(slope)))


def _model(machine: Machine, equations: tuple[Equation, ...], further: dict[str, Tensor]) -> Model:
    used = {t.name: t for e in equations for t in e.operands}
    inputs = {n: t for n, t in used.items() if n.startswith("c_")} | further
    parameters = {n: t for n, t in machine.parameters.items() if n in used}
    title = f"Centred parameters of the {machine.title or 'machine'}"
    outputs = {} if further else {e.tensor.name: e.tensor for e in equations}
    return Model(equations, inputs, parameters, equations[-1].tensor, (), title, (), outputs)
