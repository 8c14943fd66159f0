"""Cotangents written down: shares collected, equal ones merged, what is known of them used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.normal import normal
from backproof.theory.notation import Delta, Entry, Index, Ones, Tensor
from backproof.theory.steps import Step

if TYPE_CHECKING:
    from backproof.theory.calculus.tape import Tape


def collected(
    tape: Tape,
    tensor: Tensor,
    lead: tuple[Index, ...],
    home: tuple[Index, ...],
    terms: list[Contraction],
    named: bool,
) -> Contraction | None:
    """The cotangent of a tensor as one contraction: in place if it is plain, else by its name."""
    plain = normal(Sum(tuple(terms)))
    total = normal(plain, tape.facts)
    if not total.terms and not named:
        return None
    if len(total.terms) == 1 and _plain(total.terms[0]) and not named:
        if total != plain:
            _by_facts(tape, tensor, _named(tape, tensor, lead, home), lead + home, plain, total)
        return total.terms[0]
    written = written_down(tape, tensor, lead, home, Sum(tuple(terms)))
    return Contraction(sp.S.One, (Entry(written, lead + home),))


def _plain(term: Contraction) -> bool:
    """Whether a cotangent is a constant, or another quantity as it is, and needs no name."""
    if term.over:
        return False
    solid = [f for f in term.factors if not isinstance(f, Ones | Delta)]
    same = len(solid) == 1 and isinstance(solid[0], Entry) and term.coefficient in (1, -1)
    return not solid or same


def written_down(
    tape: Tape, tensor: Tensor, lead: tuple[Index, ...], home: tuple[Index, ...], raw: Sum
) -> Tensor:
    """Write ``dt[lead, a] = total`` down; equal contributions are merged."""
    plain = normal(raw)
    total = normal(plain, tape.facts)
    cotangent = _named(tape, tensor, lead, home)
    if len(raw.terms) != len(plain.terms):
        why = f"every use of {tensor.name} sends its share"
        before = tape.letters.write(cotangent, lead + home, raw)
        after = tape.letters.write(cotangent, lead + home, plain)
        tape.steps.append(Step("sum over uses", before, after, why, tensor))
    if total != plain:
        _by_facts(tape, tensor, cotangent, lead + home, plain, total)
    return tape.write(cotangent, lead + home, total)


def _named(tape: Tape, tensor: Tensor, lead: tuple[Index, ...], home: tuple[Index, ...]) -> Tensor:
    """The tensor that holds a cotangent, with letters for its axes."""
    letters: list[str] = list(tensor.axes)
    front: list[str] = []
    for _ in lead:
        front.append(tape.letters.next([*letters, *front, *tape.letters.favourites]))
    return Tensor(
        tape.name(f"{tape.prefix}{tensor.name}"),
        tuple(i.size for i in (*lead, *home)),
        (*front, *letters),
        cotangent_of=tensor.name,
        accent=tape.accent,
    )


def _by_facts(
    tape: Tape,
    tensor: Tensor,
    cotangent: Tensor,
    indices: tuple[Index, ...],
    plain: Sum,
    total: Sum,
) -> None:
    """The step from a cotangent to what it is, given what is known of its operands."""
    before, after = (tape.letters.write(cotangent, indices, side) for side in (plain, total))
    mentioned = {t.name for t in before.operands}
    because = [f"the last axis of {n} sums to one" for n in sorted(tape.facts.simplex & mentioned)]
    because += [f"{n} is symmetric" for n in sorted(tape.facts.symmetric & mentioned)]
    tape.steps.append(Step("what is known", before, after, "; ".join(because), tensor))
