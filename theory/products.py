"""Products as a reader meets them: sign, numbers, what stands before Σ, what stands behind it.

A contraction is a bag of factors.  Here it is put in the order in which a book writes it
(numbers and sizes, scalars, the local derivative, the cotangent, the data), maps are taken apart
into the parts of a product (``h (1 - h)``, numerators, denominators), and in derived equations
what all terms share is written once:

    B[i,j] x[j] + B[j,i] x[j]  =  (B[i,j] + B[j,i]) x[j]

Every rewriting here is an identity of commutative multiplication and linear sums, nothing else.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.maps import make_map
from backproof.theory.notation import Delta, Entry, Factor, Index, Map, Ones, indices_in, slot
from backproof.theory.recognition import spelled

SCALAR, LOCAL, DELTA, COTANGENT, DATA = range(5)


@dataclass(frozen=True)
class Piece:
    """``base ** exponent`` in a product; a `Group` is a sum in brackets."""

    base: Entry | Delta | Map | Group
    exponent: sp.Expr = sp.S.One
    rank: int = DATA

    @property
    def below(self) -> bool:
        """Whether the piece belongs into a denominator."""
        return bool(self.exponent.is_negative)

    @property
    def indices(self) -> frozenset[Index]:
        """The indices that the piece carries."""
        if isinstance(self.base, Group):
            return frozenset(i for p in self.base.products for i in p.free)
        return frozenset(indices_in(self.base))


@dataclass(frozen=True)
class Product:
    """``coefficient · Σ_over Π pieces``."""

    coefficient: sp.Expr
    over: tuple[Index, ...]
    pieces: tuple[Piece, ...]

    @property
    def free(self) -> frozenset[Index]:
        """The indices that are carried and not summed."""
        return frozenset(i for p in self.pieces for i in p.indices) - frozenset(self.over)

    @property
    def negative(self) -> bool:
        """Whether the product is printed with a minus sign."""
        return bool(self.coefficient.as_coeff_Mul()[0].is_negative)

    @property
    def outside(self) -> tuple[Piece, ...]:
        """The pieces that the sum does not touch."""
        return tuple(p for p in self.pieces if not p.indices & set(self.over))

    @property
    def inside(self) -> tuple[Piece, ...]:
        """The pieces that are summed."""
        return tuple(p for p in self.pieces if p.indices & set(self.over))


@dataclass(frozen=True)
class Group:
    """A sum of products in brackets."""

    products: tuple[Product, ...]


# one contraction ---------------------------------------------------------------------------


def product_of(term: Contraction, derived: bool) -> Product:
    """The contraction taken apart and put in reading order."""
    coefficient, pieces = term.coefficient, []
    for factor in term.factors:
        number, parts = _parts(factor, derived)
        coefficient *= number
        pieces += parts
    coefficient, pieces = _signs(coefficient, _merged(pieces))
    over = tuple(sorted(term.over, key=lambda i: i.name))
    return Product(coefficient, over, tuple(sorted(pieces, key=lambda p: p.rank)))


def _parts(factor: Factor, derived: bool) -> tuple[sp.Expr, list[Piece]]:
    """The number and the pieces of a factor; all pieces of one map have one rank."""
    if isinstance(factor, Ones):
        return sp.S.One, []
    if isinstance(factor, Delta):
        return sp.S.One, [Piece(factor, rank=DELTA if derived else DATA)]
    if isinstance(factor, Entry):
        return sp.S.One, [Piece(factor, rank=_rank(factor, derived))]
    entry_of = {slot(n): entry for n, entry in enumerate(factor.arguments)}
    number, product = spelled(factor.expression).as_independent(*entry_of, as_Add=False)
    scalar = not any(entry.subscripts for entry in factor.arguments)
    rank = SCALAR if scalar else LOCAL if derived else DATA + 1
    parts = sorted(sp.Mul.make_args(product), key=complexity)
    pieces = []
    for part in (p for p in parts if p != 1):
        base, exponent = part.as_base_exp() if isinstance(part, sp.Pow) else (part, sp.S.One)
        if base.is_Add and exponent.is_Integer:
            content, base = whole_content(base)
            number, part = number * content**exponent, base**exponent
        whole = base in entry_of and exponent.is_Integer
        if not (exponent.is_negative or whole):
            base, exponent = part, sp.S.One
        shown = entry_of[base] if base in entry_of else make_map(base, entry_of)
        pieces.append(Piece(shown, exponent, rank))
    return number, pieces


def _rank(entry: Entry, derived: bool) -> int:
    if not entry.subscripts:
        return SCALAR
    return COTANGENT if derived and entry.tensor.cotangent_of is not None else DATA


def whole_content(total: sp.Add) -> tuple[sp.Expr, sp.Expr]:
    """A number out of a sum where that leaves no other: 2 (1 - h**2), (1 + erf(x)) / 2.

    >>> x, d = sp.symbols("x d")
    >>> whole_content(2 - 2 * x), whole_content(x / 2 + 1 / sp.S(2)), whole_content(x - d / 2)
    ((2, 1 - x), (1/2, x + 1), (1, -d/2 + x))
    """
    content, rest = total.primitive()
    plain = all(abs(a.as_coeff_Mul()[0]) == 1 for a in rest.args)
    return (content, rest) if content.is_Integer or plain else (sp.S.One, total)


def complexity(part: sp.Expr) -> int:
    """Entries, their sums, functions, sums of functions: ``(1 - y) log(h)``, ``σ(z) (1 - σ(z))``."""
    base = part.base if isinstance(part, sp.Pow) else part
    if base.is_Symbol:
        return 0
    if base.is_Add:
        return 1 if base.is_polynomial() else 3
    return 2


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Equal bases above the line become one power; those below the line another."""
    merged: dict[tuple[object, bool], Piece] = {}
    for piece in pieces:
        key = (piece.base, piece.below)
        if key in merged:
            old = merged[key]
            merged[key] = Piece(old.base, old.exponent + piece.exponent, min(old.rank, piece.rank))
        else:
            merged[key] = piece
    return list(merged.values())


