"""The trace of the Hessian, Σ_a ∂²f/∂x[a]², forwards through the equations and without a Hessian.

Every quantity t on the way from x to f carries two more,

    Dt[i,a] = ∂t[i]/∂x[a]        Δt[i] = Σ_a ∂²t[i]/∂x[a]²

and an equation t = F(u, v, …) passes them on by the chain rule of second order,

    Dt = Σ_u ∂F/∂u Du
    Δt = Σ_u ∂F/∂u Δu + Σ_{u,v} ∂²F/∂u∂v Σ_a Du[…,a] Dv[…,a]

A batch costs what one example costs: where t[n,…] depends on x[n,…] alone, every term of Dt holds
the delta of the two n, which is kept apart, and Dt is written without it.  A tangent that is one
product stays in place; one that is a sum gets a name.

Reference: R. Li et al., A computational framework for neural network-based variational Monte
Carlo with forward Laplacian (2024), equations 5 to 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sympy as sp

from backproof.theory.calculus.pullbacks import partials, second_partials
from backproof.theory.calculus.tape import Tape
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import UnsupportedError
from backproof.theory.letters import Letters
from backproof.theory.normal import apart, is_map, normal
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Tensor,
    fresh,
    indices_in,
    rename_entry,
)
from backproof.theory.steps import Step

ZERO = Sum(())
Slope = tuple[Entry, Contraction]


@dataclass
class Carried:
    """What a quantity carries, in its own indices ``home``: its tangent and its Laplacian."""

    home: tuple[Index, ...]
    tangent: Sum
    laplacian: Sum


@dataclass
class Laplacian:
    """The result of a pass: equations and steps in order, and what each quantity carries.

    ``aside`` holds the Laplacians of the quantities that were taken as linear in x.
    """

    equations: list[Equation]
    steps: list[Step]
    carried: dict[str, Carried]
    aside: dict[str, Carried] = field(default_factory=dict)


def laplacian(
    equations: Sequence[Equation],
    wrt: Tensor,
    names: set[str],
    letters: Letters,
    linear: Iterable[str] = (),
) -> Laplacian:
    """Carry tangents and Laplacians in ``wrt`` through the equations.

    The quantities in ``linear`` pass on no Laplacian, as if they were linear in x: what then
    arrives is the Gauss–Newton part.  Raises `UnsupportedError` for a function of a matrix.
    """
    tape = Tape(list(equations), letters, names, "D", "dot")
    result = Laplacian(tape.equations, tape.steps, {})
    home, lead = wrt.indices(), wrt.indices()
    seed = tuple(Delta(a, b) for a, b in zip(lead, home, strict=True))
    result.carried[wrt.name] = Carried(home, Sum((Contraction(sp.S.One, seed),)), ZERO)
    linear = set(linear)
    beyond: set[str] = set()  # what depends on a quantity that is taken as linear
    for equation in equations:
        active = set(result.carried)
        if equation.tensor.dtype != "real" or not any(t.name in active for t in equation.operands):
            continue
        tangent, second = _Through(tape, equation, lead, result.carried).both()
        if not tangent.terms:
            continue
        name, own = equation.tensor.name, equation.indices
        tangent = _tangent(tape, equation, lead, tangent)
        if any(t.name in linear | beyond for t in equation.operands):
            beyond.add(name)
        prefix = "G_" if name in beyond else "Δ"
        carried = Carried(own, tangent, _laplacian(tape, equation, second, prefix))
        if name in linear:
            result.aside[name] = carried
            carried = Carried(own, tangent, ZERO)
        result.carried[name] = carried
    return result


class _Through:
    """The chain rule of second order for one equation."""

    def __init__(
        self, tape: Tape, equation: Equation, lead: tuple[Index, ...], known: dict[str, Carried]
    ) -> None:
        self.tape, self.equation, self.lead, self.known = tape, equation, lead, known
        self.active = set(known)
        self.tangent: list[Contraction] = []
        self.second: list[Contraction] = []

    def both(self) -> tuple[Sum, Sum]:
        """Tangent and Laplacian of the left-hand side, in normal form."""
        rhs = self.equation.rhs
        if isinstance(rhs, MatrixValue):
            raise UnsupportedError(
                "Laplacian", f"the function {rhs.function} of a matrix", "contractions and maps",
                "form the Hessian, bp.derive(…, order=2)",
            )  # fmt: skip
        if isinstance(rhs, Reduction):
            self._reduction(rhs)
        else:
            whole = len(rhs.terms) == 1 and is_map(rhs.terms[0]) and rhs.terms[0].coefficient == 1
            for term in rhs.terms:
                self._term(apart(term), self.equation.entry if whole else None)
        return normal(Sum(tuple(self.tangent))), normal(Sum(tuple(self.second)))

    def _term(self, term: Contraction, through: Entry | None) -> None:
        slopes = [list(self._slopes(f, through)) for f in term.factors]
        for n, factor in enumerate(term.factors):
            rest = _without(term, n)
            for u, slope in slopes[n]:
                self._first(rest, u, slope)
            if isinstance(factor, Map):
                for u, v, slope in second_partials(factor, self.active, through):
                    self._pair(rest, u, v, slope)
            for m in range(n + 1, len(term.factors)):
                others = _without(term, n, m)
                for u, a in slopes[n]:
                    for v, b in slopes[m]:
                        both = Contraction(2 * a.coefficient * b.coefficient, a.factors + b.factors)
                        self._pair(others, u, v, both)

    def _slopes(self, factor: Factor, through: Entry | None) -> Iterable[Slope]:
        if isinstance(factor, Entry) and factor.tensor.name in self.active:
            yield factor, Contraction(sp.S.One)
        elif isinstance(factor, Map):
            yield from partials(factor, self.active, through)

    def _first(self, rest: Contraction, u: Entry, slope: Contraction) -> None:
        """rest · slope · Du and rest · slope · Δu."""
        tangent, second = self._at(u)
        self.tangent += [_times(rest, slope, t) for t in tangent.terms]
        self.second += [_times(rest, slope, t) for t in second.terms]

    def _pair(self, rest: Contraction, u: Entry, v: Entry, slope: Contraction) -> None:
        """rest · slope · Σ_a Du[…,a] Dv[…,a]."""
        new = {a: fresh(a) for a in self.lead}
        for s in self._at(u)[0].terms:
            for t in self._at(v)[0].terms:
                product = _times(rest, slope, s.renamed(dict(new)), t.renamed(dict(new)))
                over = product.over + tuple(new.values())
                self.second.append(Contraction(product.coefficient, product.factors, over))

    def _at(self, u: Entry) -> tuple[Sum, Sum]:
        """Tangent and Laplacian of an entry."""
        carried = self.known[u.tensor.name]
        new = dict(zip(carried.home, u.subscripts, strict=True))
        return (
            Sum(tuple(apart(t).renamed(new) for t in carried.tangent.terms)),
            Sum(tuple(apart(t).renamed(new) for t in carried.laplacian.terms)),
        )

    def _reduction(self, rhs: Reduction) -> None:
        """For L = log Σ_k exp u[k], p = softmax u, DL = Σ p Du and ΔL = Σ p (Δu + |Du|²) − |DL|².

        An extreme is the entry that attains it.
        """
        one = Contraction(sp.S.One)
        if rhs.kind != "logsumexp":
            place = self.tape.position(self.equation)
            self._first(one, rename_entry(rhs.operand, {rhs.over[0]: place}), one)
            return
        new = {k: fresh(k) for k in rhs.over}
        share = self.tape.softmax(self.equation)
        p = Contraction(sp.S.One, (rename_entry(share, dict(new)),))
        u = rename_entry(rhs.operand, dict(new))
        weighted = Contraction(sp.S.One, p.factors, tuple(new.values()))
        self._first(weighted, u, one)
        self._pair(weighted, u, u, one)
        own = _tangent(self.tape, self.equation, self.lead, normal(Sum(tuple(self.tangent))))
        self.tangent = list(own.terms)
        self.known[self.equation.tensor.name] = Carried(self.equation.indices, own, ZERO)
        self._pair(Contraction(-sp.S.One), self.equation.entry, self.equation.entry, one)


def _without(term: Contraction, *places: int) -> Contraction:
    factors = tuple(f for n, f in enumerate(term.factors) if n not in places)
    return Contraction(term.coefficient, factors, term.over)


def _times(rest: Contraction, *others: Contraction) -> Contraction:
    """The product; the summed indices of ``rest`` stay those of the entries in the others."""
    coefficient, factors, over = rest.coefficient, rest.factors, rest.over
    for other in others:
        coefficient *= other.coefficient
        factors += other.factors
        over += other.over
    return Contraction(coefficient, factors, over)


def _tangent(tape: Tape, equation: Equation, lead: tuple[Index, ...], total: Sum) -> Sum:
    """The tangent in place where it is one product, else by a name, common deltas kept apart."""
    if len(total.terms) == 1 and not total.terms[0].over:
        return total
    apart_: dict[Index, Index] = {}
    for delta in (f for f in total.terms[0].factors if isinstance(f, Delta)):
        pair = _pair_of(delta, lead, equation.indices)
        if pair is not None and all(delta in t.factors for t in total.terms):
            apart_[pair[0]] = pair[1]
    shared = [Delta(a, b) for a, b in apart_.items()]
    terms = [
        Contraction(
            t.coefficient, tuple(f for f in t.factors if not _is_one_of(f, shared)), t.over
        ).renamed(dict(apart_))
        for t in total.terms
    ]
    free = (*equation.indices, *(a for a in lead if a not in apart_))
    written = _write(tape, equation, "D", free, terms)
    return Sum((Contraction(sp.S.One, (*shared, *written)),))


def _is_one_of(factor: Factor, deltas: Sequence[Delta]) -> bool:
    same = {frozenset((d.left, d.right)) for d in deltas}
    return isinstance(factor, Delta) and frozenset((factor.left, factor.right)) in same


def _pair_of(
    delta: Delta, lead: tuple[Index, ...], home: tuple[Index, ...]
) -> tuple[Index, Index] | None:
    """(index of x, index of t) of a delta between the two."""
    for a, b in ((delta.left, delta.right), (delta.right, delta.left)):
        if isinstance(a, Index) and isinstance(b, Index) and a in lead and b in home:
            return a, b
    return None


def _laplacian(tape: Tape, equation: Equation, total: Sum, prefix: str) -> Sum:
    """The Laplacian under a name, or in place where it is one entry or nothing."""
    plain = len(total.terms) == 1 and not total.terms[0].over
    if not total.terms or (plain and not any(isinstance(f, Map) for f in total.terms[0].factors)):
        return total
    written = _write(tape, equation, prefix, equation.indices, list(total.terms))
    return Sum((Contraction(sp.S.One, written),))


def _write(
    tape: Tape,
    equation: Equation,
    prefix: str,
    free: tuple[Index, ...],
    terms: list[Contraction],
) -> tuple[Factor, ...]:
    """Write a quantity down with the indices that it carries; its entry, and ones for the rest."""
    solid = [[f for f in t.factors if not isinstance(f, Ones)] for t in terms]
    inside = {i for factors in solid for f in factors for i in indices_in(f)}
    kept = tuple(i for i in free if i in inside)
    rows = []
    for term, factors in zip(terms, solid, strict=True):
        own = {i for f in factors for i in indices_in(f)}
        ones = tuple(Ones(i) for i in kept if i not in own)
        rows.append(Contraction(term.coefficient, (*factors, *ones), term.over))
    of = equation.tensor.name
    letters = _letters(tape, kept, equation)
    shape = tuple(i.size for i in kept)
    rule, accent = RULES[prefix]
    plain = None if prefix == "G_" else of
    tensor = Tensor(tape.name(f"{prefix}{of}"), shape, letters, cotangent_of=plain, accent=accent)
    tape.write(tensor, kept, Sum(tuple(rows)))
    tape.steps.append(Step(rule, equation, tape.equations[-1], BECAUSE[rule], equation.tensor))
    return (Entry(tensor, kept), *(Ones(i) for i in free if i not in kept))


RULES = {"D": ("tangent", "dot"), "Δ": ("Laplacian", "ddot"), "G_": ("Gauss–Newton part", "")}
BECAUSE = {
    "tangent": "chain rule: D F(u) = Σ ∂F/∂u Du",
    "Laplacian": "chain rule of second order: Δ F(u) = Σ ∂F/∂u Δu + Σ ∂²F/∂u∂v ⟨Du, Dv⟩",
    "Gauss–Newton part": "the same with Δz = 0 where the loss begins, as for a linear network",
}


def _letters(tape: Tape, kept: tuple[Index, ...], equation: Equation) -> tuple[str, ...]:
    """The letters of the equation, and those of x or others where these are taken."""
    chosen: list[str] = []
    for index in kept:
        wish = index.letter
        if wish in chosen or wish in tape.letters.taken:
            wish = tape.letters.next([*chosen, *(i.name for i in equation.indices)])
        chosen.append(wish)
    return tuple(chosen)
