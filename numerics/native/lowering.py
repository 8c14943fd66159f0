"""Equations as C: loops, folds and matrix products, in the order in which they are computed."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from backproof.numerics.native.access import Access
from backproof.numerics.native.nests import TOTAL, Fold, Load, Nest, Write
from backproof.numerics.native.products import Product, innermost, product
from backproof.numerics.native.short_sums import is_short, written_out
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    indices_in,
    inside,
    rename_subscript,
    slot,
)

Piece = Nest | Fold | Product


@dataclass
class Block:
    """The pieces that compute one equation."""

    equation: Equation
    pieces: list[Piece] = field(default_factory=list)
    short: list[Contraction] = field(default_factory=list)  # sums that are written out


class Reading:
    """Factors as expressions in symbols, each symbol one load."""

    def __init__(self) -> None:
        self.loads: dict[sp.Symbol, Load] = {}
        self._symbol: dict[Load, sp.Symbol] = {}

    def symbol(self, load: Load) -> sp.Symbol:
        """The symbol of a load."""
        if load not in self._symbol:
            self._symbol[load] = sp.Symbol(f"_l{len(self._symbol)}", real=True)
            self.loads[self._symbol[load]] = load
        return self._symbol[load]

    def factor(self, factor: Factor) -> sp.Expr:
        """A factor as an expression."""
        if isinstance(factor, Ones):
            return sp.S.One
        if isinstance(factor, Map):
            new = {slot(n): self.symbol(a) for n, a in enumerate(factor.arguments)}
            return self._sized(factor.expression.xreplace(new))
        return self.symbol(factor)

    def _sized(self, expression: sp.Expr) -> sp.Expr:
        """Sizes inside a map as loads of their own."""
        sizes = expression.free_symbols - set(self.loads)
        return expression.xreplace({s: self.symbol(s) for s in sizes})

    def coefficient(self, value: sp.Expr) -> sp.Expr:
        """A number as it is, an expression in sizes as a load."""
        return self.symbol(value) if value.free_symbols else value

    def product(self, factors: tuple[Factor, ...]) -> sp.Expr:
        """The product of factors."""
        return sp.Mul(*(self.factor(f) for f in factors))

    def term(self, term: Contraction) -> sp.Expr:
        """A term that sums nothing."""
        return self.coefficient(term.coefficient) * self.product(term.factors)


class Lowering:
    """Lowers equations one by one."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def lower(self, equation: Equation) -> Block:
        """The pieces of one equation."""
        block = Block(equation)
        if isinstance(equation.rhs, Reduction):
            over = equation.rhs.over
            operand, own = equation.rhs.operand, equation.entry
            block.pieces.append(Fold(equation.rhs.kind, own, operand, equation.indices, over))
        else:
            assert isinstance(equation.rhs, Sum)
            self._sum(equation, equation.rhs, block)
        first = block.pieces[0]
        if not equation.indices and not self.access.in_memory:
            assert not isinstance(first, Product)
            first.declares = True
        return block

    def _sum(self, equation: Equation, total: Sum, block: Block) -> None:
        target, out = equation.entry, equation.indices
        placed = [t for t in total.terms if any(isinstance(f, Delta) for f in t.factors)]
        plain = [t for t in total.terms if not t.over and t not in placed]
        sums = [t for t in total.terms if t.over and t not in placed]
        block.short = [t for t in sums if is_short(t, target)]
        plain += [each for t in block.short for each in written_out(t)]
        sums = [t for t in sums if t not in block.short]
        scattered = [t for t in placed if not self._is_mask(t, out)]
        plain += [t for t in placed if t not in scattered]
        products = [(t, self._product(t, target)) for t in sums]
        alone = len(sums) == 1 and products[0][1] is None and self._in_register(sums[0], target)
        if alone:
            block.pieces.append(self._summed(sums[0], target, plain, False))
            products = []
        elif products and (first := products[0][1]) and first.starts_from(plain):
            first.start = first.starts_from(plain)
        elif plain or not ((products and products[0][1]) or self._whole(total, equation)):
            block.pieces.append(self._plain(plain, target))
        started = bool(block.pieces)
        for term, found in products:
            if found is not None:
                found.adds = started
                block.pieces.append(found)
            elif self._in_register(term, target):
                block.pieces.append(self._summed(term, target, [], True))
            else:
                block.pieces.append(self._accumulated(term, target))
            started = True
        for term in scattered:
            block.pieces.append(self._scattered(term, out, target, adds=started))
            started = True

    # pieces --------------------------------------------------------------------------------

    def _plain(self, terms: list[Contraction], target: Entry) -> Nest:
        reading = Reading()
        expression = sp.Add(*(reading.term(t) for t in terms))
        loops = tuple(i for i in target.subscripts if isinstance(i, Index))
        return Nest(loops, [Write(target, expression)], reading.loads)

    def _product(self, term: Contraction, target: Entry) -> Product | None:
        reading = Reading()
        solid = [f for f in term.factors if not isinstance(f, Ones)]
        pair = [f for f in solid if isinstance(f, Entry) and list(indices_in(f))]
        rest = tuple(f for f in solid if f not in pair)
        if len(pair) != 2 or any(list(indices_in(f)) for f in rest):
            return None
        if any(isinstance(f, Ones) and f.index.size != 1 for f in term.factors):
            return None
        if any(e.tensor.dtype != "real" for e in (*pair, target)):
            return None
        scale = reading.coefficient(term.coefficient) * reading.product(rest)
        return product(target, pair[0], pair[1], term.over, scale, reading.loads, False)

    def _innermost(self, term: Contraction, target: Entry) -> Index:
        reading = Reading()
        reading.product(term.factors)
        entries = [load for load in reading.loads.values() if isinstance(load, Entry)]
        out = [i for i in target.subscripts if isinstance(i, Index)]
        return innermost([*out, *term.over], term.over, target, entries)

    def _in_register(self, term: Contraction, target: Entry) -> bool:
        return self._innermost(term, target) in term.over

    def _summed(
        self, term: Contraction, target: Entry, plain: list[Contraction], adds: bool
    ) -> Nest:
        """The sum in a register, the innermost loop one of those summed."""
        reading = Reading()
        summand = reading.product(term.factors)
        whole = reading.coefficient(term.coefficient) * TOTAL
        whole += sp.Add(*(reading.term(t) for t in plain))
        last = self._innermost(term, target)
        over = (*(i for i in term.over if i != last), last)
        loops = tuple(i for i in target.subscripts if isinstance(i, Index))
        return Nest(loops, [Write(target, whole, adds)], reading.loads, over, summand)

    def _accumulated(self, term: Contraction, target: Entry) -> Nest:
        """The sum in memory, the innermost loop along the target."""
        reading = Reading()
        expression = reading.term(term)
        last = self._innermost(term, target)
        out = [i for i in target.subscripts if isinstance(i, Index)]
        loops = (*(i for i in out if i != last), *term.over, last)
        return Nest(loops, [Write(target, expression, True)], reading.loads)

    # deltas --------------------------------------------------------------------------------

    @staticmethod
    def _is_mask(term: Contraction, out: tuple[Index, ...]) -> bool:
        """Whether the deltas only say which entries are kept, none being cheap to address."""
        deltas = [f for f in term.factors if isinstance(f, Delta)]
        return not term.over and all(_solved(d, out, {}) is None for d in deltas)

    @staticmethod
    def _placed(
        term: Contraction, out: tuple[Index, ...], target: Entry
    ) -> tuple[tuple[Factor, ...], Entry, tuple[Index, ...]]:
        """The other factors, the entry that the deltas name, and the loops."""
        where: dict[Index, Subscript] = {}
        left: list[Factor] = [f for f in term.factors if not isinstance(f, Delta)]
        for delta in (f for f in term.factors if isinstance(f, Delta)):
            solved = _solved(delta, out, where)
            if solved is None:
                left.append(delta)
            else:
                where[solved[0]] = solved[1]
        inner = [i for s in where.values() for i in indices_in(s)]
        free = [*(i for i in out if i not in where), *(i for i in inner if i not in where)]
        loops = distinct([*(i for i in free if i not in term.over), *term.over])
        renamed = Contraction(sp.S.One, tuple(left)).renamed(where)
        return renamed.factors, Entry(target.tensor, tuple(where.get(i, i) for i in out)), loops

    def _whole(self, total: Sum, equation: Equation) -> bool:
        """Whether the first of the scattered terms writes every entry, so that none is cleared."""
        first = next((t for t in total.terms if any(isinstance(f, Delta) for f in t.factors)), None)
        if first is None or self._is_mask(first, equation.indices):
            return False
        factors, place, loops = self._placed(first, equation.indices, equation.entry)
        over = tuple(i for i in loops if i not in set(indices_in(place)))
        product = self._product(Contraction(first.coefficient, factors, over), place)
        return product is None and covers(place, loops)

    def _scattered(
        self, term: Contraction, out: tuple[Index, ...], target: Entry, adds: bool
    ) -> Nest | Product:
        """Terms with deltas go to the entries that these name: a diagonal, a label's place."""
        inner, place, loops = self._placed(term, out, target)
        over = tuple(i for i in loops if i not in set(indices_in(place)))
        found = self._product(Contraction(term.coefficient, inner, over), place)
        if found is not None:
            found.adds = True
            return found
        reading = Reading()
        value = reading.coefficient(term.coefficient) * reading.product(inner)
        write = Write(place, value, adds)
        return Nest(loops, [write], reading.loads, independent=covers(place, loops))


