"""Products as a reader meets them: sign, numbers, what stands before Σ, what stands behind it.

A contraction is a bag of factors.  Here it is put in the order in which a book writes it
(numbers and sizes, scalars, the local derivative, the cotangent, the data), and maps are taken
apart into the parts of a product (``h (1 - h)``, numerators, denominators).  Every rewriting is an
identity of commutative multiplication.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.gathers import Within, gathered
from backproof.theory.maps import make_map
from backproof.theory.notation import Delta, Entry, Factor, Index, Map, Ones, indices_in, slot
from backproof.theory.printing.recognition import Context, Softmax, spelled
from backproof.theory.printing.scalar_order import complexity, whole_content

SCALAR, LOCAL, DELTA, COTANGENT, DATA, _DATA_MAPS, RANGE = range(7)


@dataclass(frozen=True)
class Piece:
    """``base ** exponent`` in a product; a `Group` is a sum in brackets."""

    base: Base
    exponent: sp.Expr = sp.S.One
    rank: int = DATA

    @property
    def below(self) -> bool:
        """Whether the piece belongs into a denominator."""
        return bool(self.exponent.is_negative)

    @property
    def indices(self) -> frozenset[Index]:
        """The indices that the piece carries."""
        return carried(self.base)


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
    """A sum of products in brackets; ``axes`` are in the order of the name it stands for."""

    products: tuple[Product, ...]
    axes: tuple[Index, ...] = ()


Argument = Entry | Group | Softmax


@dataclass(frozen=True)
class Applied:
    """A `Map` some of whose arguments are written out."""

    expression: sp.Expr
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Reduced:
    """A `Reduction` written where its name would stand."""

    kind: str
    operand: Argument
    over: tuple[Index, ...]


@dataclass(frozen=True)
class FunctionOf:
    """A `MatrixValue` written where its name would stand."""

    function: str
    operand: Argument
    over: tuple[Index, Index]
    out: tuple[Index, ...]


Base = Entry | Delta | Map | Softmax | Group | Applied | Reduced | FunctionOf | Within


def carried(base: Base) -> frozenset[Index]:
    """The indices that stand free in a piece."""
    match base:
        case Group(products):
            return frozenset(i for p in products for i in p.free)
        case Applied(_, arguments):
            return frozenset(i for a in arguments for i in carried(a))
        case Softmax(logit):
            return carried(logit)
        case Within(place):
            return frozenset(indices_in(place))
        case Reduced(_, operand, over):
            return carried(operand) - frozenset(over)
        case FunctionOf(_, operand, over, out):
            return carried(operand) - frozenset(over) | frozenset(out)
    return frozenset(indices_in(base))


def separate_sums(product: Product) -> tuple[Product, ...]:
    """The sums that have no index in common: Σ_ij x_i² y_j² = (Σ_i x_i²) (Σ_j y_j²)."""
    parts: list[tuple[set[Index], list[Piece]]] = []
    for piece in product.inside:
        summed = set(piece.indices & set(product.over))
        joined = [part for part in parts if part[0] & summed]
        pieces = [p for part in joined for p in part[1]] + [piece]
        parts = [part for part in parts if part not in joined]
        parts.append((summed.union(*(part[0] for part in joined)), pieces))
    return tuple(
        Product(
            sp.S.One,
            tuple(i for i in product.over if i in indices),
            tuple(p for p in product.pieces if p in pieces),
        )
        for indices, pieces in parts
    )


# one contraction ---------------------------------------------------------------------------


def product_of(term: Contraction, derived: bool, context: Context, gather: bool = False) -> Product:
    """The contraction taken apart and put in reading order; a softmax in it by its name.

    With ``gather`` its deltas are solved, and the ranges that this leaves are pieces.
    """
    term, ranges = gathered(term) if gather else (term, ())
    coefficient, pieces = term.coefficient, [Piece(within, rank=RANGE) for within in ranges]
    for factor in term.factors:
        number, parts = _parts(factor, derived, context)
        coefficient *= number
        pieces += parts
    coefficient, pieces = _signs(coefficient, _merged(pieces))
    over = tuple(sorted(term.over, key=lambda i: i.name))
    return Product(coefficient, over, tuple(sorted(pieces, key=lambda p: p.rank)))


def _parts(factor: Factor, derived: bool, context: Context) -> tuple[sp.Expr, list[Piece]]:
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
    rank = SCALAR if scalar else LOCAL if derived else _DATA_MAPS
    parts = sorted(sp.Mul.make_args(product), key=complexity)
    pieces = []
    for part in (p for p in parts if p != 1):
        known = context.exponential(part, factor.arguments) if isinstance(part, sp.exp) else None
        if known is not None:
            pieces.append(Piece(known, rank=rank if isinstance(known, Softmax) else DATA))
            continue
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
