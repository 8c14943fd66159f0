"""Sums of a few products that are written out in the loop along the result.

    Σ_k a[n,k] b[k,j] + …  =  a[n,0] b[0,j] + a[n,1] b[1,j] + a[n,2] b[2,j] + …     for k < 3

So the terms of an equation are one loop, which writes each entry once; a product of matrices of
such a size spends its time on beginning and ending tiles.
"""

from __future__ import annotations

import itertools

import sympy as sp

from backproof.numerics.contraction_order import cost
from backproof.numerics.native.access import strides
from backproof.theory.equations import Contraction
from backproof.theory.notation import Affine, Entry

FEW = 4  # terms
LONG = 8  # entries at least of the loop


def is_short(term: Contraction, target: Entry) -> bool:
    """Whether a loop along the target may hold the whole sum: a few products, of known number, of
    entries that stay the same in it, or lie as the target does.
    """
    if not all(i.size.is_Integer for i in term.over) or cost(term.over) > FEW:
        return False
    along = [i for i, s in (strides(target) or {}).items() if s == 1 and i.size != 1]
    entries = [f for f in term.factors if isinstance(f, Entry)]
    if len(along) != 1 or cost(along) < LONG or len(entries) != len(term.factors):
        return False
    steps = [strides(e) for e in entries]
    return all(s is not None and s.get(along[0], 0) in (0, 1) for s in steps)


def written_out(term: Contraction) -> list[Contraction]:
    """Σ_k a[k] b[k] over a few known values as a[0] b[0] + a[1] b[1] + …

    >>> from backproof.theory.notation import Index, Tensor
    >>> k = Index("k", sp.Integer(2))
    >>> a, b = (Entry(Tensor(name, (k.size,)), (k,)) for name in "ab")
    >>> from backproof.theory.equations import Equation, Sum
    >>> from backproof.theory.printing.text import text
    >>> terms = written_out(Contraction(sp.S.One, (a, b), (k,)))
    >>> text(Equation(Tensor("t"), (), Sum(tuple(terms))))
    't = a[0] b[0] + a[1] b[1]'
    """
    values = itertools.product(*(range(int(i.size)) for i in term.over))
    places = ({i: Affine(sp.Integer(n)) for i, n in zip(term.over, v, strict=True)} for v in values)
    alone = Contraction(term.coefficient, term.factors)
    return [alone.renamed(place) for place in places]