def covers(place: Entry, loops: tuple[Index, ...]) -> bool:
    """Whether the loops come to every entry, and once: each subscript is an index or counts, as
    digits do, i = 2 v + u with u below 2.
    """
    found = list(indices_in(place))
    if any(isinstance(s, Entry) for s in place.subscripts) or len(found) != len(set(found)):
        return False
    if {i for i in loops if i.size != 1} - set(found):
        return False
    return all(_counts(s, n) for s, n in zip(place.subscripts, place.tensor.shape, strict=True))


def _counts(subscript: Subscript, size: sp.Expr) -> bool:
    if isinstance(subscript, Index):
        return True
    if not isinstance(subscript, Affine) or subscript.offset != 0:
        return False
    unit: sp.Expr = sp.S.One
    left = list(subscript.terms)
    while left:
        digit = next((t for t in left if sp.expand(t[1] - unit) == 0), None)
        if digit is None or not isinstance(digit[0], Index):
            return False
        left.remove(digit)
        unit = sp.expand(unit * digit[0].size)
    return bool(sp.expand(unit - size) == 0)


def _solved(
    delta: Delta, out: tuple[Index, ...], where: dict[Index, Subscript]
) -> tuple[Index, Subscript] | None:
    """An index of the target that the delta fixes, and to what."""
    for index, place in ((delta.right, delta.left), (delta.left, delta.right)):
        if not isinstance(index, Index) or index not in out or index in where:
            continue
        if not isinstance(place, Entry) and not inside(place, index.size):
            continue  # where the place may lie outside, the delta is a mask
        place = rename_subscript(place, where)
        if index in indices_in(place):
            continue
        if any(index in indices_in(s) for s in where.values()):
            continue
        return index, place
    return None
