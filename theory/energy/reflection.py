"""Reflections: units measured from the other end of their support, a gauge of the parameters.

With signs s = ±1, one a unit, f ↦ a + s f for a = r (1 − s)/2 keeps a support that is symmetric
about r/2: {0, 1} with r = 1, {−1, 1} and the reals with r = 0.  Then

    E(v, a + s h; W, b) = E(v, h; W s, b_v + W a, s b_h) − b_h·a

so that the moved parameters give h the distribution of the reflected one, and every other group
that which it had: a hidden group may be reflected freely.  For spins these are the gauge
transformations of G. Toulouse, Communications on Physics 2 (1977).
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.theory.energy.gauge import Gauge, refuse_other_than_layers
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.energy.units.unit import FIELD, STATE, Unit
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Entry, Factor, Index, Tensor, distinct
from backproof.theory.trace.values import Value


def reflected(machine: Machine, group: str) -> Gauge:
    """A group reflected by signs ``s_h``, with the proof that moved parameters do the same.

    Raises `BackproofError` for a unit that no reflection leaves as it is (a half-line, categories)
    and for couplings of three groups or inside one.

    >>> from backproof.theory.energy.builders import rbm
    >>> print("\\n".join(str(reflected(rbm(), "h")).splitlines()[1:]))
    is the plain energy with
      W_moved[i,j] = W[i,j] s_h[j]
      b_h_moved[j] = b_h[j] s_h[j]
      b_v_moved[i] = b_v[i] + Σ_j W[i,j] / 2 - Σ_j W[i,j] s_h[j] / 2
    plus the constant
      constant = Σ_j (b_h[j] s_h[j] - b_h[j]) / 2
    the distribution of the others is unchanged (by: derived)
    """
    refuse_other_than_layers(machine)
    reach = _reach(machine[group].unit, group)
    energy = Energy(machine)
    signs = Tensor(f"s_{group}", machine[group].shape, machine.axes[group])
    energy.statement.tensors[signs.name] = signs
    at, here = {g.name: energy.indices(g.name) for g in machine.groups}, energy.indices(group)
    plain = energy.interaction().rhs.terms  # at zero field a unit's energy is symmetric, and stays
    own = [t for g in machine.groups for t in energy.alone(g.name, biased=False).rhs.terms]
    feature = energy.feature(group)
    mirrored = tuple(t for term in plain for t in _mirrored(term, feature, signs, reach))
    total = Sum((*mirrored, *own))
    model = energy.finished(Value(energy.lead, total), "E_r", {signs.name: signs})

    def offset(term: Contraction) -> Iterator[Contraction]:
        """A term times a."""
        half = reach / 2
        yield Contraction(half * term.coefficient, term.factors, term.over)
        sign: Factor = Entry(signs, here)
        yield Contraction(-half * term.coefficient, (*term.factors, sign), term.over)

    bias = Contraction(sp.S.One, (Entry(energy.tensors[f"b_{group}"], here),))
    sign: Factor = Entry(signs, here)
    new: dict[str, tuple[tuple[Index, ...], Sum]] = {}
    shifts: dict[str, list[Contraction]] = {}
    for coupling in machine.couplings:
        if group not in coupling.between:
            continue
        places = tuple(i for n in coupling.between for i in (here if n == group else at[n]))
        weight: Factor = Entry(energy.tensors[coupling.weight], places)
        new[coupling.weight] = (places, Sum((Contraction(sp.S.One, (weight, sign)),)))
        (other,) = (n for n in coupling.between if n != group)
        if reach == 0:
            continue
        shifts.setdefault(other, []).extend(offset(Contraction(sp.S.One, (weight,), here)))
    new[f"b_{group}"] = (here, Sum((Contraction(bias.coefficient, (*bias.factors, sign)),)))
    for other, terms in shifts.items():
        before = Contraction(sp.S.One, (Entry(energy.tensors[f"b_{other}"], at[other]),))
        new[f"b_{other}"] = (at[other], normal(Sum((before, *terms))))
    constants = tuple(offset(Contraction(-sp.S.One, bias.factors, here)))
    letters = energy.statement.letters
    moved = tuple(
        letters.write(
            Tensor(f"{name}_moved", energy.tensors[name].shape, energy.tensors[name].axes),
            places,
            normal(rhs),
        )
        for name, (places, rhs) in new.items()
    )
    constant = letters.write(Tensor("constant"), (), normal(Sum(constants)))
    again = [t for term in plain for t in _replaced(term, new)]
    opposite = [Contraction(-t.coefficient, t.factors, t.over) for t in (*again, *own, *constants)]
    residual = normal(Sum((*total.terms, *opposite)))
    return Gauge(model, moved, constant, residual, "the distribution of the others")


def _reach(unit: Unit, group: str) -> sp.Expr:
    """The r of y ↦ r − y, which has to keep the support and the energy at zero field."""
    support = unit.support
    if support is not None and unit.feature == STATE and unit.biased:
        whole = support == sp.Reals
        reach = sp.S.Zero if whole else support.inf + support.sup
        alone = unit.energy.xreplace({FIELD: sp.S.Zero})
        kept = reach.is_finite and (whole or _image(support, reach) == support)
        if kept and sp.expand(alone - alone.xreplace({STATE: reach - STATE})) == 0:
            return reach
    raise BackproofError(
        f"group {group}",
        f"{unit.name} units",
        "units with a bias whose support and energy are symmetric",
        "reflect binary, spin, bounded or Gaussian units",
    )


def _image(support: sp.Set, reach: sp.Expr) -> sp.Set:
    """The support of r − y."""
    return sp.imageset(sp.Lambda(STATE, reach - STATE), support)


def _mirrored(
    term: Contraction, feature: Tensor, signs: Tensor, reach: sp.Expr
) -> Iterator[Contraction]:
    """A term of the interaction with a + s f for f."""
    for position, factor in enumerate(term.factors):
        if isinstance(factor, Entry) and factor.tensor == feature:
            rest = (*term.factors[:position], *term.factors[position + 1 :])
            sign = Entry(signs, factor.subscripts)
            yield Contraction(term.coefficient, (*term.factors, sign), term.over)
            half = reach / 2 * term.coefficient
            yield Contraction(half, rest, term.over)
            yield Contraction(-half, (*rest, sign), term.over)
            return
    yield term


def _replaced(
    term: Contraction, new: dict[str, tuple[tuple[Index, ...], Sum]]
) -> Iterator[Contraction]:
    """A term of the energy with the moved parameters in the place of the plain ones."""
    for position, factor in enumerate(term.factors):
        if isinstance(factor, Entry) and factor.tensor.name in new:
            places, rhs = new[factor.tensor.name]
            rest = (*term.factors[:position], *term.factors[position + 1 :])
            names = dict(zip(places, factor.subscripts, strict=True))
            for part in rhs.terms:
                named = part.renamed(names)
                over = distinct((*term.over, *named.over))
                yield Contraction(
                    term.coefficient * named.coefficient, (*rest, *named.factors), tuple(over)
                )
            return
    yield term
