"""What the terms of a sum share, written once.

    B[i,j] x[j] + B[j,i] x[j]  =  (B[i,j] + B[j,i]) x[j]        a/N + b/N  =  (a + b)/N

A common coefficient and a common Σ are taken out of every sum; common factors only out of derived
equations, since a stated one is printed as it was stated.  Nothing but distributivity is used.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.maps import split_map
from backproof.theory.notation import Delta, Entry, Index, Map
from backproof.theory.printing.products import COTANGENT, Group, Piece, Product, product_of
from backproof.theory.printing.recognition import Context


def products_of(
    total: Sum, derived: bool, context: Context, gather: bool = False
) -> tuple[Product, ...]:
    """The terms in reading order, with what they share written once.

    With ``gather`` deltas are solved: what is summed to a place is read from it.
    """
    terms = _aligned(total.terms) if derived and total.terms else total.terms
    products = tuple(product_of(term, derived, context, gather) for term in terms)
    if len(set(products)) < len(products):  # not merged yet: that is what a step wants to show
        return products
    if derived:
        products = _joined_by_sums(products, context)
        products = _joined_alike(products, context)
    return _grouped(products, derived, context) if len(products) > 1 else products


def _equal_ones_added(products: tuple[Product, ...]) -> tuple[Product, ...]:
    """Terms with the same pieces as one term."""
    coefficients: dict[tuple[object, ...], sp.Expr] = {}
    for p in products:
        key = (p.over, frozenset((q.base, q.exponent) for q in p.pieces))
        coefficients[key] = coefficients.get(key, sp.S.Zero) + p.coefficient
    merged = []
    for p in products:
        key = (p.over, frozenset((q.base, q.exponent) for q in p.pieces))
        coefficient = coefficients.pop(key, sp.S.Zero)
        if coefficient != 0:
            merged.append(replace(p, coefficient=coefficient))
    return tuple(merged)


def _aligned(terms: tuple[Contraction, ...]) -> tuple[Contraction, ...]:
    """The summed indices of all terms called alike, where that shows a common factor."""
    first, *rest = terms
    aligned = [first]
    for term in rest:
        best, most = term, 0
        if term.over and sorted(map(str, _sizes(term))) == sorted(map(str, _sizes(first))):
            for order in itertools.permutations(first.over):
                if all(i.size == j.size for i, j in zip(term.over, order, strict=True)):
                    renamed = term.renamed(dict(zip(term.over, order, strict=True)))
                    shared = len(set(renamed.factors) & set(first.factors))
                    if shared > most:
                        best, most = renamed, shared
        aligned.append(best)
    return tuple(aligned)


def _sizes(term: Contraction) -> tuple[sp.Expr, ...]:
    return tuple(i.size for i in term.over)


def _joined_by_sums(products: tuple[Product, ...], context: Context) -> tuple[Product, ...]:
    """Terms whose sums run over a common factor together: (B + Bᵀ) x and the rest."""
    waiting, done = list(products), []
    while waiting:
        mates = [waiting.pop(0)]
        for other in list(waiting):
            together = (*mates, other)
            alike = mates[0].over and other.over == mates[0].over
            scale = _common_coefficient(together)
            sized = scale != 1 or all(abs(p.coefficient) == 1 for p in together)
            if alike and sized and _summed_in_common(together):
                waiting.remove(other)
                mates.append(other)
        if len(mates) > 1:
            common = _common_pieces(tuple(mates))
            done.append(_factored(tuple(mates), common, mates[0].over, context))
        else:
            done += mates
    return tuple(done)


def _joined_alike(products: tuple[Product, ...], context: Context) -> tuple[Product, ...]:
    """Some of the terms in a bracket: those of one diagonal, a matrix and its transpose.

    δ[i,j] a[i] + δ[i,j] b[i] = δ[i,j] (a[i] + b[i])        c A[i,j] + c A[j,i] = c (A + Aᵀ)[i,j]
    """
    waiting, done = list(products), []
    while waiting:
        first = waiting.pop(0)
        mates = [first, *(p for p in waiting if _alike(first, p))]
        if 1 < len(mates) < len(products):
            waiting = [p for p in waiting if p not in mates]
            common = _common_pieces(tuple(mates))
            done.append(_factored(tuple(mates), common, (), context))
        else:
            done.append(first)
    return tuple(done)


def _alike(one: Product, other: Product) -> bool:
    """Whether two terms without sums share their diagonal, or are c A and c Aᵀ."""
    if one.over or other.over:
        return False
    deltas = {p.base for p in one.pieces if isinstance(p.base, Delta)}
    if deltas:
        return deltas == {p.base for p in other.pieces if isinstance(p.base, Delta)}
    common = _common_pieces((one, other))
    rests = [_without(p.pieces, common) for p in (one, other)]
    if one.coefficient != other.coefficient or not all(len(r) == 1 for r in rests):
        return False
    a, b = (r[0].base for r in rests)
    if not (isinstance(a, Entry) and isinstance(b, Entry) and a.tensor == b.tensor):
        return False
    return len(a.subscripts) == 2 and a.subscripts == b.subscripts[::-1]


def _grouped(products: tuple[Product, ...], derived: bool, context: Context) -> tuple[Product, ...]:
    """Common coefficient, common pieces and common sum in front of one bracket."""
    common = _common_pieces(products) if derived else ()
    together = len({p.over for p in products}) == 1
    summed = {i for p in products for i in p.over}
    if not together or not _summed_in_common(products):
        common = tuple(p for p in common if not p.indices & summed)
    split = any(p.indices & summed for p in common)
    over = products[0].over if together and (split or _entrywise(products, common)) else ()
    if _common_coefficient(products) == 1 and not common and not over:
        return products
    return (_factored(products, common, over, context),)


def _factored(
    products: tuple[Product, ...],
    common: tuple[Piece, ...],
    over: tuple[Index, ...],
    context: Context,
) -> Product:
    """The common pieces times a bracket; negative as a whole when every term is."""
    scale = _common_coefficient(products)
    if scale == 1 and all(p.negative for p in products):
        scale = -scale
    kept = _equal_ones_added(
        tuple(
            part
            for p in products
            for part in _split(
                Product(p.coefficient / scale, () if over else p.over, _without(p.pieces, common)),
                context,
            )
        )
    )
    slopes = any(isinstance(p.base, Map) for product in kept for p in product.pieces)
    names = {_name(p) for product in kept for p in product.pieces} - {""}
    after = [
        p
        for p in common
        if (p.indices & set(over) or (slopes and p.rank >= COTANGENT)) and _name(p) not in names
    ]
    before = [p for p in common if p not in after]
    order = list(dict.fromkeys(map(_name, after)))
    after.sort(key=lambda p: order.index(_name(p)))
    return Product(scale, over, (*before, Piece(Group(kept)), *after))


def _name(piece: Piece) -> str:
    """The tensor of a piece that is an entry."""
    return piece.base.tensor.name if isinstance(piece.base, Entry) else ""


def _split(product: Product, context: Context) -> tuple[Product, ...]:
    """A product that is one map of a sum, as its terms."""
    if len(product.pieces) != 1 or product.over or product.pieces[0].exponent != 1:
        return (product,)
    (piece,) = product.pieces
    if not isinstance(piece.base, Map):
        return (product,)
    terms = split_map(Contraction(product.coefficient, (piece.base,)))
    return tuple(product_of(term, True, context) for term in terms)


def _summed_in_common(products: tuple[Product, ...]) -> bool:
    """Whether the common pieces carry every summed index, and what is left is one matrix each.

    Deltas may be left as well: they say where a window lies.
    """
    common = _common_pieces(products)
    summed = {i for p in products for i in p.over}
    carried = {i for p in common for i in p.indices}
    rest = [
        {i for q in _without(p.pieces, common) if not isinstance(q.base, Delta) for i in q.indices}
        for p in products
    ]
    return summed <= carried and all(len(indices) <= 2 for indices in rest)


def _common_coefficient(products: tuple[Product, ...]) -> sp.Expr:
    """The coefficient that all terms share up to sign; 1 when they do not."""
    first = products[0].coefficient
    if any(p.coefficient not in (first, -first) for p in products):
        first = first.as_coeff_Mul()[0]
        numbers = [p.coefficient.as_coeff_Mul()[0] for p in products]
        plain = all(_only_sizes(p.coefficient / n) for p, n in zip(products, numbers, strict=True))
        if not plain or any(number not in (first, -first) for number in numbers):
            return sp.S.One
    size = -first if products[0].negative else first
    if size == 1:
        return size
    return -size if all(p.negative for p in products) else size


def _only_sizes(share: sp.Expr) -> bool:
    """Whether no number is left in a coefficient beside its rational one: n, 1/n, and not √2."""
    return not any(a.is_number and not a.is_Rational for a in sp.preorder_traversal(share))


def _common_pieces(products: tuple[Product, ...]) -> tuple[Piece, ...]:
    """Pieces that occur in every product, each to the lowest power."""
    common = []
    for piece in products[0].pieces:
        same = [_match(piece, p) for p in products]
        if all(s is not None for s in same):
            lowest = min((s.exponent for s in same if s is not None), key=abs)
            common.append(replace(piece, exponent=lowest))
    return tuple(common)


def _match(piece: Piece, product: Product) -> Piece | None:
    for other in product.pieces:
        numbers = other.exponent == piece.exponent or (
            other.exponent.is_Integer and piece.exponent.is_Integer
        )
        if other.base == piece.base and other.below == piece.below and numbers:
            return other
    return None


def _without(pieces: tuple[Piece, ...], common: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces divided by the common ones."""
    taken = {(c.base, c.below): c.exponent for c in common}
    rest = (replace(p, exponent=p.exponent - taken.get((p.base, p.below), 0)) for p in pieces)
    return tuple(p for p in rest if p.exponent != 0)


def _entrywise(products: tuple[Product, ...], common: tuple[Piece, ...]) -> bool:
    """Whether one Σ over everything reads well: no term is a matrix product."""
    return all(
        len({p.indices & set(product.over) for p in _without(product.inside, common)}) <= 1
        and len({p.indices for p in _without(product.inside, common)}) <= 1
        for product in products
    )
