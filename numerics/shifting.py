"""Log-sum-exp and softmax shifted by the maximum, as a rewrite of equations before they run.

For ``L = logsumexp_k z`` the kernel computes

    m = max_k z      d = z − m      e = exp d      s = Σ_k e      l = log s      L = m + l

and what is built on L avoids its rounding, which is that of a number as large as z:

    exp(z − L) = e / s                z − L = d − l
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.maps import as_factors
from backproof.theory.model import needed
from backproof.theory.notation import (
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    distinct,
    indices_in,
    slot,
)
from backproof.theory.signatures import signature
from backproof.theory.steps import Step

BECAUSE = "exp(z − m) is at most 1, and z − m is small where z is large"


@dataclass(frozen=True)
class Shift:
    """The quantities around one log-sum-exp, all with its own indices or those of z."""

    equation: Equation
    top: Tensor
    gap: Tensor
    weight: Tensor
    total: Tensor
    log: Tensor

    @property
    def reduction(self) -> Reduction:
        """The log-sum-exp itself."""
        assert isinstance(self.equation.rhs, Reduction)
        return self.equation.rhs

    @property
    def wide(self) -> tuple[Index, ...]:
        """The indices of z."""
        return distinct(indices_in(self.reduction.operand))

    @classmethod
    def of(cls, equation: Equation, names: set[str]) -> Shift:
        """Names for the quantities of a log-sum-exp."""
        assert isinstance(equation.rhs, Reduction)
        wide = distinct(indices_in(equation.rhs.operand))

        def tensor(suffix: str, indices: tuple[Index, ...]) -> Tensor:
            wish = f"{equation.tensor.name}_{suffix}"
            while wish in names:
                wish += "_"
            names.add(wish)
            return Tensor(wish, tuple(i.size for i in indices), tuple(i.name for i in indices))

        own = equation.indices
        parts = (("max", own), ("gap", wide), ("exp", wide), ("sum", own), ("log", own))
        return cls(equation, *(tensor(suffix, indices) for suffix, indices in parts))

    def equations(self) -> list[Equation]:
        """The definitions, ending with that of L."""
        own, wide, one = self.equation.indices, self.wide, sp.S.One
        operand, over = self.reduction.operand, self.reduction.over
        top, gap = Entry(self.top, own), Entry(self.gap, wide)
        weight, total, log = Entry(self.weight, wide), Entry(self.total, own), Entry(self.log, own)
        spread = tuple(Ones(i) for i in wide if i not in own)

        def define(entry: Entry, *terms: Contraction) -> Equation:
            return Equation(entry.tensor, entry.subscripts, Sum(terms))  # type: ignore[arg-type]

        return [
            Equation(self.top, own, Reduction("max", operand, over)),
            define(gap, Contraction(one, (operand,)), Contraction(-one, (top, *spread))),
            define(weight, Contraction(one, (Map(sp.exp(slot(0)), (gap,)),))),
            define(total, Contraction(one, (weight,), over)),
            define(log, Contraction(one, (Map(sp.log(slot(0)), (total,)),))),
            define(self.equation.entry, Contraction(one, (top,)), Contraction(one, (log,))),
        ]

    def places(self, entry: Entry) -> tuple[Subscript, ...] | None:
        """The subscripts of L that go with an entry of z, `None` for other entries."""
        operand = self.reduction.operand
        plain = operand.subscripts == self.wide
        if not plain or entry.tensor != operand.tensor:
            return None
        at = dict(zip(self.wide, entry.subscripts, strict=True))
        return tuple(at[i] for i in self.equation.indices)


def shifted(
    equations: Sequence[Equation], outputs: Iterable[Tensor], names: set[str]
) -> tuple[tuple[Equation, ...], tuple[Step, ...]]:
    """The equations with every log-sum-exp shifted, and the steps taken."""
    shifts: list[Shift] = []
    written: list[Equation] = []
    steps: list[Step] = []
    for equation in equations:
        rhs = equation.rhs
        if isinstance(rhs, Reduction) and rhs.kind == "logsumexp":
            shifts.append(Shift.of(equation, names))
            written += shifts[-1].equations()
            continue
        new = equation
        for shift in shifts:
            new = _through(new, shift)
        if new != equation:
            steps.append(Step("shift by the maximum", equation, new, BECAUSE, equation.tensor))
        written.append(new)
    return needed(written, outputs), tuple(steps)


def _through(equation: Equation, shift: Shift) -> Equation:
    """The equation with L and z replaced by what was shifted, wherever the shift cancels."""
    if not isinstance(equation.rhs, Sum):
        return equation
    if shift.equation.tensor not in equation.operands:
        return equation
    terms = [
        Contraction(t.coefficient, tuple(g for f in t.factors for g in _map(f, shift)), t.over)
        for t in equation.rhs.terms
    ]
    terms = _differences(terms, shift)
    return Equation(equation.tensor, equation.indices, Sum(tuple(terms)))


def _map(factor: Factor, shift: Shift) -> list[Factor]:
    """A map of z and L as a map of the shifted quantities."""
    if not isinstance(factor, Map):
        return [factor]
    entries = {slot(n): a for n, a in enumerate(factor.arguments)}
    expr = factor.expression
    known = dict(entries)
    for symbol, entry in entries.items():
        at = shift.places(entry)
        if at is None:
            continue
        own = Entry(shift.equation.tensor, at)
        partner = next((s for s, e in entries.items() if e == own), None)
        if partner is None:
            continue
        gap, log, weight, total = (sp.Dummy(real=True) for _ in range(4))
        ratio = weight / total
        through = expr.xreplace({sp.exp(symbol - partner): ratio})
        top = sp.Dummy(real=True)
        through = through.xreplace({symbol: gap + top, partner: log + top})
        if top in through.free_symbols:
            through = sp.expand(through)
        if top in through.free_symbols:
            continue
        expr = through
        known |= {
            gap: Entry(shift.gap, entry.subscripts),
            log: Entry(shift.log, at),
            weight: Entry(shift.weight, entry.subscripts),
            total: Entry(shift.total, at),
        }
    if expr == factor.expression:
        return [factor]
    coefficient, factors = as_factors(expr, known)
    return factors if coefficient == 1 else [factor]


def _differences(terms: list[Contraction], shift: Shift) -> list[Contraction]:
    """Pairs c·L·rest − c·z·rest as c·l·rest − c·d·rest."""
    terms = list(terms)
    for a, first in enumerate(terms):
        for n, factor in enumerate(first.factors):
            if not isinstance(factor, Entry):
                continue
            at = shift.places(factor)
            if at is None:
                continue
            rest = first.factors[:n] + first.factors[n + 1 :]
            mirrored = (*rest, Entry(shift.equation.tensor, at))
            wanted = signature(Contraction(sp.S.One, mirrored, first.over))
            for b, second in enumerate(terms):
                opposite = second.coefficient == -first.coefficient
                if opposite and signature(second) == wanted:
                    gap = Entry(shift.gap, factor.subscripts)
                    terms[a] = Contraction(first.coefficient, (*rest, gap), first.over)
                    log = tuple(
                        Entry(shift.log, f.subscripts)
                        if isinstance(f, Entry) and f.tensor == shift.equation.tensor
                        else f
                        for f in second.factors
                    )
                    terms[b] = Contraction(second.coefficient, log, second.over)
                    return _differences(terms, shift)
    return terms
