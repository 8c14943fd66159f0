"""Terms with deltas: their values go to the diagonal or to the labelled places of an array."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from backproof.numerics.contraction_code import Operand, aligned
from backproof.numerics.operand_code import Operands
from backproof.theory.equations import Contraction
from backproof.theory.notation import Delta, Factor, Index, Ones, Subscript, distinct, indices_in


def place(code: Operands, term: Contraction, out: tuple[Index, ...], target: str) -> None:
    """Add a term with deltas to the target: to its diagonal, or to the places that labels name."""
    deltas = [f for f in term.factors if isinstance(f, Delta)]
    rest = tuple(f for f in term.factors if not isinstance(f, Delta))
    where: dict[Index, Subscript] = {}
    left_over: list[Factor] = []
    for delta in deltas:
        solved = _solved(delta, out, where)
        if solved is None:
            left_over.append(delta)
        else:
            where[solved[0]] = solved[1]
    inner = [i for s in where.values() for i in indices_in(s)]
    loops = distinct([*(i for i in out if i not in where), *(i for i in inner if i not in where)])
    core_term = Contraction(sp.S.One, (*rest, *left_over)).renamed(where)
    core_term = Contraction(sp.S.One, core_term.factors, term.over)
    carried = {i for f in core_term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    core = tuple(i for i in loops if i in carried)
    buffer = code.scratch(core) if core else ""
    body = code.contracted(core_term, core, buffer)
    scale = code.size(term.coefficient)
    value = aligned(Operand(body, core), loops) if core else body
    amount = value if term.coefficient == 1 and value else f"{scale}*{value}" if value else scale
    repeated = any(i in term.over for i in inner)
    if not repeated and all(isinstance(s, Index) for s in where.values()):
        letters = {i: chr(ord("a") + n) for n, i in enumerate(loops)}
        spec = "".join(letters[where.get(i, i)] for i in out)  # type: ignore[index]
        code.lines.append(
            f"np.einsum('{spec}->{''.join(letters.values())}', {target})[...] += {amount}"
        )
        return
    places = ", ".join(code.position(where.get(i, i), loops) for i in out)
    if repeated:
        code.lines.append(f"np.add.at({target}, ({places},), {amount})")
    else:
        code.lines.append(f"{target}[{places}] += {amount}")


def _solved(
    delta: Delta, out: tuple[Index, ...], where: Mapping[Index, Subscript]
) -> tuple[Index, Subscript] | None:
    """An output index that the delta fixes, and to what."""
    sides = (delta.right, delta.left), (delta.left, delta.right)
    for index, target in sides:
        if not isinstance(index, Index) or index not in out or index in where:
            continue
        if isinstance(target, Index) and target in where:
            continue
        if any(index in indices_in(s) for s in where.values()):
            continue
        return index, target
    return None
