"""Centring: features measured from offsets, which changes the parameters and not the model.

    E_c = Σ e(y; b) − Σ W (f_v − c_v)(f_h − c_h) = E with b_v − W c_h, b_h − Wᵀ c_v, plus a constant

so p is the same for every choice of offsets; the gradient is not, and learning is better
conditioned with offsets near the means.  Reference: J. Melchior, A. Fischer, L. Wiskott, Journal of
Machine Learning Research 17 (2016).
"""

from __future__ import annotations

from itertools import product as combinations

import sympy as sp

from backproof.theory.energy.gauge import Gauge, refuse_other_than_layers
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.equations import Contraction, Sum
from backproof.theory.normal import normal
from backproof.theory.notation import Entry, Factor, Index, Tensor
from backproof.theory.trace.values import Value


def centred(machine: Machine) -> Gauge:
    """The centred form of a machine's energy, with the proof that its distribution is the same.

    Raises `BackproofError` for couplings of three groups or inside one, and for groups without a
    bias to take the offset's place.

    >>> from backproof.theory.energy.builders import rbm
    >>> print("\\n".join(str(centred(rbm())).splitlines()[1:]))
    is the plain energy with
      b_v_plain[i] = b_v[i] - Σ_j W[i,j] c_h[j]
      b_h_plain[j] = b_h[j] - Σ_i W[i,j] c_v[i]
    plus the constant
      constant = -Σ_i,j W[i,j] c_v[i] c_h[j]
    p is unchanged (by: derived)
    """
    refuse_other_than_layers(machine)
    energy = Energy(machine)
    offsets = {g.name: Tensor(f"c_{g.name}", g.shape, machine.axes[g.name]) for g in machine.groups}
    energy.statement.tensors.update({t.name: t for t in offsets.values()})
    alone = [energy.alone(g.name) for g in machine.groups]
    expanded: list[Contraction] = []
    moves: dict[str, list[Contraction]] = {g.name: [] for g in machine.groups}
    constants: list[Contraction] = []
    places = {g.name: energy.indices(g.name) for g in machine.groups}
    for coupling in machine.couplings:
        at = [places[name] for name in coupling.between]
        over = tuple(i for indices in at for i in indices)
        weight: Factor = Entry(energy.tensors[coupling.weight], over)
        for choice in combinations((False, True), repeat=2):  # which factors are offsets
            factors = [weight]
            for name, indices, offset in zip(coupling.between, at, choice, strict=True):
                tensor = offsets[name] if offset else energy.feature(name)
                factors.append(Entry(tensor, indices))
            sign = -sp.S.One * (-1) ** sum(choice)
            expanded.append(Contraction(sign, tuple(factors), over))
        for name, other in (coupling.between, coupling.between[::-1]):
            term = (weight, Entry(offsets[other], places[other]))
            moves[name].append(Contraction(-sp.S.One, term, places[other]))
        pair = tuple(Entry(offsets[n], places[n]) for n in coupling.between)
        constants.append(Contraction(-sp.S.One, (weight, *pair), over))
    total = energy.total([Value((), Sum(tuple(expanded))), *alone])
    model = energy.finished(total, "E_c", {t.name: t for t in offsets.values()})
    letters = energy.statement.letters
    moved = []
    plain: list[Contraction] = [t for value in alone for t in value.rhs.terms]
    plain += [t for value in energy.couplings() for t in value.rhs.terms]
    for group in machine.groups:
        bias = Entry(energy.tensors[f"b_{group.name}"], places[group.name])
        rhs = normal(Sum((*moves[group.name], Contraction(sp.S.One, (bias,)))))
        tensor = Tensor(f"b_{group.name}_plain", group.shape, machine.axes[group.name])
        moved.append(letters.write(tensor, places[group.name], rhs))
        feature = Entry(energy.feature(group.name), places[group.name])
        plain += [_times(term, feature, places[group.name]) for term in moves[group.name]]
    constant = letters.write(Tensor("constant"), (), normal(Sum(tuple(constants))))
    opposite = [Contraction(-t.coefficient, t.factors, t.over) for t in (*plain, *constants)]
    residual = normal(Sum((*total.rhs.terms, *opposite)))
    return Gauge(model, tuple(moved), constant, residual)


def _times(move: Contraction, feature: Entry, over: tuple[Index, ...]) -> Contraction:
    """−(a change of the bias) times the feature, summed: its part of the plain energy."""
    return Contraction(-move.coefficient, (*move.factors, feature), (*move.over, *over))
