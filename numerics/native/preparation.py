"""Equations made ready for loops: two operands to a contraction, NumPy's functions on their own.

Each rewrite only names a part of a right-hand side, so that the result is the same equations with
more of them:

    Σ_j,k x[j] A[j,k] y[k]  =  Σ_j x[j] s[j]        with  s[j] = Σ_k A[j,k] y[k]
    digamma(a[n] + 1) g[n]  =  t[n] g[n]            with  u[n] = a[n] + 1,  t = digamma(u)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.contraction_order import cost
from backproof.numerics.native.scalar_c import supported
from backproof.numerics.scalar_code import code
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Tensor,
    distinct,
    indices_in,
    slot,
)


@dataclass(frozen=True)
class HostCall:
    """``tensor = call``, an equation that C leaves to NumPy: Python code of a0, a1, …, which
    are the operands, whole arrays.
    """

    equation: Equation
    call: str
    operands: tuple[Tensor, ...]

    @property
    def tensor(self) -> Tensor:
        """What is computed."""
        return self.equation.tensor


Stage = Equation | HostCall


class Preparation:
    """Collects the equations in order; ``names`` are those in use."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)
        self.stages: list[Stage] = []
        self._count = 0

    def prepare(self, equations: Sequence[Equation]) -> list[Stage]:
        """The same equations and those that name their parts."""
        for equation in equations:
            if isinstance(equation.rhs, MatrixValue):
                self._matrix(equation, equation.rhs)
            elif isinstance(equation.rhs, Reduction):
                self.stages.append(equation)
            else:
                terms = tuple(self._term(t, equation.indices) for t in equation.rhs.terms)
                self.stages.append(Equation(equation.tensor, equation.indices, Sum(terms)))
        return self.stages

    # naming parts --------------------------------------------------------------------------

    def _tensor(self, indices: Sequence[Index], letter: str = "s") -> Tensor:
        self._count += 1
        name = f"{letter}{self._count}"
        while name in self.names:
            name += "_"
        self.names.add(name)
        return Tensor(name, tuple(i.size for i in indices), tuple(i.letter for i in indices))

    def _named(self, term: Contraction, indices: tuple[Index, ...]) -> Entry:
        """A new tensor for a contraction, by an equation of its own."""
        tensor = self._tensor(indices)
        carried = {i for f in term.factors for i in indices_in(f)}
        spread = tuple(Ones(i) for i in indices if i not in carried)
        term = Contraction(term.coefficient, (*term.factors, *spread), term.over)
        self.stages.append(Equation(tensor, indices, Sum((term,))))
        return Entry(tensor, indices)

    # NumPy's functions ---------------------------------------------------------------------

    def _matrix(self, equation: Equation, value: MatrixValue) -> None:
        """A function of a matrix: the stack first, rows and columns last, on both sides."""
        stack = tuple(i for i in equation.indices if i not in value.out)
        operand = self._whole(value.operand, (*stack, *value.over))
        call = BY_NAME[value.function].numpy.format("a0")
        out = (*stack, *value.out)
        own = Entry(operand.tensor, operand.subscripts)
        rhs = MatrixValue(value.function, own, value.over, value.out)
        if equation.indices == out:
            same = Equation(equation.tensor, equation.indices, rhs)
            self.stages.append(HostCall(same, call, (operand.tensor,)))
            return
        turned = self._tensor(out)
        self.stages.append(HostCall(Equation(turned, out, rhs), call, (operand.tensor,)))
        term = Contraction(sp.S.One, (Entry(turned, out),))
        self.stages.append(Equation(equation.tensor, equation.indices, Sum((term,))))

    def _whole(self, entry: Entry, axes: tuple[Index, ...]) -> Entry:
        """An entry as one of a real tensor with exactly these axes in this order."""
        if entry.subscripts == axes and entry.tensor.dtype == "real":
            return entry
        return self._named(Contraction(sp.S.One, (entry,)), axes)

    def _map(self, factor: Map) -> Map | Entry:
        """A map without the functions that C lacks."""
        entries = {slot(n): a for n, a in enumerate(factor.arguments)}
        expression = self._without(factor.expression, entries)
        if expression == factor.expression:
            return factor
        if expression in entries:
            return entries[expression]
        used = [s for s in entries if s in expression.free_symbols]
        new = {symbol: slot(n) for n, symbol in enumerate(used)}
        return Map(expression.xreplace(new), tuple(entries[s] for s in used))

    def _without(self, expression: sp.Expr, entries: dict[sp.Symbol, Entry]) -> sp.Expr:
        if not expression.args:
            return expression
        arguments = [self._without(a, entries) for a in expression.args]
        if supported(expression):
            same = all(a is b for a, b in zip(arguments, expression.args, strict=True))
            return expression if same else expression.func(*arguments)
        inside = {s for a in arguments for s in a.free_symbols if s in entries}
        axes = distinct(i for s in entries if s in inside for i in indices_in(entries[s]))
        operands: list[Entry] = []
        places: list[sp.Expr] = []
        for argument in arguments:
            if argument.is_number:
                places.append(argument)
                continue
            used = [s for s in entries if s in argument.free_symbols]
            new = {symbol: slot(n) for n, symbol in enumerate(used)}
            part = Map(argument.xreplace(new), tuple(entries[s] for s in used))
            operand = self._named(Contraction(sp.S.One, (part,)), axes)
            places.append(sp.Symbol(f"a{len(operands)}", real=True))
            operands.append(operand)
        tensor = self._tensor(axes)
        call = code(expression.func(*places))
        slots = iter(range(len(operands)))
        shown = expression.func(*(p if p.is_number else slot(next(slots)) for p in places))
        rhs = Sum((Contraction(sp.S.One, (Map(shown, tuple(operands)),)),))
        equation = Equation(tensor, axes, rhs)
        self.stages.append(HostCall(equation, call, tuple(o.tensor for o in operands)))
        symbol = slot(len(entries))
        entries[symbol] = Entry(tensor, axes)
        return symbol

    # contractions --------------------------------------------------------------------------

    def _term(self, term: Contraction, out: tuple[Index, ...]) -> Contraction:
        factors = tuple(self._map(f) if isinstance(f, Map) else f for f in term.factors)
        term = Contraction(term.coefficient, factors, term.over)
        if not term.over:
            return term
        deltas = [f for f in factors if isinstance(f, Delta)]
        ones = tuple(f for f in factors if isinstance(f, Ones))
        operands: list[Factor] = [f for f in factors if not isinstance(f, Delta | Ones)]
        if deltas:
            placed = {i for f in deltas for i in indices_in(f)}
            if placed & set(term.over) or not operands:
                return term
            inner = Contraction(sp.S.One, tuple(operands), term.over)
            core = self._named(self._split(inner, inner.free), inner.free)
            return Contraction(term.coefficient, (*deltas, core, *ones))
        split = self._split(Contraction(sp.S.One, tuple(operands), term.over), out)
        return Contraction(term.coefficient, (*split.factors, *ones), split.over)

    def _split(self, term: Contraction, out: tuple[Index, ...]) -> Contraction:
        """The contraction with two operands, unless one loop over all of them costs no more."""
        left, over = list(term.factors), term.over
        while len(left) > 2 and not _flat(left):
            left = self._summed_alone(left, out)
            if len(left) <= 2:
                break
            a, b = _best_pair(left, out)
            rest = [f for f in left if f is not a and f is not b]
            left = [*rest, self._pair(a, b, rest, out)]
        left = self._summed_alone(left, out)
        if len(left) == 2:
            left = [self._materialised(f, left) for f in left]
        carried = {i for f in left for i in indices_in(f)}
        return Contraction(term.coefficient, tuple(left), tuple(i for i in over if i in carried))

    def _pair(self, a: Factor, b: Factor, rest: Sequence[Factor], out: tuple[Index, ...]) -> Entry:
        keep = set(out).union(*(indices_in(f) for f in rest))
        both = distinct((*indices_in(a), *indices_in(b)))
        kept = tuple(i for i in both if i in keep)
        kept = (*(i for i in out if i in kept), *(i for i in kept if i not in out))
        over = tuple(i for i in both if i not in keep)
        pair = [self._materialised(f, (a, b)) for f in (a, b)] if over else [a, b]
        return self._named(Contraction(sp.S.One, tuple(pair), over), kept)

    def _summed_alone(self, factors: list[Factor], out: tuple[Index, ...]) -> list[Factor]:
        """Operands with the indices that only they carry summed away, where that saves a loop."""
        if _flat(factors):
            return factors
        reduced: list[Factor] = []
        for factor in factors:
            elsewhere = set(out).union(*(indices_in(f) for f in factors if f is not factor))
            own = distinct(indices_in(factor))
            alone = tuple(i for i in own if i not in elsewhere)
            if alone:
                kept = tuple(i for i in own if i in elsewhere)
                factor = self._named(Contraction(sp.S.One, (factor,), alone), kept)
            reduced.append(factor)
        return reduced

    def _materialised(self, factor: Factor, pair: Sequence[Factor]) -> Factor:
        """A map that a product would evaluate many times, computed once; others as they are."""
        if not isinstance(factor, Map) or factor not in pair:
            return factor
        axes = distinct(indices_in(factor))
        every = distinct(i for f in pair for i in indices_in(f))
        if set(axes) == set(every):
            return factor
        return self._named(Contraction(sp.S.One, (factor,)), axes)


def _flat(factors: Sequence[Factor]) -> bool:
    """Whether one operand carries every index, so that a loop over it does all the work."""
    every = {i for f in factors for i in indices_in(f)}
    return any(set(indices_in(f)) == every for f in factors)


def _best_pair(factors: Sequence[Factor], out: tuple[Index, ...]) -> tuple[Factor, Factor]:
    """The pair whose product costs least, counted as it is elsewhere in the library."""
    best, chosen = None, (factors[0], factors[1])
    for n, a in enumerate(factors):
        for b in factors[n + 1 :]:
            rest = set(out).union(*(indices_in(f) for f in factors if f is not a and f is not b))
            one, other = set(indices_in(a)), set(indices_in(b))
            result = cost((one | other) & rest)
            score = (cost(one | other) + result - cost(one) - cost(other), result)
            if best is None or score < best:
                best, chosen = score, (a, b)
    return chosen
