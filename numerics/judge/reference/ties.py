"""Extremes that are shared among tied entries: a position as a sum over the shares.

    f[…, a[i], …]   becomes   Σ_k share[i,k] f[…, k, …],      a[i] = argmax_k m[i,k]

so that windows (``h = 2q + a[q]``) and maxima of maxima (``b[q, a[q]]``) are shared too.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.notation import Entry, Index, Tensor
from backproof.theory.rewriting.entries import with_entries

SHARE = "share of "  # before the name of a position: an array with an axis of shares


def with_shares(term: Contraction, shares: Mapping[str, tuple[int, ...]]) -> Contraction:
    """The term with each position that is shared summed over its shares.

    ``shares`` are the shapes of the arrays of shares, by the names of the positions.
    """
    known: dict[Entry, Index] = {}
    fresh = count()

    def replaced(entry: Entry) -> Any:
        shape = shares.get(entry.tensor.name)
        if shape is None:
            return entry
        if entry not in known:
            known[entry] = Index(f"k~tie{next(fresh)}", sp.Integer(shape[-1]))
        return known[entry]

    (new,) = with_entries(Sum((term,)), replaced).terms  # type: ignore[union-attr]
    weights = tuple(
        Entry(_share(entry.tensor, shares[entry.tensor.name]), (*entry.subscripts, index))
        for entry, index in known.items()
    )
    return Contraction(new.coefficient, (*new.factors, *weights), (*new.over, *known.values()))


def _share(position: Tensor, shape: tuple[int, ...]) -> Tensor:
    return Tensor(f"{SHARE}{position.name}", tuple(sp.Integer(n) for n in shape))