def _signs(coefficient: sp.Expr, pieces: list[Piece]) -> tuple[sp.Expr, list[Piece]]:
    """Signs moved between the coefficient and brackets: ``-(h**2 - 1)`` is ``1 - h**2``."""
    ugly = [n for n, p in enumerate(pieces) if _turnable(p) and _number(p).is_negative]
    first: list[int] = []
    if coefficient.as_coeff_Mul()[0].is_negative:
        even = [n for n, p in enumerate(pieces) if _turnable(p) and _number(p) == 0]
        first = (ugly or [n for n in even if _reads_better_turned(pieces[n])])[:1]
    rest = [n for n in ugly if n not in first]
    turned = first + rest[: 2 * (len(rest) // 2)]
    for n in turned:
        base = pieces[n].base
        assert isinstance(base, Map)
        pieces[n] = replace(pieces[n], base=Map(-base.expression, base.arguments))
    return coefficient * (-1) ** len(turned), pieces


def _turnable(piece: Piece) -> bool:
    """Whether the piece is a sum to an odd power."""
    odd = piece.exponent.is_Integer and piece.exponent % 2 == 1
    return bool(odd) and isinstance(piece.base, Map) and isinstance(piece.base.expression, sp.Add)


def _number(piece: Piece) -> sp.Expr:
    assert isinstance(piece.base, Map)
    return piece.base.expression.as_coeff_Add()[0]


def _reads_better_turned(piece: Piece) -> bool:
    """Whether ``b - a`` may stand for ``-(a - b)``: never ``m - x[i]`` for ``-(x[i] - m)``."""
    assert isinstance(piece.base, Map)
    depth = {True: -1, False: -1}
    for term in piece.base.expression.args:
        negative = bool(term.as_coeff_Mul()[0].is_negative)
        entries = [a for n, a in enumerate(piece.base.arguments) if slot(n) in term.free_symbols]
        depth[negative] = max([depth[negative], *(len(e.subscripts) for e in entries)])
    return depth[True] >= depth[False] and depth[True] >= 0


# sums of contractions ----------------------------------------------------------------------


def products_of(total: Sum, derived: bool) -> tuple[Product, ...]:
    """The terms in reading order, with what they share written once."""
    terms = _aligned(total.terms) if derived else total.terms
    products = tuple(product_of(term, derived) for term in terms)
    return _grouped(products, derived) if len(products) > 1 else products


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


def _grouped(products: tuple[Product, ...], derived: bool) -> tuple[Product, ...]:
    """Common coefficient, common pieces and common sum in front of one bracket."""
    scale = _common_coefficient(products)
    negative = all(p.negative for p in products)
    common = _common_pieces(products) if derived else ()
    together = len({p.over for p in products}) == 1
    summed = {i for p in products for i in p.over}
    if not together or not _readable(products, common, summed):
        common = tuple(p for p in common if not p.indices & summed)
    split = any(p.indices & summed for p in common)
    over = products[0].over if together and (split or _entrywise(products, common)) else ()
    if scale in (1, -1) and not common and not over:
        return products
    scale = -1 * scale if negative and scale == 1 else scale
    kept = tuple(
        Product(p.coefficient / scale, () if over else p.over, _without(p.pieces, common))
        for p in products
    )
    slopes = any(isinstance(p.base, Map) for product in kept for p in product.pieces)
    after = [p for p in common if p.indices & set(over) or (slopes and p.rank >= COTANGENT)]
    before = [p for p in common if p not in after]
    return (Product(scale, over, (*before, Piece(Group(kept)), *after)),)


def _readable(products: tuple[Product, ...], common: tuple[Piece, ...], summed: set[Index]) -> bool:
    """Whether what is left of each term is one matrix, joined to the common pieces by the sum."""
    joined = {i for p in common for i in p.indices}
    rest = [_without(p.pieces, common) for p in products]
    return summed <= joined and all(len({i for p in r for i in p.indices}) <= 2 for r in rest)


def _common_coefficient(products: tuple[Product, ...]) -> sp.Expr:
    """The coefficient that all terms share up to sign; 1 when they do not."""
    first = products[0].coefficient
    if any(p.coefficient not in (first, -first) for p in products):
        return sp.S.One
    size = -first if products[0].negative else first
    if size == 1:
        return size
    return -size if all(p.negative for p in products) else size


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
