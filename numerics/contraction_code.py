"""Contractions as chains of two-operand NumPy calls, each writing into a buffer.

An operand is an array with named axes.  Two operands meet by the indices they share: none summed
is an elementwise product, one summed is a matrix product, a shared kept index is a batch.  No
call has more than two operands, since a many-operand ``einsum`` searches a path at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from backproof.numerics.contraction_order import Axes, Order, Orders
from backproof.theory.notation import Index, distinct


@dataclass(frozen=True)
class Operand:
    """Code of an array (or scalar, without axes) and the index of each of its axes."""

    code: str
    axes: tuple[Index, ...]


T = TypeVar("T", bound=Operand)


def permuted(operand: Operand, axes: Sequence[Index]) -> str:
    """The operand with its axes in another order."""
    order = [operand.axes.index(i) for i in axes]
    if order == list(range(len(order))):
        return operand.code
    if order == [1, 0]:
        return f"{operand.code}.T"
    return f"{operand.code}.transpose({', '.join(map(str, order))})"


def aligned(operand: Operand, axes: Sequence[Index]) -> str:
    """The operand as a view that broadcasts against an array with these axes."""
    own = [i for i in axes if i in operand.axes]
    base = permuted(operand, own)
    missing = [i not in operand.axes for i in axes]
    while missing and missing[0]:
        missing.pop(0)
    if not own or not any(missing):
        return base
    return f"{base}[{', '.join('None' if m else ':' for m in missing)}]"


def met(operands: Sequence[T], order: Order, out: Axes, pair: Callable[[T, T, Axes], T]) -> list[T]:
    """The last two operands, or the only one: the last product goes where the result is wanted.

    ``pair`` is the product of two, which keeps what is in ``out`` or in one of the others.
    """
    left = list(operands)
    for first, second in order:
        if len(left) == 2:
            break
        a, b = left[first], left[second]
        rest = [o for n, o in enumerate(left) if n not in (first, second)]
        keep = set(out).union(*(o.axes for o in rest))
        if turned(a, b):
            a, b = b, a
        left = [*rest, pair(a, b, tuple(i for i in distinct((*a.axes, *b.axes)) if i in keep))]
    return left


def turned(a: Operand, b: Operand) -> bool:
    """Whether both would be transposed for their product as matrices: then b a needs neither.

    ``W[i,j] v[n,i]`` summed over i is ``v W``, by rows n.
    """
    shared = [i for i in a.axes if i in b.axes]
    if len(a.axes) != 2 or len(b.axes) != 2 or len(shared) != 1:
        return False
    return a.axes[0] == shared[0] and b.axes[1] == shared[0]


class Contractor:
    """Writes the contraction of operands; ``scratch(axes)`` names a new buffer.

    ``orders`` decides which two operands meet first.
    """

    def __init__(
        self, scratch: Callable[[tuple[Index, ...]], str], lines: list[str], orders: Orders
    ) -> None:
        self.scratch, self.lines, self.orders = scratch, lines, orders

    def contract(self, operands: Sequence[Operand], out: tuple[Index, ...], target: str) -> str:
        """Σ over what is not in ``out`` of the product, into ``target``; the result's code.

        For a scalar result the returned code is an expression and ``target`` is not used.
        """
        left = [self._reduced(o, operands, out) for o in operands]
        order = self.orders.decided([o.axes for o in left], out, [o.code for o in left])
        left = met(left, order, out, lambda a, b, axes: self._pair(a, b, axes, None))
        if len(left) == 2:
            return self._pair(left[0], left[1], out, target).code
        return self._single(left[0], out, target)

    def _reduced(
        self, operand: Operand, others: Sequence[Operand], out: tuple[Index, ...]
    ) -> Operand:
        """The operand with the indices that only it carries summed away."""
        if len(others) == 1:
            return operand
        elsewhere = {i for o in others if o is not operand for i in o.axes} | set(out)
        if all(i in elsewhere for i in operand.axes):
            return operand
        kept = tuple(i for i in operand.axes if i in elsewhere)
        name = self.scratch(kept) if kept else ""
        return Operand(self._single(operand, kept, name), kept)

    def _single(self, operand: Operand, out: tuple[Index, ...], target: str) -> str:
        """One operand summed to the indices of ``out``."""
        summed = [n for n, i in enumerate(operand.axes) if i not in out]
        kept = tuple(i for i in operand.axes if i in out)
        if not summed:
            if out:
                self.lines.append(f"np.copyto({target}, {permuted(operand, out)})")
                return target
            return operand.code
        if not kept:
            return f"np.sum({operand.code})"
        axis = summed[0] if len(summed) == 1 else tuple(summed)
        view = permuted(Operand(target, out), kept)
        self.lines.append(f"np.sum({operand.code}, axis={axis}, out={view})")
        return target

    def _pair(self, a: Operand, b: Operand, out: tuple[Index, ...], target: str | None) -> Operand:
        summed = [i for i in a.axes if i in b.axes and i not in out]
        batch = [i for i in a.axes if i in b.axes and i in out]
        left = [i for i in a.axes if i not in b.axes]
        right = [i for i in b.axes if i not in a.axes]
        if not out:
            return Operand(self._scalar(a, b), ())
        if target is None:
            target = self.scratch(out)
        place = Operand(target, out)
        if not summed:
            self.lines.append(f"np.multiply({aligned(a, out)}, {aligned(b, out)}, out={target})")
        elif len(summed) == 1 and not batch and len(left) <= 1 and len(right) <= 1:
            if left and right and out == (right[0], left[0]):
                a, b, left, right = b, a, right, left
            first, second = permuted(a, [*left, *summed]), permuted(b, [*summed, *right])
            self.lines.append(
                f"np.matmul({first}, {second}, out={permuted(place, [*left, *right])})"
            )
        elif len(summed) == 1 and len(left) == 1 and len(right) == 1:
            first, second = (
                permuted(a, [*batch, *left, *summed]),
                permuted(b, [*batch, *summed, *right]),
            )
            view = permuted(place, [*batch, *left, *right])
            self.lines.append(f"np.matmul({first}, {second}, out={view})")
        elif not batch:
            axes = ([a.axes.index(i) for i in summed], [b.axes.index(i) for i in summed])
            product = Operand(f"np.tensordot({a.code}, {b.code}, axes={axes})", (*left, *right))
            self.lines.append(f"np.copyto({target}, {permuted(product, out)})")
        else:
            self.lines.append(
                f"np.einsum({self._spec(a, b, out)}, {a.code}, {b.code}, out={target})"
            )
        return place

    def _scalar(self, a: Operand, b: Operand) -> str:
        if not a.axes and not b.axes:
            return f"{a.code}*{b.code}"
        if set(a.axes) != set(b.axes):
            return f"np.einsum({self._spec(a, b, ())}, {a.code}, {b.code})"
        other = permuted(b, a.axes)
        return f"np.dot({a.code}, {other})" if len(a.axes) == 1 else f"np.vdot({a.code}, {other})"

    def _spec(self, a: Operand, b: Operand, out: tuple[Index, ...]) -> str:
        letters = {i: chr(ord("a") + n) for n, i in enumerate(dict.fromkeys((*a.axes, *b.axes)))}
        groups = ["".join(letters[i] for i in axes) for axes in (a.axes, b.axes, out)]
        return f"'{groups[0]},{groups[1]}->{groups[2]}'"
