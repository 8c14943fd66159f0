"""Scaled dot-product self-attention with several heads."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage, entry_of, last_axes, total
from backproof.theory.normal import scaled
from backproof.theory.notation import Entry, Index, fresh, rename_entry
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class SelfAttention(Layer):
    """Each position as a mixture of all positions, with weights from products of queries and keys.

        q[n,h,i,e] = Σ_d x[n,i,d] Wq[h,d,e]      (k and v likewise, by Wk and Wv)
        s[n,h,i,j] = Σ_e q[n,h,i,e] k[n,h,j,e] / √e      a = softmax_j s
        z[n,i,d] = Σ_h,e o[n,h,i,e] Wo[h,e,d]      o[n,h,i,e] = Σ_j a[n,h,i,j] v[n,h,j,e]

    Shapes: (…, L, d) → (…, L, d); ``Wq``, ``Wk``, ``Wv`` are (heads, d, width), ``Wo`` is
    (heads, width, d).  The width is d/heads unless given.  Raises `BackproofError` where d/heads
    is no whole number.

    Reference: A. Vaswani et al., Attention is all you need (arXiv:1706.03762), section 3.2.

    >>> SelfAttention(heads=2).parameters("N L 6")["Wq1"], SelfAttention().shape("N L d")
    ((2, 6, 3), (N, L, d))
    """

    heads: int | str = 1
    width: int | str | None = None

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The number of heads and their width."""
        given = (self.heads, *([] if self.width is None else [self.width]))
        return tuple(read_size(str(s)) for s in given)

    def state(self, stage: Stage, h: Value) -> Value:
        i, d = last_axes("SelfAttention", h, 2, "an axis of positions and one of features")
        front = h.indices[:-2]
        size = self.extents[1] if self.width is not None else d.size / self.extents[0]
        if not size.is_integer:
            found = f"{d.size} features for {self.heads} heads"
            move = "pass width=, or write the features as a multiple of the heads"
            raise BackproofError("SelfAttention", found, "a whole width", move)
        head, e = stage.axis(self.extents[0]), stage.axis(size)
        x = entry_of(h)

        def projected(weights: str, symbol: str) -> Value:
            weight = stage.parameter(weights, head, d, e)
            return stage.bind(total((*front, head, i, e), ((d,), (x, weight))), symbol)

        q, k, v = (projected(f"W{symbol}", symbol) for symbol in "qkv")
        j = fresh(Index("j", i.size))
        keys, values = (rename_entry(entry_of(u), {i: j}) for u in (k, v))
        scores = total((*front, head, i, j), ((e,), (entry_of(q), keys)))
        s = stage.bind(Value(scores.axes, scaled(scores.rhs, 1 / sp.sqrt(size))), "s")
        L = stage.statement.reduce("logsumexp", s, (j,), f"L{stage.number}")
        top = total((*front, head, i, None), ((), (L,)))
        a = stage.bind(stage.statement.elementwise(lambda z, m: sp.exp(z - m), s, top), "a")
        weights = Entry(entry_of(a).tensor, (*front, head, i, j))
        o = stage.bind(total((*front, head, i, e), ((j,), (weights, values))), "o")
        back = stage.parameter("Wo", head, e, d)
        z = total((*front, i, d), ((head, e), (entry_of(o), back)))
        return stage.bind(z, "z")
