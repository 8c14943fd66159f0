"""Products of arrays summed over indices, as expressions of a framework.

Two factors meet at a time, in the order that costs least; a product that states one of matrices is
that, and one of which both factors carry every index is a sum of products of entries.
"""

from __future__ import annotations

from collections.abc import Sequence

from backproof.numerics.contraction_code import met
from backproof.numerics.framework_views import Array, Views, bare
from backproof.theory.notation import Index, distinct

Axes = tuple[Index, ...]


class Products(Views):
    """Contractions of arrays."""

    def product(self, operands: Sequence[Array], out: Axes) -> Array:
        """Σ over what is not in ``out`` of the product; its axes are those of ``out`` it has."""
        out = tuple(i for i in out if any(i in o.axes for o in operands))
        if all(i in out for o in operands for i in o.axes):
            return self._entrywise(operands, out)
        left = [self._reduced(o, operands, out) for o in operands]
        order = self.orders.decided([o.axes for o in left], out, [bare(o.code) for o in left])
        left = met(left, order, out, self._pair)
        one, *others = left
        return self._pair(one, others[0], out) if others else self._summed(one, out)

    def _entrywise(self, operands: Sequence[Array], out: Axes) -> Array:
        """The product entry by entry; a mask stands behind numbers and needs no type of theirs."""
        numbers = [o for o in operands if not o.mask]
        masks = [o for o in operands if o.mask]
        if not numbers:
            first, *masks = masks
            numbers = [Array(self.cast(first.code), first.axes)]
        if len(numbers) == 1 and not masks:
            (only,) = numbers
            return Array(self.permuted(only, out), out, view=only.view)
        return Array(f"({'*'.join(self.aligned(o, out) for o in (*numbers, *masks))})", out)

    def _reduced(self, operand: Array, others: Sequence[Array], out: Axes) -> Array:
        """The operand with the indices that only it carries summed away."""
        elsewhere = {i for o in others if o is not operand for i in o.axes} | set(out)
        kept = tuple(i for i in operand.axes if i in elsewhere)
        if len(others) == 1 or len(kept) == len(operand.axes):
            return operand
        return self._summed(operand, kept)

    def _summed(self, operand: Array, out: Axes) -> Array:
        """One operand summed to the indices of ``out``."""
        code = self.cast(operand.code) if operand.mask else bare(operand.code)
        away = tuple(n for n, i in enumerate(operand.axes) if i not in out)
        kept = tuple(i for i in operand.axes if i in out)
        if away:
            places = away[0] if len(away) == 1 else away
            code = self.dialect.sum.format(code, f", {places}" if kept else "")
        return Array(self.permuted(Array(code, kept), out), out)

    def _pair(self, a: Array, b: Array, out: Axes) -> Array:
        """Two operands, summed over what both have and ``out`` has not."""
        summed = tuple(i for i in a.axes if i in b.axes and i not in out)
        batch = tuple(i for i in a.axes if i in b.axes and i in out)
        left = tuple(i for i in a.axes if i not in b.axes)
        right = tuple(i for i in b.axes if i not in a.axes)
        if not summed:
            return self._entrywise([a, b], out)
        if not left and not right:
            return self._summed(self._entrywise([a, b], (*batch, *summed)), out)
        a, b = (Array(self.cast(o.code), o.axes) if o.mask else o for o in (a, b))
        if len(summed) == 1 and not batch and max(len(left), len(right)) == 1:
            if out == (*right, *left):
                a, b, left, right = b, a, right, left
            one, other = self.permuted(a, (*left, *summed)), self.permuted(b, (*summed, *right))
            whole = (one, other) if left and right else None
            return Array(f"({one} @ {other})", out, matrices=whole)
        letters = {i: chr(97 + n) for n, i in enumerate(distinct((*a.axes, *b.axes)))}
        groups = ("".join(letters[i] for i in axes) for axes in (a.axes, b.axes, out))
        spec = "{},{}->{}".format(*groups)
        arrays = f"{bare(a.code)}, {bare(b.code)}"
        return Array(self.dialect.einsum.format(spec, arrays), out)
