"""The regularised objective J_Ω = J + Ω of a model with weights, as a book writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Entry, Tensor
from backproof.theory.regularisers import REGULARISERS
from backproof.theory.regularisers.regulariser import Strength, add_penalty, strengths_of
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, number

PENALTIES = {r.name: r for r in REGULARISERS if r.of == "weights"}


def strength_inputs(
    penalty: Mapping[str, Strength] | None, taken: Iterable[str]
) -> dict[str, Tensor]:
    """The scalar inputs that the strengths name.

    Raises `BackproofError` for an unknown penalty, for strengths that do not fit it, and for a
    name that is taken.
    """
    inputs: dict[str, Tensor] = {}
    busy = set(taken)
    for name, given in (penalty or {}).items():
        if name not in PENALTIES:
            known = f"one of {', '.join(PENALTIES)}"
            raise BackproofError("penalty", repr(name), known, "pick one")
        for strength in strengths_of(PENALTIES[name], given):
            if isinstance(strength, str):
                if strength in busy or not strength.isidentifier():
                    free = "a free name for the strength"
                    raise BackproofError("penalty", f"the name {strength}", free, "choose another")
                inputs[strength] = Tensor(strength)
    return inputs


def regularised(
    statement: Statement,
    loss: Value,
    penalty: Mapping[str, Strength] | None,
    weights: Sequence[Tensor],
) -> Value:
    """J + Ω, with Ω the sum of the penalties of all weights; the loss itself without penalties."""
    if not penalty:
        return loss

    def value(strength: float | str) -> Value:
        if not isinstance(strength, str):
            return number(float(strength))
        entry = Entry(statement.tensors[strength])
        return Value((), Sum((Contraction(sp.S.One, (entry,)),)))

    parts = []
    for name, given in penalty.items():
        strengths = [value(s) for s in strengths_of(PENALTIES[name], given)]
        parts.append(add_penalty(statement, PENALTIES[name], weights, strengths))
    total = statement.bind(reduce(statement.add, parts), "Ω")
    return statement.bind(statement.add(loss, total), "J_Ω")
