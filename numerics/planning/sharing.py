"""Common subexpressions: a map that several equations contain is computed once.

    dz[n,j] = (1 − h[n,j]²) dh[n,j]      →   h_slope[n,j] = 1 − h[n,j]²
    tz[n,j] = (1 − h[n,j]²) th[n,j]          dz[n,j] = h_slope[n,j] dh[n,j]   …

The condition: the same expression of the same entries, up to the names of indices, at least
twice; a map that an equation defines already is read from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import (
    POSITION,
    Entry,
    Factor,
    Index,
    Map,
    Tensor,
    distinct,
    indices_in,
)
from backproof.theory.steps import Step

BECAUSE = "equal expressions of equal entries are equal"
Key = tuple[sp.Expr, tuple[tuple[str, tuple[int, ...]], ...]]


def shared(equations: Sequence[Equation], names: set[str]) -> tuple[list[Equation], list[Step]]:
    """The equations with each repeated map computed once, and the steps taken."""
    count = Counter(key for e in equations for f in _maps(e) if (key := _key(f)) is not None)
    common: dict[Key, Tensor] = {}
    written: list[Equation] = []
    steps: list[Step] = []
    for equation in equations:
        alone = _alone(equation)
        key = _key(alone) if alone is not None else None
        if key is not None and key not in common and _plain(equation, alone):
            common[key] = equation.tensor
            written.append(equation)
            continue
        for factor in _maps(equation):
            key = _key(factor)
            if key is not None and count[key] > 1 and key not in common:
                definition = _definition(factor, names)
                common[key] = definition.tensor
                written.append(definition)
        new = _through(equation, common)
        if new != equation:
            steps.append(Step("common subexpression", equation, new, BECAUSE, equation.tensor))
        written.append(new)
    return written, steps


def _maps(equation: Equation) -> Iterator[Map]:
    if isinstance(equation.rhs, Sum):
        yield from (f for f in equation.rhs.factors if isinstance(f, Map))


def _key(factor: Map) -> Key | None:
    """What two equal maps share; `None` for scalars and for entries at other than plain indices."""
    order = {i: n for n, i in enumerate(distinct(indices_in(factor)))}
    places = []
    for entry in factor.arguments:
        at = tuple(order[s] for s in entry.subscripts if isinstance(s, Index))
        plain = len(at) == len(entry.subscripts) and entry.tensor.name != POSITION
        if not plain or len(set(at)) != len(at):
            return None
        places.append((entry.tensor.name, at))
    return (factor.expression, tuple(places)) if order else None


def _alone(equation: Equation) -> Map | None:
    """The map that an equation is."""
    if isinstance(equation.rhs, Sum) and len(equation.rhs.terms) == 1:
        (term,) = equation.rhs.terms
        if term.coefficient == 1 and not term.over and len(term.factors) == 1:
            (factor,) = term.factors
            return factor if isinstance(factor, Map) else None
    return None


def _plain(equation: Equation, factor: Map | None) -> bool:
    return factor is not None and equation.indices == distinct(indices_in(factor))


def _definition(factor: Map, names: set[str]) -> Equation:
    indices = distinct(indices_in(factor))
    wish = f"{factor.arguments[0].tensor.name}_map"
    while wish in names:
        wish += "_"
    names.add(wish)
    tensor = Tensor(wish, tuple(i.size for i in indices), tuple(i.letter for i in indices))
    return Equation(tensor, indices, Sum((Contraction(sp.S.One, (factor,)),)))


def _through(equation: Equation, common: dict[Key, Tensor]) -> Equation:
    if not isinstance(equation.rhs, Sum):
        return equation
    terms = tuple(
        Contraction(t.coefficient, tuple(_read(f, common) for f in t.factors), t.over)
        for t in equation.rhs.terms
    )
    return Equation(equation.tensor, equation.indices, Sum(terms))


def _read(factor: Factor, common: dict[Key, Tensor]) -> Factor:
    key = _key(factor) if isinstance(factor, Map) else None
    if key is None or key not in common:
        return factor
    return Entry(common[key], distinct(indices_in(factor)))
