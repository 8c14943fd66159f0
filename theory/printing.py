"""How equations are laid out on a line, once for every script: text and LaTeX are two scripts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Model, Reduction, Sum
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    slot,
)
from backproof.theory.steps import Pullback


class Script(ABC):
    """Lays out equations; a script says how the atoms look."""

    newline = "\n"
    minus = " - "

    def show(self, thing: Any) -> str:
        """Anything that can be printed: equations, right-hand sides, factors, models, steps."""
        if isinstance(thing, str):
            return self.words(thing)
        if isinstance(thing, Equation):
            return self.equation(thing)
        if isinstance(thing, Sum):
            return self.sum(thing)
        if isinstance(thing, Contraction):
            return self.sum(Sum((thing,)))
        if isinstance(thing, Reduction):
            return self.reduction(thing)
        if isinstance(thing, Pullback):
            return self.pullback(thing)
        if isinstance(thing, Model):
            return self.lines(map(self.equation, thing.equations))
        if isinstance(thing, Index | Affine | Entry):
            return self.subscript(thing)
        if isinstance(thing, sp.Basic):
            return self.scalar(thing)
        if hasattr(thing, "equations"):
            return self.lines(map(self.equation, thing.equations))
        raise TypeError(f"cannot print a {type(thing).__name__}; print its equations instead")

    def lines(self, lines: Iterable[str]) -> str:
        """Several equations, one a line."""
        return self.newline.join(lines)

    def equation(self, equation: Equation) -> str:
        """``t[a] = …``."""
        right = self.sum(equation.rhs) if isinstance(equation.rhs, Sum) else self.reduction(equation.rhs)
        return f"{self.entry(equation.entry)}{self.equals}{right}"

    def sum(self, total: Sum) -> str:
        """Terms with signs; a common denominator or coefficient stands outside."""
        if not total.terms:
            return "0"
        shared = _shared(total)
        if shared is not None:
            inner = Sum(tuple(Contraction(t.coefficient / shared, t.factors, t.over) for t in total.terms))
            return self.times(shared, self.bracket(self.sum(inner)), over=())
        together = total.terms[0].over
        if len(total.terms) > 1 and together and all(t.over == together for t in total.terms):
            inside = Sum(tuple(Contraction(t.coefficient, t.factors) for t in total.terms))
            return self.times(sp.S.One, self.bracket(self.sum(inside)), together)
        out = ""
        for n, term in enumerate(sorted(total.terms, key=lambda t: _negative(t.coefficient))):
            negative = _negative(term.coefficient)
            body = self.term(Contraction(-term.coefficient, term.factors, term.over) if negative else term)
            if n == 0:
                out = f"{self.minus.strip()}{body}" if negative else body
            else:
                out += (self.minus if negative else " + ") + body
        return out

    def term(self, term: Contraction) -> str:
        """``coefficient Σ_over factor factor``."""
        solid = [f for f in term.factors if not isinstance(f, Ones)]
        counted = [(factor, len(list(same))) for factor, same in groupby(solid)]
        alone = len(counted) == 1 and not term.over and term.coefficient == 1
        body = self.space.join(self.factor(f, n, alone) for f, n in counted)
        return self.times(term.coefficient, body, term.over)

    def times(self, coefficient: sp.Expr, body: str, over: tuple[Index, ...]) -> str:
        """A coefficient, a sum sign and a body; denominators follow the script's habit."""
        numerator, denominator = sp.fraction(sp.together(coefficient))
        if body and over:
            body = self.sigma(over) + body
        if not body:
            return self.coefficient(coefficient)
        if numerator != 1:
            body = f"{self.coefficient(numerator)}{self.space}{body}"
        return body if denominator == 1 else self.over_denominator(body, denominator)

    def coefficient(self, value: sp.Expr) -> str:
        """A number or size expression in front of factors."""
        printed = self.scalar(value)
        return self.bracket(printed) if isinstance(value, sp.Add) else printed

    def factor(self, factor: Factor, power: int, alone: bool) -> str:
        """One factor, to a power."""
        if isinstance(factor, Entry):
            return self.power(self.entry(factor), power)
        if isinstance(factor, Delta):
            return self.delta(factor)
        if isinstance(factor, Ones):
            return self.ones(factor)
        printed = self.map(factor)
        if power > 1:
            return self.power(self.bracket(printed), power)
        open_ = isinstance(factor.expression, sp.Add) or (
            not alone and isinstance(factor.expression, sp.Mul | sp.Piecewise)
        )
        return printed if alone or not open_ else self.bracket(printed)

    def map(self, factor: Map) -> str:
        """The scalar expression with entries in its slots."""
        names = {slot(n): self.symbol(self.entry(a)) for n, a in enumerate(factor.arguments)}
        return self.scalar(factor.expression.xreplace(names))

    def subscript(self, subscript: Subscript) -> str:
        """An index, an affine combination or a label."""
        if isinstance(subscript, Index):
            return self.index(subscript)
        if isinstance(subscript, Entry):
            return self.entry(subscript)
        total = subscript.offset
        for index, coefficient in subscript.terms:
            total += coefficient * sp.Symbol(self.index(index))
        return self.scalar(total)

    equals = " = "
    space = " "

    @abstractmethod
    def index(self, index: Index) -> str: ...
    @abstractmethod
    def entry(self, entry: Entry) -> str: ...
    @abstractmethod
    def delta(self, delta: Delta) -> str: ...
    @abstractmethod
    def ones(self, ones: Ones) -> str: ...
    @abstractmethod
    def sigma(self, over: tuple[Index, ...]) -> str: ...
    @abstractmethod
    def reduction(self, reduction: Reduction) -> str: ...
    @abstractmethod
    def pullback(self, pullback: Pullback) -> str: ...
    @abstractmethod
    def over_denominator(self, body: str, denominator: sp.Expr) -> str: ...
    @abstractmethod
    def power(self, base: str, exponent: int) -> str: ...
    @abstractmethod
    def bracket(self, body: str) -> str: ...
    @abstractmethod
    def scalar(self, expression: sp.Basic) -> str: ...
    @abstractmethod
    def symbol(self, printed: str) -> sp.Symbol: ...
    @abstractmethod
    def words(self, plain: str) -> str: ...


def _negative(coefficient: sp.Expr) -> bool:
    return bool(coefficient.could_extract_minus_sign())


def _shared(total: Sum) -> sp.Expr | None:
    """The coefficient that all of two or more terms share up to sign, if it is worth a bracket."""
    if len(total.terms) < 2:
        return None
    first = total.terms[0].coefficient
    if first in (1, -1) or any(t.coefficient not in (first, -first) for t in total.terms):
        return None
    return -first if _negative(first) else first
