"""Chains of matrices as code: ones sum a neighbour, a diagonal scales one, the rest is multiplied.

1ᵀ A, A 1           sum(A, axis=0), sum(A, axis=1)
diag(u) A           u[:, None] * A, and A / s[:, None] for diag(1/s) A
A diag(u)           A * u
u A 1               sum(u @ A)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from backproof.theory.notation import Entry, slot
from backproof.theory.printing.matrices import (
    Diag,
    Diagonal,
    Entrywise,
    Hadamard,
    Leaf,
    Node,
    Transposed,
    Unit,
)
from backproof.theory.printing.scalar_numpy import ATOM, POWER, PRODUCT, Written, within
from backproof.theory.printing.transposes import signs, turned

if TYPE_CHECKING:
    from backproof.theory.printing.matrix_code import MatrixCode


def scaled_chain(code: MatrixCode, links: tuple[Node, ...]) -> Written:
    """The chain with every diagonal as a factor of its neighbour."""
    match links:
        case (Unit(), Leaf(entry)) if _is_diagonal(entry):
            return code.call("trace", entry.tensor.name), ATOM
        case (Unit(), Diagonal(of)) | (Diagonal(of), Unit()):
            return code.call("trace", code.node(of)[0]), ATOM
        case (Unit(), inner, Unit()):
            return code.call("sum", code.node(inner)[0]), ATOM
        case (Unit(), *rest) | (*rest, Unit()) if len(rest) > 1 and _ends_in_vector(rest):
            return code.call("sum", scaled_chain(code, tuple(rest))[0]), ATOM
    written: list[Written] = []
    waiting: Node | None = None
    current = list(links)
    while current:
        link = current.pop(0)
        if isinstance(link, Diag):
            if current and isinstance(current[0], Unit):
                current.pop(0)
                written.append(code.node(link.of))
            elif current:
                waiting = link.of
            else:
                written.append(_times(code, written.pop(), link.of, column=False))
            continue
        if isinstance(link, Unit):
            written, current = _summed(code, written, current, links)
            continue
        same = [code.node(k) == code.node(link) for k in current]
        run = 1 + (same.index(False) if False in same else len(same))
        if isinstance(link, Transposed) and run > 1:
            product = " @ ".join([within(code.node(link.of), POWER)] * run)
            part: Written = f"({product}).T", ATOM
            current = current[run - 1 :]
        else:
            part = code.node(link)
        if waiting is not None:
            part = _times(code, part, waiting, column=len(link.axes) == 2, first=True)
            waiting = None
        written.append(part)
    if len(written) == 1:
        return written[0]
    return " @ ".join(within(w, POWER) for w in written), PRODUCT


def divided(
    code: MatrixCode, links: tuple[Node, ...], axes: int
) -> tuple[tuple[Node, ...], list[str]]:
    """A chain without the divisions of its rows and columns, and what they divide by."""
    below = []
    for first in (True, False):
        end = links[0 if first else -1]
        if not isinstance(end, Diag) or len(links) < 2:
            continue
        above, divisor = _fraction(end.of)
        if divisor is None:
            continue
        shape = "[:, None]" if first and axes == 2 else ""
        below.append(within(code.node(divisor), ATOM if shape else POWER) + shape)
        rest = links[1:] if first else links[:-1]
        kept = () if above is None else (Diag(above),)
        links = (*kept, *rest) if first else (*rest, *kept)
    return links, below


def _is_diagonal(entry: Entry) -> bool:
    """Whether the entry is A[i, i]."""
    return len(entry.subscripts) == 2 and len(set(entry.subscripts)) == 1


def _ends_in_vector(links: list[Node]) -> bool:
    """Whether one end is closed by a vector other than ones, so that one sum is left to do."""
    ends = [link for link in (links[0], links[-1]) if len(link.axes) == 1]
    return len(ends) == 1 and not isinstance(ends[0], Unit)


def _times(
    code: MatrixCode, part: Written, vector: Node, column: bool, first: bool = False
) -> Written:
    """A part whose rows (``column``) or columns are scaled by a vector, or divided by one."""
    above, below = _fraction(vector)
    shape = "[:, None]" if column else ""
    tight = ATOM if column else POWER
    product = within(part, POWER if first else PRODUCT)
    if above is not None and first:
        product = f"{within(code.node(above), tight)}{shape} * {product}"
    elif above is not None:
        product = f"{product} * {within(code.node(above), POWER)}"
    if below is not None:
        product = f"{product} / {within(code.node(below), tight)}{shape}"
    return product, PRODUCT


def _fraction(vector: Node) -> tuple[Node | None, Node | None]:
    """What stands above and below the line of an entrywise product."""
    if isinstance(vector, Hadamard):
        above = tuple((node, e) for node, e in vector.parts if not e.is_negative)
        below = tuple((node, -e) for node, e in vector.parts if e.is_negative)
        return _product(above, vector), _product(below, vector)
    if isinstance(vector, Entrywise):
        expression = vector.expression
        if expression.is_Pow and expression.exp.is_Rational and expression.exp.is_negative:
            inverse = 1 / expression
            if inverse == slot(0):
                return None, vector.of[0]
            return None, Entrywise(inverse, vector.of, vector.axes)
    return vector, None


def _product(parts: tuple[tuple[Node, sp.Expr], ...], vector: Hadamard) -> Node | None:
    if not parts:
        return None
    if len(parts) == 1 and parts[0][1] == 1:
        return parts[0][0]
    return Hadamard(parts, vector.axes)


def _summed(
    code: MatrixCode, written: list[Written], rest: list[Node], links: tuple[Node, ...]
) -> tuple[list[Written], list[Node]]:
    """The ones at an end of a chain as a sum of what stands beside them."""
    if written:
        before, last = links[-2], written.pop()
        other = turned(before)
        if signs(other) < signs(before) and last == code.node(before):
            return [*written, (code.call("sum", code.node(other)[0], "axis=0"), ATOM)], rest
        return [*written, (code.call("sum", last[0], "axis=1"), ATOM)], rest
    after, *others = rest
    if isinstance(after, Diag):
        return [code.node(after.of)], others
    if len(after.axes) == 1:
        return [(code.call("sum", code.node(after)[0]), ATOM)], others
    other = turned(after)
    if signs(other) < signs(after):
        return [(code.call("sum", code.node(other)[0], "axis=1"), ATOM)], others
    return [(code.call("sum", code.node(after)[0], "axis=0"), ATOM)], others
