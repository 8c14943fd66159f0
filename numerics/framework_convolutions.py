"""Convolutions where an equation states one: a sum over windows of one factor times another.

    across   z[n,f,i] = Σ_c,u x[n,c, s i + d u] k[f,c,u]
    slopes   the same with the longer axis summed: a gradient by the filters
    back     y[n,c,j] = Σ_f,i,u z[n,f,i] k[f,c,u] δ[j, s i + d u]

A framework has operations for them that lay no windows out.  One index at most is that of the
batch, of the channels and of the filters; a factor may lack any.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.numerics.contraction_order import cost, weight
from backproof.numerics.framework_products import Axes, Products
from backproof.numerics.framework_views import Array, bare
from backproof.theory.notation import Affine, Delta, Entry, Factor, Index, Ones, indices_in
from backproof.theory.steps import Step

Pair = tuple[tuple[Index, sp.Expr], tuple[Index, sp.Expr]]  # where a window begins; in the window
Slot = Index | None


class Convolutions(Products):
    """Products of two factors, of which one is read in windows."""

    def convolved(self, factors: Sequence[Factor], out: Axes) -> Array | None:
        """The product summed to ``out`` as one convolution; `None` where it states none."""
        entries = [f for f in factors if isinstance(f, Entry)]
        deltas = [f for f in factors if isinstance(f, Delta)]
        rest = [f for f in factors if not isinstance(f, Entry | Delta | Ones)]
        if rest or len(entries) != 2 or any(e.tensor.dtype == "integer" for e in entries):
            return None
        for x, k in (entries, entries[::-1]):
            found = self._back(x, k, deltas, out) if deltas else self._across(x, k, out)
            if found is not None:
                before = " · ".join(bare(self.entry(e).code) for e in entries)
                because = "a sum over windows of one factor times the other"
                self.orders.steps.append(Step("convolution", before, found.code, because))
                return found
        return None

    def _across(self, x: Entry, k: Entry, out: Axes) -> Array | None:
        own = _plain(k)
        windows = [s for s in x.subscripts if isinstance(s, Affine) and s.terms]
        pairs = [_pair(s, [i for i in out if own and i not in own], own or ()) for s in windows]
        whole = [s for s in x.subscripts if isinstance(s, Index)]
        inner = {i for pair in pairs if pair for i, _ in pair}
        if own is None or None in pairs or len(inner) != 2 * len(pairs) or inner & {*whole}:
            return None
        paces: list[Pair] = [pair for pair in pairs if pair]
        roles = _roles(whole, [i for i in own if i not in inner], out)
        if roles is None or not 1 <= len(paces) <= 3:
            return None
        batch, channel, filters = roles
        image = self._image(x, paces)
        places, inside = ([pair[n][0] for pair in paces] for n in (0, 1))
        longer = cost(inside) > cost(places)
        steps, strides = (_tuple([pair[n][1] for pair in paces]) for n in (1, 0))
        if longer and self.dialect.slopes is not None:
            axes: list[Slot] = [filters, batch, *places]
            shape = self.shape(sp.S.One if i is None else i.size for i in axes)
            code = self.dialect.slopes.format(
                self._framed(image, [channel, batch, *self._axes(image, x)]),
                self._framed(self.entry(k), [channel, filters, *inside]),
                steps, strides, len(paces), shape,
            )  # fmt: skip
        elif self.dialect.across is not None:
            axes = [batch, filters, *places]
            code = self.dialect.across.format(
                self._framed(image, [batch, channel, *self._axes(image, x)]),
                self._framed(self.entry(k), [filters, channel, *inside]),
                strides, steps, len(paces),
            )  # fmt: skip
        else:
            return None
        return self._result(code, axes, out)

    def _back(self, z: Entry, k: Entry, deltas: Sequence[Delta], out: Axes) -> Array | None:
        values, own = _plain(z), _plain(k)
        if values is None or own is None or self.dialect.back is None:
            return None
        places: list[Index] = []
        paces: list[Pair] = []
        for delta in deltas:
            sides = ((delta.left, delta.right), (delta.right, delta.left))
            for index, place in sides:
                if isinstance(index, Index) and isinstance(place, Affine) and index in out:
                    pair = _pair(place, [i for i in values if i not in own], own)
                    if pair is None or index in (*values, *own, *places):
                        return None
                    (i, pace), (u, step) = pair
                    reach = pace * (i.size - 1) + step * (u.size - 1) + 1
                    if sp.expand(reach - index.size) != 0 or weight(u) < pace:
                        return None
                    places.append(index)
                    paces.append(pair)
        inner = [i for pair in paces for i, _ in pair]
        if len(paces) != len(deltas) or len(set(inner)) != len(inner) or len(paces) > 3:
            return None
        if {*inner} & {*out}:
            return None
        kept = [i for i in values if i not in inner]
        roles = _roles(kept, [i for i in own if i not in inner], out)
        if roles is None:
            return None
        batch, channel, filters = roles
        starts, inside = ([pair[n][0] for pair in paces] for n in (0, 1))
        strides, steps = (_tuple([pair[n][1] for pair in paces]) for n in (0, 1))
        code = self.dialect.back.format(
            self._framed(self.entry(z), [batch, channel, *starts]),
            self._framed(self.entry(k), [channel, filters, *inside]),
            strides, steps, len(paces),
        )  # fmt: skip
        return self._result(code, [batch, filters, *places], out)

    # arrays ----------------------------------------------------------------------------------

    def _image(self, x: Entry, paces: Sequence[Pair]) -> Array:
        """What is read in windows, with whole axes in their place as far as windows reach."""
        subscripts = list(x.subscripts)
        reaches: dict[Index, sp.Expr] = {}
        waiting = list(paces)
        for n, (subscript, size) in enumerate(zip(x.subscripts, x.tensor.shape, strict=True)):
            if isinstance(subscript, Affine) and subscript.terms:
                (i, pace), (u, step) = waiting.pop(0)
                whole = Index(f"{i.name}:{n}", size)
                reaches[whole] = sp.expand(pace * (i.size - 1) + step * (u.size - 1) + 1)
                subscripts[n] = whole
        found = self.entry(Entry(x.tensor, tuple(subscripts)))
        ends = [
            f":{self.size(reaches[i])}"
            if i in reaches and sp.expand(i.size - reaches[i]) != 0
            else ":"
            for i in found.axes
        ]
        cut = "" if all(e == ":" for e in ends) else f"[{', '.join(ends)}]"
        return Array(found.code + cut, found.axes)

    @staticmethod
    def _axes(image: Array, x: Entry) -> list[Index]:
        """The axes of an image that windows are read from."""
        return [i for i in image.axes if i not in x.subscripts]

    def _framed(self, array: Array, axes: Sequence[Slot]) -> str:
        """The array with these axes, one of size 1 where there is none."""
        code = self.permuted(array, [i for i in axes if i is not None])
        if None in axes:
            code += f"[{', '.join('None' if i is None else ':' for i in axes)}]"
        return bare(code)

    def _result(self, code: str, axes: Sequence[Slot], out: Axes) -> Array:
        """What an operation makes, without the axes of size 1 that stand for nothing."""
        if None in axes:
            code += f"[{', '.join('0' if i is None else ':' for i in axes)}]"
        found = Array(code, tuple(i for i in axes if i is not None))
        return Array(self.permuted(found, out), out)


def _plain(entry: Entry) -> list[Index] | None:
    """The indices of an entry without windows, no two the same."""
    found = [s for s in entry.subscripts if not (isinstance(s, Affine) and not s.terms)]
    indices = [s for s in found if isinstance(s, Index)]
    return indices if len(indices) == len(found) == len(set(found)) else None


def _pair(place: Affine, starts: Sequence[Index], inside: Sequence[Index]) -> Pair | None:
    """``s i + d u`` with i of the one kind and u of the other, s and d whole and positive."""
    terms = [(i, c) for i, c in place.terms if isinstance(i, Index) and c.is_Integer and c > 0]
    if place.offset != 0 or len(terms) != 2 or len(place.terms) != 2:
        return None
    for one, other in (terms, terms[::-1]):
        if one[0] in starts and other[0] in inside and other[0] not in starts:
            return one, other
    return None


def _roles(
    whole: Sequence[Index], own: Sequence[Index], out: Axes
) -> tuple[Slot, Slot, Slot] | None:
    """The batch, the channels that both have and sum, the filters; `None` for any other index."""
    batch = [i for i in whole if i not in own]
    both = [i for i in whole if i in own]
    filters = [i for i in own if i not in whole]
    kept = {*batch, *filters} <= {*out} and not {*both} & {*out}
    if not kept or max(map(len, (batch, both, filters))) > 1:
        return None
    first = (batch, both, filters)
    return tuple(found[0] if found else None for found in first)  # type: ignore[return-value]


def _tuple(numbers: Sequence[sp.Expr]) -> str:
    inner = ", ".join(map(str, numbers))
    return f"({inner},)" if len(numbers) == 1 else f"({inner})"


def carried(factors: Sequence[Factor]) -> set[Index]:
    """The indices of all factors but ones."""
    return {i for f in factors if not isinstance(f, Ones) for i in indices_in(f)}
