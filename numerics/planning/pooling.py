"""Maxima of windows before relu: max relu(z) = relu(max z), and the slope is taken there too.

    h[n,i] = relu(z[n,i])                            m[n,j] = max_u z[n,2j+u]
    p[n,j] = max_u h[n,2j+u]                    →    p[n,j] = relu(m[n,j])
    a[n,j] = argmax_u h[n,2j+u]                      a[n,j] = argmax_u z[n,2j+u]
    dh[n,i] = Σ_j,u δ[u,a[n,j]] δ[i,2j+u] dp[n,j]    dm[n,j] = 1[m[n,j] > 0] dp[n,j]
    dz[n,i] = 1[z[n,i] > 0] dh[n,i]                  dz[n,i] = Σ_j,u δ[u,a[n,j]] δ[i,2j+u] dm[n,j]

relu does not decrease, so the maxima are equal.  The first largest entry of a window is the same
for h and for z wherever some z is positive; where none is, both slopes are zero, whatever a says.
So only entries that the pooling layer keeps go through relu and its slope.

The conditions: h is no result, and nothing but these equations uses h, a and dh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Tensor,
    indices_in,
    slot,
)
from backproof.theory.scalars import relu, step
from backproof.theory.steps import Step

BECAUSE = "relu does not decrease; where no entry is positive, its slope is zero"


def pooled_first(
    equations: Sequence[Equation], outputs: Iterable[Tensor], names: set[str]
) -> tuple[list[Equation], list[Step]]:
    """The equations with every maximum that it can be taken before relu, and the steps taken."""
    found = list(equations)
    steps: list[Step] = []
    results = set(outputs)
    for rectified in equations:
        new = _moved(rectified, found, results, names) if rectified in found else None
        if new is None:
            continue
        before = {e.tensor: e for e in found}
        for equation in new:
            old = before.get(equation.tensor)
            if old is not None and old != equation and old.tensor.dtype != "integer":
                steps.append(Step("maximum before relu", old, equation, BECAUSE, old.tensor))
        found = new
    return found, steps


def _moved(
    rectified: Equation, equations: list[Equation], results: set[Tensor], names: set[str]
) -> list[Equation] | None:
    """The equations with the maxima of one relu before it; `None` where a condition fails."""
    z = _relu_of(rectified)
    h = rectified.tensor
    users = [e for e in equations if h in e.operands]
    maxima = [e for e in users if isinstance(e.rhs, Reduction) and e.rhs.kind == "max"]
    places = [e for e in users if isinstance(e.rhs, Reduction) and e.rhs.kind == "argmax"]
    if z is None or h in results or len(maxima) != 1 or len(users) != 1 + len(places):
        return None
    (maximum,) = maxima
    changed: dict[Tensor, list[Equation]] = {h: []}
    top = _tensor(f"{z.name}_max", maximum.tensor, names)
    entry = Entry(top, maximum.indices)
    changed[maximum.tensor] = [
        Equation(top, maximum.indices, _reading(maximum, z)),
        Equation(maximum.tensor, maximum.indices, _product((Map(relu(slot(0)), (entry,)),))),
    ]
    for place in places:
        backward = _backward(place, maximum, z, equations, results)
        if backward is None:
            return None
        spread, sloped = backward
        found = _spreads(spread, place)
        assert found is not None
        below, own = found
        slope = _tensor(f"d{top.name}", top, names)
        steep = Map(step(slot(0)), (Entry(top, own),))
        changed[place.tensor] = [replace(place, rhs=_reading(place, z))]
        changed[spread.tensor] = [Equation(slope, own, _product((steep, below)))]
        changed[sloped.tensor] = [
            Equation(sloped.tensor, spread.indices, _through(spread, below, Entry(slope, own)))
        ]
    return [new for e in equations for new in changed.get(e.tensor, [e])]


def _relu_of(equation: Equation) -> Tensor | None:
    """The tensor z of ``h[I] = relu(z[I])``."""
    if not isinstance(equation.rhs, Sum) or len(equation.rhs.terms) != 1:
        return None
    (term,) = equation.rhs.terms
    if term.coefficient != 1 or term.over or len(term.factors) != 1:
        return None
    return _slope_of(term.factors[0], relu, equation.indices)


def _slope_of(factor: object, function: type[sp.Function], at: tuple[Index, ...]) -> Tensor | None:
    """The tensor whose entry at these indices a map is this function of."""
    if not isinstance(factor, Map) or factor.expression != function(slot(0)):
        return None
    (entry,) = factor.arguments
    plain = entry.subscripts == at and len(set(at)) == len(at)
    return entry.tensor if plain else None


def _backward(
    place: Equation,
    maximum: Equation,
    z: Tensor,
    equations: list[Equation],
    results: set[Tensor],
) -> tuple[Equation, Equation] | None:
    """The equations of dh and dz that a place of a maximum leads to, if they are as above."""
    same = _reading(place, z).kind == "argmax" and _alike(place, maximum)
    users = [e for e in equations if place.tensor in e.operands]
    if not same or place.tensor in results or len(users) != 1:
        return None
    (spread,) = users
    users = [e for e in equations if spread.tensor in e.operands]
    if spread.tensor in results or len(users) != 1 or _spreads(spread, place) is None:
        return None
    (sloped,) = users
    if not isinstance(sloped.rhs, Sum) or len(sloped.rhs.terms) != 1:
        return None
    (term,) = sloped.rhs.terms
    if term.coefficient != 1 or term.over or len(term.factors) != 2:
        return None
    maps = [f for f in term.factors if isinstance(f, Map)]
    entries = [f for f in term.factors if isinstance(f, Entry)]
    if len(maps) != 1 or _slope_of(maps[0], step, sloped.indices) != z:
        return None
    if entries != [Entry(spread.tensor, sloped.indices)]:
        return None
    return spread, sloped


def _spreads(spread: Equation, place: Equation) -> tuple[Entry, tuple[Index, ...]] | None:
    """The slope in one term that puts it where the places say, and the indices of the places.

    The slope has the indices of the places, each one once; `None` for any other equation.
    """
    if not isinstance(spread.rhs, Sum) or len(spread.rhs.terms) != 1:
        return None
    (term,) = spread.rhs.terms
    entries = [f for f in term.factors if isinstance(f, Entry)]
    deltas = [f for f in term.factors if isinstance(f, Delta)]
    labels = [s for d in deltas for s in (d.left, d.right) if isinstance(s, Entry)]
    if len(entries) != 1 or len(labels) != 1 or 1 + len(deltas) != len(term.factors):
        return None
    (below,), (label,) = entries, labels
    own = tuple(s for s in label.subscripts if isinstance(s, Index))
    plain = len({*own}) == len(label.subscripts) and {*own} == {*indices_in(below)}
    return (below, own) if plain and label.tensor == place.tensor else None


def _alike(place: Equation, maximum: Equation) -> bool:
    """Whether two reductions of one tensor are of the same windows."""

    def read(equation: Equation) -> object:
        reduction = equation.rhs
        assert isinstance(reduction, Reduction)
        order = (*equation.indices, *reduction.over)
        named: dict[object, sp.Symbol] = {i: sp.Symbol(f"i{n}") for n, i in enumerate(order)}
        spelt = []
        for s in reduction.operand.subscripts:
            if isinstance(s, Entry):
                raise KeyError(s)
            spelt.append(
                sum((c * named[i] for i, c in s.terms), s.offset)
                if isinstance(s, Affine)
                else named[s]
            )
        return spelt, [i.size for i in order]

    try:
        return read(place) == read(maximum)
    except KeyError:  # read where labels say
        return False


def _reading(equation: Equation, z: Tensor) -> Reduction:
    """The reduction of the same windows of z."""
    assert isinstance(equation.rhs, Reduction)
    return replace(equation.rhs, operand=Entry(z, equation.rhs.operand.subscripts))


def _through(spread: Equation, below: Entry, slope: Entry) -> Sum:
    """The same spreading of another entry."""
    assert isinstance(spread.rhs, Sum)
    (term,) = spread.rhs.terms
    factors = tuple(slope if f == below else f for f in term.factors)
    return Sum((Contraction(term.coefficient, factors, term.over),))


def _product(factors: tuple[Factor, ...]) -> Sum:
    return Sum((Contraction(sp.S.One, factors),))


def _tensor(wish: str, like: Tensor, names: set[str]) -> Tensor:
    while wish in names:
        wish += "_"
    names.add(wish)
    return Tensor(wish, like.shape, like.axes)
