"""How equations are laid out on a line, once for every script: text and LaTeX are two scripts.

`backproof.theory.products` decides what stands where; a script says how the atoms look.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sympy as sp

from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
    every_index,
)
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    entries_in,
    indices_in,
    slot,
)
from backproof.theory.products import Group, Piece, Product, complexity, products_of, whole_content
from backproof.theory.recognition import Context, Softmax, lettered, spelled
from backproof.theory.steps import Pullback, Step


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

    # what can be printed -------------------------------------------------------------------

    def show(self, thing: Any) -> str:
        """Anything that can be printed: equations, right-hand sides, factors, models, steps."""
        if isinstance(thing, str):
            return self.words(thing)
        if isinstance(thing, sp.Basic):
            return self.scalar(thing)
        if isinstance(thing, Step):
            return self.step(thing)
        many = (
            tuple(thing) if isinstance(thing, list | tuple) else getattr(thing, "equations", None)
        )
        if many is not None and all(isinstance(e, Equation) for e in many):
            self.context = Context(self.context.equations or tuple(many))
            return self.lines([self._side_by_side(e) for e in many])
        self._letters = lettered(_indices(thing))
        self.context.note(*(e.tensor for e in _entries(thing)))
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
        if isinstance(thing, Index | Affine | Entry):
            return self.subscript(thing)
        raise TypeError(f"cannot print a {type(thing).__name__}; print its equations instead")

    def _side_by_side(self, equation: Equation) -> tuple[str, str]:
        self.context.current = equation.tensor.name
        self.context.note(equation.tensor, *equation.operands)
        self._letters = lettered(every_index(equation))
        derived = equation.tensor.cotangent_of is not None
        return self.entry(equation.entry), self.right(equation.rhs, derived)

    def right(self, rhs: RightHandSide, derived: bool = False, ones: bool = False) -> str:
        """A right-hand side; in a derived one common factors are written once."""
        if isinstance(rhs, Reduction):
            return self.reduction(rhs)
        if isinstance(rhs, MatrixValue):
            return self.matrix_value(rhs)
        if ones and len(rhs.terms) == 1 and all(isinstance(f, Ones) for f in rhs.terms[0].factors):
            return self.ones(rhs.terms[0].factors[0])  # type: ignore[arg-type]
        return self.total(products_of(rhs, derived))

    # sums and products ---------------------------------------------------------------------

    def total(self, products: Iterable[Product]) -> str:
        """Terms with their signs, negative ones last."""
        out = ""
        for product in sorted(products, key=lambda p: p.negative):
            if out:
                out += (self.minus if product.negative else self.plus) + self.product(
                    product, bool(out)
                )
            else:
                out = (self.minus.strip() if product.negative else "") + self.product(
                    product, False
                )
        return out or "0"

    def product(self, product: Product, later: bool) -> str:
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
            return printed if bare else self.power(self.bracket(printed), piece.exponent)
        if isinstance(piece.base, Delta):
            return self.delta(piece.base)
        return self.factor(self.expression(piece, bare), bare)

    def expression(self, piece: Piece, bare: bool = False) -> sp.Expr:
        """A piece as a SymPy expression of printed entries, its exponent positive."""
        base = piece.base
        assert isinstance(base, Entry | Map)
        printed = self.symbol(self.entry(base)) if isinstance(base, Entry) else self.map(base, bare)
        return printed ** (-piece.exponent if piece.below else piece.exponent)

    def map(self, factor: Map, bare: bool = False) -> sp.Expr:
        """The scalar expression with printed entries in its slots; softmax by its name."""
        expression = spelled(factor.expression)
        names: dict[sp.Basic, sp.Basic] = {}
        for power in expression.atoms(sp.exp):
            known = self.context.exponential(power, factor.arguments)
            if isinstance(known, Softmax):
                names[power] = self.symbol(self.softmax(known, bare and power == expression))
            elif known is not None:
                names[power] = self.symbol(self.entry(known))
        for n, argument in enumerate(factor.arguments):
            names[slot(n)] = self.symbol(self.entry(argument))
        return expression.xreplace(names)

    # atoms ---------------------------------------------------------------------------------

    def subscript(self, subscript: Subscript) -> str:
        """An index, an affine combination or a label."""
        if isinstance(subscript, Index):
            return self.index(subscript)
        if isinstance(subscript, Entry):
            return self.entry(subscript)
        parts = (c * sp.Symbol(self.subscript(p), integer=True) for p, c in subscript.terms)
        return self.position(sp.Add(subscript.offset, *parts))

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
    def position(self, expression: sp.Expr) -> str: ...
    @abstractmethod
    def symbol(self, printed: str) -> sp.Symbol: ...
    @abstractmethod
    def words(self, plain: str) -> str: ...


def _forms(thing: Any) -> Iterator[Factor | Subscript]:
    """The factors and subscripts that a printable thing consists of."""
    if isinstance(thing, Pullback):
        yield from (*_forms(thing.equation), thing.wrt, *thing.cotangent.factors)
    elif isinstance(thing, Equation):
        yield from (thing.entry, *thing.rhs.factors)
    elif isinstance(thing, Sum | Contraction | Reduction | MatrixValue):
        yield from thing.factors
    else:
        yield thing


def _indices(thing: Any) -> Iterator[Index]:
    return (i for form in _forms(thing) for i in indices_in(form))


def _entries(thing: Any) -> Iterator[Entry]:
    return (
        e
        for form in _forms(thing)
        if not isinstance(form, Index | Affine)
        for e in entries_in(form)
    )


# shared by the scalar printers -------------------------------------------------------------


def in_order(total: sp.Add) -> list[sp.Expr]:
    """The terms of a sum as a reader wants them: ``1 - h**2``, ``1 + exp(x)``, ``n - k + 1``."""
    number, rest = total.as_coeff_Add()
    terms = sorted(sp.Add.make_args(rest), key=_negative)
    sizes = all(s.is_integer for s in total.free_symbols)
    if number == 0:
        return terms
    if number > 0 and (_negative(terms[0]) or (number.is_Integer and not sizes)):
        return [number, *terms]
    return [*terms, number]


def _negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def fraction(product: sp.Expr) -> tuple[sp.Expr, list[sp.Expr], list[sp.Expr]]:
    """The number, and what stands above and below the line of a product; √2/2 is 1/√2.

    >>> x, y = sp.symbols("x y")
    >>> fraction(sp.sqrt(2) * x / (2 * sp.sqrt(sp.pi) * y))
    (1, [x], [sqrt(2*pi), y])
    """
    numeric, rest = product.as_independent(*product.free_symbols, as_Add=False)
    square = sp.S.One / numeric**2
    above: list[sp.Expr] = []
    below: list[sp.Expr] = []
    if numeric.is_Rational:
        number = numeric
    elif numeric.is_positive and square.is_number and sp.fraction(square)[1] == 1:
        number = sp.S.One
        below.append(sp.Pow(square, sp.S.Half, evaluate=False))
    else:
        number, irrational = numeric.as_coeff_Mul()
        above += sp.Mul.make_args(sp.fraction(irrational)[0])
        below += sp.Mul.make_args(sp.fraction(irrational)[1])
    for part in sp.Mul.make_args(rest):
        base, exponent = part.as_base_exp() if isinstance(part, sp.Pow) else (part, sp.S.One)
        if base.is_Add and exponent.is_Integer and number.is_Rational:
            content, base = whole_content(base)
            number, part = number * content**exponent, base**exponent
        if exponent.is_Rational and exponent.is_negative:
            below.append(base**-exponent)
        else:
            above.append(part)
    above = sorted((a for a in sp.Mul.make_args(sp.Mul(*above)) if a != 1), key=complexity)
    return number, above, [b for b in below if b != 1]


def decimal(number: sp.Rational) -> str | None:
    """The number as a decimal where that is how it is written: 0.0001, never 1/10000.

    >>> decimal(sp.Rational(1, 10000)), decimal(sp.Rational(44715, 10**6)), decimal(sp.Rational(1, 3))
    ('0.0001', '0.044715', None)
    """
    twos, fives = sp.multiplicity(2, number.q), sp.multiplicity(5, number.q)
    digits = max(twos, fives)
    if fives == 0 or 2**twos * 5**fives != number.q or digits > 20:
        return None
    whole, part = divmod(abs(number.p) * 10**digits // number.q, 10**digits)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}".rstrip("0")
