"""How equations are laid out on a line, once for every script: text and LaTeX are two scripts.

`backproof.theory.printing.products` decides what stands where; a script says how the atoms look.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE

from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
    every_index,
)
from backproof.theory.gathers import Within
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    slot,
)
from backproof.theory.printing.contents import entries_within, indices_within
from backproof.theory.printing.grouping import products_of
from backproof.theory.printing.products import (
    Applied,
    Argument,
    FunctionOf,
    Group,
    Piece,
    Product,
    Reduced,
    carried,
)
from backproof.theory.printing.recognition import Context, Softmax, lettered, spelled
from backproof.theory.printing.scalar_order import places_in_order
from backproof.theory.printing.substitution import Substitution, indices_of
from backproof.theory.steps import Pullback, Step

ATOM, PRODUCT, SUM = (
    PRECEDENCE["Atom"],
    (PRECEDENCE["Add"] + PRECEDENCE["Mul"]) // 2,
    PRECEDENCE["Add"],
)
PRINTABLE = (
    Equation, Sum, Contraction, Reduction, MatrixValue, Pullback,
    Entry, Delta, Ones, Map, Index, Affine,
)  # fmt: skip


def equations_of(context: Any) -> tuple[Equation, ...]:
    """The equations of a model or derivation, of a list of equations, or none."""
    return () if context is None else tuple(getattr(context, "equations", context))


class Script(ABC):
    """Lays out equations; a script says how the atoms look.

    ``context`` is what the printed thing is part of: with it, softmax is recognised.
    """

    equals = " = "
    minus, plus = " - ", " + "

    def __init__(self, context: Any = None) -> None:
        self.context = Context(equations_of(context))
        self._letters: Mapping[Index, str] = {}

    @property
    @abstractmethod
    def depth(self) -> dict[sp.Basic, int]: ...

    # what can be printed -------------------------------------------------------------------

    def show(self, thing: Any) -> str:
        """Anything that can be printed: equations, right-hand sides, factors, models, steps."""
        if isinstance(thing, str):
            return self.words(thing)
        if isinstance(thing, sp.Basic):
            return self.scalar(thing)
        if isinstance(thing, Step):
            return self.step(thing)
        if isinstance(thing, Tensor):
            self.context.note(thing)
            return self.entry(Entry(thing))
        many = (
            tuple(thing) if isinstance(thing, list | tuple) else getattr(thing, "equations", None)
        )
        if many is not None and all(isinstance(e, Equation) for e in many):
            self.context = Context(self.context.equations or tuple(many))
            return self.lines([self._side_by_side(e) for e in many])
        if not isinstance(thing, PRINTABLE):
            move = "print its equations instead"
            raise TypeError(f"cannot print a {type(thing).__name__}; {move}")
        self._letters = lettered(indices_within(thing))
        self.context.note(*(e.tensor for e in entries_within(thing)))
        if isinstance(thing, Equation):
            return self.equals.join(self._side_by_side(thing))
        if isinstance(thing, Sum | Reduction | MatrixValue):
            return self.right(thing)
        if isinstance(thing, Contraction):
            return self.right(Sum((thing,)))
        if isinstance(thing, Pullback):
            return self.pullback(thing)
        if isinstance(thing, Delta | Ones | Map):
            return self.right(Sum((Contraction(sp.S.One, (thing,)),)), ones=True)
        return self.subscript(thing)

    def _side_by_side(self, equation: Equation) -> tuple[str, str]:
        self.context.current = equation.tensor.name
        self.context.note(equation.tensor, *equation.operands)
        self._letters = lettered(every_index(equation))
        derived = equation.tensor.cotangent_of is not None
        return self.entry(equation.entry), self.right(equation.rhs, derived)

    def closed(self, equation: Equation, written: Mapping[str, Equation]) -> str:
        """An equation with the names of ``written`` replaced by what they stand for."""
        products = Substitution(written, self.context.equations).products(equation)
        names = {t.name for e in self.context.equations for t in (e.tensor, *e.operands)}
        self.context.current = equation.tensor.name
        self.context.unnamed = frozenset(written)
        self._letters = lettered((*equation.indices, *indices_of(products)), names)
        return self.equals.join((self.entry(equation.entry), self.total(products)))

    def right(self, rhs: RightHandSide, derived: bool = False, ones: bool = False) -> str:
        """A right-hand side; in a derived one common factors are written once."""
        if isinstance(rhs, Reduction):
            return self.reduction(rhs)
        if isinstance(rhs, MatrixValue):
            return self.matrix_value(rhs)
        if ones and len(rhs.terms) == 1 and all(isinstance(f, Ones) for f in rhs.terms[0].factors):
            return self.ones(rhs.terms[0].factors[0])  # type: ignore[arg-type]
        return self.total(products_of(rhs, derived, self.context, gather=True))

    # sums and products ---------------------------------------------------------------------

    def total(self, products: Iterable[Product]) -> str:
        """Terms with their signs, negative ones last."""
        out = ""
        for product in sorted(products, key=lambda p: p.negative):
            sign = self.minus if product.negative else self.plus if out else ""
            out += (sign if out else sign.strip()) + self.product(product)
        return out or "0"

    def product(self, product: Product) -> str:
        """A product without its sign."""
        coefficient = -product.coefficient if product.negative else product.coefficient
        bare = (
            not (product.over or product.negative or coefficient != 1) and len(product.pieces) == 1
        )
        if bare and not product.pieces[0].below:
            return self.piece(product.pieces[0], bare=True)
        return self.arranged(coefficient, product)

    def piece(self, piece: Piece, bare: bool = False) -> str:
        """One piece, below the line without the minus of its exponent."""
        if isinstance(piece.base, Group):
            printed = self.total(piece.base.products)
            if bare and piece.exponent == 1:
                return printed
            return self.power(self.bracket(printed), piece.exponent)
        if isinstance(piece.base, Delta):
            return self.delta(piece.base)
        if isinstance(piece.base, Within):
            return self.within(piece.base)
        return self.factor(self.expression(piece, bare), bare)

    def expression(self, piece: Piece, bare: bool = False) -> sp.Expr:
        """A piece as a SymPy expression of printed entries, its exponent positive."""
        base = piece.base
        printed: sp.Expr
        if isinstance(base, Map):
            printed = self.map(base, bare)
        elif isinstance(base, Softmax):
            printed = self.symbol(self.softmax(base, bare))
        elif isinstance(base, Applied):
            values = {slot(n): self.argument(a) for n, a in enumerate(base.arguments)}
            printed = spelled(base.expression).xreplace(values)
        elif isinstance(base, Reduced):
            printed = self.reduced(base.kind, base.operand, base.over)
        elif isinstance(base, FunctionOf):
            printed = self.function_value(base)
        elif isinstance(base, Group):
            printed = self.argument(base)
        else:
            assert isinstance(base, Entry)
            printed = self.symbol(self.entry(base))
        return printed ** (-piece.exponent if piece.below else piece.exponent)

    def map(self, factor: Map, bare: bool = False) -> sp.Expr:
        """The scalar expression with printed entries in its slots; softmax by its name."""
        expression = spelled(factor.expression)
        names: dict[sp.Basic, sp.Basic] = {}
        for power in sorted(expression.atoms(sp.exp), key=sp.default_sort_key):
            known = self.context.exponential(power, factor.arguments)
            if isinstance(known, Softmax):
                names[power] = self.symbol(self.softmax(known, bare and power == expression))
            elif known is not None:
                names[power] = self.symbol(self.entry(known))
        for n, argument in enumerate(factor.arguments):
            names[slot(n)] = self.argument(argument)
        return expression.xreplace(names)

    def argument(self, argument: Argument) -> sp.Symbol:
        """What stands in a slot: an entry, a softmax, or a definition in its place."""
        if isinstance(argument, Entry):
            symbol = self.symbol(self.entry(argument))
        elif isinstance(argument, Softmax):
            symbol = self.symbol(self.softmax(argument, bare=False))
        else:
            tightness = PRODUCT if len(argument.products) == 1 else SUM
            symbol = self.symbol(self.total(argument.products), tightness)
        self.depth[symbol] = len(carried(argument))
        return symbol

    def in_brackets(self, argument: Argument) -> str:
        """The argument of a function that is always called with brackets."""
        return self.bracket(str(self.argument(argument).name))

    # atoms ---------------------------------------------------------------------------------

    def subscript(self, subscript: Subscript) -> str:
        """An index, an affine combination or a label."""
        if isinstance(subscript, Index):
            return self.index(subscript)
        if isinstance(subscript, Entry):
            return self.entry(subscript)
        return self.position(self.linear(subscript))

    def linear(self, place: Affine) -> sp.Expr:
        """An affine subscript as an expression of printed indices."""
        return sp.Add(place.offset, *(c * self.part(p) for p, c in place.terms))

    def part(self, part: Index | Entry) -> sp.Symbol:
        """A letter, or a label as it is printed, as a symbol of a position."""
        if isinstance(part, Index):
            return sp.Symbol(self.index(part), integer=True)
        return self.symbol(self.entry(part))

    def position(self, expression: sp.Expr) -> str:
        """An affine subscript without spaces: ``2*k+l``, ``n-i-1``."""
        out = ""
        for term in places_in_order(expression):
            negative = bool(term.as_coeff_Mul()[0].is_negative)
            sign = "-" if negative else "+" if out else ""
            out += sign + self.stepped(-term if negative else term)
        return out or "0"

    def stepped(self, term: sp.Expr) -> str:
        """One term of a subscript, the step in front of the index: ``H*W*k``."""
        indices = [s for s in term.free_symbols if not s.is_positive]
        step, index = term.as_independent(*indices, as_Add=False)
        if step.is_number or index == 1:
            return self.place(term)
        printed = self.place(step)
        return self.times(self.bracket(printed) if step.is_Add else printed, self.place(index))

    def letter(self, index: Index) -> str:
        """The letter of an index; anonymous ones get a free one."""
        return self._letters.get(index, index.name)

    @abstractmethod
    def lines(self, sides: list[tuple[str, str]]) -> str: ...
    @abstractmethod
    def arranged(self, coefficient: sp.Expr, product: Product) -> str: ...
    @abstractmethod
    def index(self, index: Index) -> str: ...
    @abstractmethod
    def entry(self, entry: Entry) -> str: ...
    @abstractmethod
    def delta(self, delta: Delta) -> str: ...
    @abstractmethod
    def within(self, within: Within) -> str: ...
    @abstractmethod
    def ones(self, ones: Ones) -> str: ...
    @abstractmethod
    def softmax(self, softmax: Softmax, bare: bool) -> str: ...
    @abstractmethod
    def reduction(self, reduction: Reduction) -> str: ...
    @abstractmethod
    def matrix_value(self, value: MatrixValue) -> str: ...
    @abstractmethod
    def pullback(self, pullback: Pullback) -> str: ...
    @abstractmethod
    def step(self, step: Step) -> str: ...
    @abstractmethod
    def power(self, base: str, exponent: sp.Expr) -> str: ...
    @abstractmethod
    def bracket(self, body: str) -> str: ...
    @abstractmethod
    def factor(self, expression: sp.Expr, bare: bool) -> str: ...
    @abstractmethod
    def scalar(self, expression: sp.Basic) -> str: ...
    @abstractmethod
    def place(self, term: sp.Expr) -> str: ...
    @abstractmethod
    def times(self, step: str, index: str) -> str: ...
    @abstractmethod
    def symbol(self, printed: str, tightness: int = ATOM) -> sp.Symbol: ...
    @abstractmethod
    def reduced(self, kind: str, operand: Argument, over: tuple[Index, ...]) -> sp.Symbol: ...
    @abstractmethod
    def function_value(self, value: FunctionOf) -> sp.Symbol: ...
    @abstractmethod
    def words(self, plain: str) -> str: ...
