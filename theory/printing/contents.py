"""What a printed thing holds: its factors and subscripts, its indices, its entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    Sum,
)
from backproof.theory.notation import (
    Affine,
    Entry,
    Factor,
    Index,
    Subscript,
    entries_in,
    indices_in,
)
from backproof.theory.steps import Pullback


def forms_within(thing: Any) -> Iterator[Factor | Subscript]:
    """The factors and subscripts that a printable thing consists of."""
    if isinstance(thing, Pullback):
        yield from (*forms_within(thing.equation), thing.wrt, *thing.cotangent.factors)
    elif isinstance(thing, Equation):
        yield from (thing.entry, *thing.rhs.factors)
    elif isinstance(thing, Sum | Contraction | Reduction | MatrixValue):
        yield from thing.factors
    else:
        yield thing


def indices_within(thing: Any) -> Iterator[Index]:
    return (i for form in forms_within(thing) for i in indices_in(form))


def entries_within(thing: Any) -> Iterator[Entry]:
    return (
        e
        for form in forms_within(thing)
        if not isinstance(form, Index | Affine)
        for e in entries_in(form)
    )
