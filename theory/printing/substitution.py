"""Names written out: a definition in the place of the name that stands for it.

    dW[j,l] = Σ_i dZ[i,l] X[i,j],  dZ = (p − Y)/n,  p = softmax Z,  Z = X W
    dW[j,l] = Σ_i (softmax_l(Σ_q X[i,q] W[q,l]) − Y[i,l]) X[i,j] / n

Nothing is multiplied out: a definition that is one product becomes part of the product around it,
any other stands in brackets or as the argument of a function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import sympy as sp

from backproof.theory.equations import Equation, MatrixValue, Reduction, RightHandSide
from backproof.theory.gathers import Within
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Map,
    Subscript,
    entries_in,
    fresh,
    indices_in,
    slot,
)
from backproof.theory.printing.grouping import products_of
from backproof.theory.printing.products import (
    Applied,
    Argument,
    Base,
    FunctionOf,
    Group,
    Piece,
    Product,
    Reduced,
    product_of,
)
from backproof.theory.printing.recognition import Context, Softmax


class Substitution:
    """Writes out the names of ``written`` wherever they stand.

    ``grouped`` writes what the terms of a sum share once, where the printer does.
    """

    def __init__(
        self,
        written: Mapping[str, Equation],
        equations: Iterable[Equation],
        grouped: bool = True,
    ) -> None:
        self._written, self._grouped = written, grouped
        self._context = Context(tuple(equations), unnamed=frozenset(written))

    def products(self, equation: Equation) -> tuple[Product, ...]:
        """The right-hand side in reading order, every name in it written out."""
        return self._right(equation, equation.rhs)

    def _right(self, equation: Equation, rhs: RightHandSide) -> tuple[Product, ...]:
        outer, self._context.current = self._context.current, equation.tensor.name
        try:
            if isinstance(rhs, Reduction):
                return _only(Reduced(rhs.kind, self.argument(rhs.operand), rhs.over))
            if isinstance(rhs, MatrixValue):
                operand = self.argument(rhs.operand)
                return _only(FunctionOf(rhs.function, operand, rhs.over, rhs.out))
            derived = equation.tensor.cotangent_of is not None
            if self._grouped:
                stated = products_of(rhs, derived, self._context)
            else:
                stated = tuple(product_of(term, derived, self._context) for term in rhs.terms)
            return tuple(part for product in stated for part in self._product(product))
        finally:
            self._context.current = outer

    def _definition(self, entry: Entry) -> tuple[Product, ...]:
        """What an entry stands for, on its own subscripts and with dummies of its own."""
        equation = self._written[entry.tensor.name]
        new: dict[Index, Subscript] = dict(zip(equation.indices, entry.subscripts, strict=True))
        rhs = equation.rhs
        if isinstance(rhs, Reduction | MatrixValue):
            return self._right(equation, rhs.renamed({**{i: fresh(i) for i in rhs.over}, **new}))
        terms = tuple(t.renamed({i: fresh(i) for i in t.over}) for t in rhs.terms)
        return self._right(equation, replace(rhs, terms=terms).renamed(new))

    def argument(self, entry: Argument) -> Argument:
        """An entry, or what it stands for on the axes of its name."""
        if isinstance(entry, Group):
            return self._group(entry)
        if isinstance(entry, Softmax):
            return Softmax(self._plain(entry.logit), entry.over)
        return self._plain(entry)

    def _plain(self, entry: Entry | Group) -> Entry | Group:
        if isinstance(entry, Group) or entry.tensor.name not in self._written:
            return entry
        axes = tuple(s for s in entry.subscripts if isinstance(s, Index))
        return Group(self._definition(entry), axes)

    def _group(self, group: Group) -> Group:
        found = tuple(part for product in group.products for part in self._product(product))
        return replace(group, products=found)

    def _product(self, product: Product) -> tuple[Product, ...]:
        """One product with its names written out; a name alone may become several."""
        if len(product.pieces) == 1 and not product.over:
            (piece,) = product.pieces
            if isinstance(piece.base, Entry) and self._known(piece.base) and piece.exponent == 1:
                found = self._definition(piece.base)
                return tuple(
                    replace(p, coefficient=product.coefficient * p.coefficient) for p in found
                )
        coefficient, over = product.coefficient, product.over
        pieces: list[Piece] = []
        for piece in product.pieces:
            inner = self._inner(piece)
            coefficient *= inner.coefficient
            over += inner.over
            pieces += inner.pieces
        return (Product(coefficient, over, tuple(sorted(pieces, key=lambda p: p.rank))),)

    def _inner(self, piece: Piece) -> Product:
        """A piece as the product that it stands for."""
        if not self._known(piece.base):
            return Product(sp.S.One, (), (replace(piece, base=self._base(piece.base)),))
        assert isinstance(piece.base, Entry)
        found, power = self._definition(piece.base), piece.exponent
        if len(found) == 1 and (power == 1 or not (found[0].over or found[0].coefficient != 1)):
            (one,) = found
            parts = tuple(replace(p, exponent=p.exponent * power) for p in one.pieces)
            return Product(one.coefficient, one.over, parts)
        return Product(sp.S.One, (), (replace(piece, base=self._plain(piece.base)),))

    def _known(self, base: Base) -> bool:
        return isinstance(base, Entry) and base.tensor.name in self._written

    def _base(self, base: Base) -> Base:
        if isinstance(base, Group | Softmax):
            return self.argument(base)
        if not isinstance(base, Map):
            return base
        names: dict[sp.Basic, Argument] = {}
        for power in sorted(base.expression.atoms(sp.exp), key=sp.default_sort_key):
            known = self._context.exponential(power, base.arguments)
            if known is not None:
                names[power] = self.argument(known)
        rest = base.expression.xreplace({power: sp.Dummy() for power in names})
        for n, entry in enumerate(base.arguments):
            if slot(n) in rest.free_symbols:
                names[slot(n)] = self.argument(entry)
        if all(isinstance(a, Entry) for a in names.values()) and set(names) <= _slots(base):
            return base
        new = {old: slot(n) for n, old in enumerate(names)}
        return Applied(base.expression.xreplace(new), tuple(names.values()))


def _slots(factor: Map) -> set[sp.Basic]:
    return {slot(n) for n in range(len(factor.arguments))}


def _only(base: Base) -> tuple[Product, ...]:
    return (Product(sp.S.One, (), (Piece(base),)),)


# walking -------------------------------------------------------------------------------------


def leaves(products: Iterable[Product]) -> int:
    """How long a formula is: its names, numbers and functions."""
    total = 0
    for product in products:
        total += (abs(product.coefficient) != 1) + bool(product.over)
        total += sum(_length(p.base) + (p.exponent not in (1, -1)) for p in product.pieces)
        total += not product.pieces and abs(product.coefficient) == 1
    return total


def _length(base: Base) -> int:
    match base:
        case Group(products):
            return leaves(products)
        case Map(expression, arguments) | Applied(expression, arguments):
            inside = {slot(n): _length(a) for n, a in enumerate(arguments)}
            return sum(
                inside.get(e, 0) if e.is_Symbol else e.is_Function or (e.is_Number and abs(e) != 1)
                for e in sp.preorder_traversal(expression)
                if isinstance(e, sp.Expr)
            )
        case Softmax(logit):
            return 1 + _length(logit)
        case FunctionOf(_, Entry()):
            return 1
        case Reduced(_, operand) | FunctionOf(_, operand):
            return 1 + _length(operand)
    return 1


def bases(products: Iterable[Product]) -> Iterator[Base]:
    """Every piece of a formula and of what stands inside of it, outer ones first."""
    for product in products:
        for piece in product.pieces:
            yield from _inside(piece.base)


def _inside(base: Base) -> Iterator[Base]:
    yield base
    match base:
        case Group(products):
            yield from bases(products)
        case Applied(_, arguments):
            for argument in arguments:
                yield from _inside(argument)
        case Softmax(inner) | Reduced(_, inner) | FunctionOf(_, inner):
            yield from _inside(inner)


def mentions(products: Iterable[Product]) -> Counter[str]:
    """How often the name of each tensor stands in a formula."""
    found: Counter[str] = Counter()
    for piece in (piece for product in products for piece in product.pieces):
        found.update(_mentions(piece.base))
    return found


def _mentions(base: Base) -> Counter[str]:
    match base:
        case Group(products):
            return mentions(products)
        case Map(expression, arguments) | Applied(expression, arguments):
            found: Counter[str] = Counter()
            for part in sp.preorder_traversal(expression):
                for n, argument in enumerate(arguments):
                    found.update(_mentions(argument) if part == slot(n) else ())
            return found
        case Softmax(inner) | Reduced(_, inner) | FunctionOf(_, inner):
            return _mentions(inner)
        case Within():
            return Counter()
    return Counter(e.tensor.name for e in entries_in(base))


def indices_of(products: Iterable[Product]) -> Iterator[Index]:
    """Every index in a formula, the summed ones included."""
    products = tuple(products)
    yield from (i for p in products for i in p.over)
    for base in bases(products):
        match base:
            case Group(inner):
                yield from (i for p in inner for i in p.over)
            case Reduced(_, _, over):
                yield from over
            case FunctionOf(_, _, over, out):
                yield from (*over, *out)
            case Within(place):
                yield from indices_in(place)
            case Entry() | Delta() | Map():
                yield from indices_in(base)
