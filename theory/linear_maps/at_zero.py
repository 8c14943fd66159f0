"""An affine map at zero: its offset, or the equation that keeps the map from being affine."""

from __future__ import annotations

import sympy as sp

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.linear_maps.unrolling import unrolled
from backproof.theory.maps import as_factors
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Factor, Map, Ones, Tensor, indices_in, slot


def at_zero(model: Model, target: Tensor) -> Sum:
    """The output where the target is zero, free in the indices of its equation."""
    zero: dict[str, Equation] = {}
    for equation in model.equations:
        if not any(t == target or t.name in zero for t in equation.operands):
            continue
        if not isinstance(equation.rhs, Sum):
            refuse(model, target)
        terms = (_term_at_zero(t, model, target, zero) for t in equation.rhs.terms)  # type: ignore[union-attr]
        rhs = unrolled(Sum(tuple(t for t in terms if t is not None)), zero)
        zero[equation.tensor.name] = Equation(equation.tensor, equation.indices, rhs)
    rhs_of = zero.get(model.output.name, model[model.output.name]).rhs
    if not isinstance(rhs_of, Sum):  # the output does not depend on the target
        one = Contraction(sp.S.One, (model[model.output.name].entry,))
        return Sum((one,))
    return rhs_of


def _term_at_zero(
    term: Contraction, model: Model, target: Tensor, zero: dict[str, Equation]
) -> Contraction | None:
    """A term where the target is zero; nothing if it vanishes."""
    nothing = {target.name, *(n for n, e in zero.items() if not e.rhs.terms)}  # type: ignore[union-attr]
    coefficient, factors = term.coefficient, []
    for factor in term.factors:
        if isinstance(factor, Entry) and factor.tensor.name in nothing:
            return None
        if not isinstance(factor, Map) or not any(
            e.tensor.name in nothing for e in factor.arguments
        ):
            if any(e.tensor.name in zero for e in entries_of(factor)) and isinstance(factor, Map):
                refuse(model, target)
            factors.append(factor)
            continue
        slots = {slot(n): e for n, e in enumerate(factor.arguments)}
        gone = {s: sp.S.Zero for s, e in slots.items() if e.tensor.name in nothing}
        number, parts = as_factors(factor.expression.xreplace(gone), slots)
        coefficient *= number
        factors += [*parts, *(Ones(i) for i in indices_in(factor))]
    return Contraction(coefficient, tuple(factors), term.over) if coefficient != 0 else None


def refuse(model: Model, target: Tensor) -> None:
    """Name the first equation that is not affine in the target."""
    active = {target.name}
    for equation in model.equations:
        if active & {t.name for t in equation.operands}:
            if _bent(equation, active):
                raise BackproofError(
                    "bp.linear_map",
                    str(equation),
                    f"equations that are affine in {target.name}",
                    "ask for the map of a part, with model.up_to(…) or another wrt",
                )
            active.add(equation.tensor.name)
    found = f"a derivative that depends on {target.name}"
    raise BackproofError("bp.linear_map", found, "an affine map", "derive the Jacobian instead")


def _bent(equation: Equation, active: set[str]) -> bool:
    """Whether a right-hand side is other than linear in the quantities that are active."""
    if isinstance(equation.rhs, Reduction | MatrixValue):
        return True
    for term in equation.rhs.terms:
        maps = [e for f in term.factors if isinstance(f, Map) for e in f.arguments]
        plain = [f for f in term.factors if isinstance(f, Entry)]
        if any(e.tensor.name in active for e in maps):
            return True
        if sum(e.tensor.name in active for e in plain) > 1:
            return True
    return False


def entries_of(factor: Factor) -> tuple[Entry, ...]:
    """The entries that a factor is made of, those of labels aside."""
    if isinstance(factor, Map):
        return factor.arguments
    return (factor,) if isinstance(factor, Entry) else ()
