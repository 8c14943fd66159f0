"""Differentiation: one algorithm, reverse accumulation over index equations.

For an output ``y`` and every tensor ``t`` on the way to it, the cotangent

    t̄[lead, a] = ∂ y[lead] / ∂ t[a]

carries the axes of ``y`` in front.  With a scalar ``y`` there are none and t̄ is the gradient;
with a vector it is the Jacobian; applied to the gradient's own equations it is the Hessian.
The result is a list of equations of the same kind: backpropagation as a textbook prints it.

An equation sends to its operand ``u[s]`` the pullback ``Σ_t t̄[lead, t] · ∂t/∂u`` times
``δ[a, s]`` for each subscript s of u: windows, labels, diagonals and broadcasts need no rule
of their own, since eliminating the deltas leaves what each of them means.

Reference: A. Griewank and A. Walther, Evaluating Derivatives, 2nd ed. (2008), section 3.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sympy as sp

from backproof.theory.calculus.cotangents import collected, written_down
from backproof.theory.calculus.pullbacks import because, pullbacks
from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
)
from backproof.theory.facts import extended, facts_of
from backproof.theory.letters import Letters
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.maps import make_map
from backproof.theory.normal import (
    NOTHING,
    Facts,
    apart,
    is_map,
    normal,
    normal_term,
    signature,
)
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Map,
    Tensor,
    distinct,
    fresh,
    indices_in,
    position,
    rename_entry,
    slot,
)
from backproof.theory.steps import Pullback, Step


@dataclass
class Tape:
    """What reverse accumulation has written down: equations, steps, and names in use."""

    known: list[Equation]
    letters: Letters
    names: set[str]
    prefix: str
    accent: str
    equations: list[Equation] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    facts: Facts = NOTHING

    def name(self, wish: str) -> str:
        """The wished name, made unique."""
        name, count = wish, 1
        while name in self.names:
            count += 1
            name = f"{wish}_{count}"
        self.names.add(name)
        return name

    def write(self, tensor: Tensor, indices: tuple[Index, ...], rhs: RightHandSide) -> Tensor:
        """Write an equation down and return its left-hand side's tensor."""
        equation = self.letters.write(tensor, indices, rhs)
        self.equations.append(equation)
        self.facts = extended(self.facts, equation)
        return tensor

    def softmax(self, equation: Equation) -> Entry:
        """exp(z − logsumexp z) as an entry, of an existing quantity where there is one."""
        assert isinstance(equation.rhs, Reduction)
        pair = {slot(0): equation.rhs.operand, slot(1): equation.entry}
        share = make_map(sp.exp(slot(0) - slot(1)), pair)
        indices = (*equation.indices, *equation.rhs.over)
        wanted = signature(Contraction(sp.S.One, (share,), indices))
        for other in (*self.known, *self.equations):
            found = _same_map(other, share, wanted)
            if found is not None:
                return found
        operand = equation.rhs.operand.tensor
        letters = [i.name for i in indices]
        tensor = Tensor(self.name("p"), tuple(i.size for i in indices), tuple(letters))
        assert len(operand.shape) >= len(equation.rhs.over)
        self.write(tensor, indices, Sum((Contraction(sp.S.One, (share,)),)))
        return Entry(tensor, indices)

    def position(self, equation: Equation) -> Entry:
        """argmax or argmin as an integer entry."""
        assert isinstance(equation.rhs, Reduction)
        rhs = Reduction(f"arg{equation.rhs.kind}", equation.rhs.operand, equation.rhs.over)
        for other in (*self.known, *self.equations):
            if other.indices == equation.indices and other.rhs == rhs:
                return Entry(other.tensor, equation.indices)
        tensor = Tensor(
            self.name("a"),
            equation.tensor.shape,
            equation.tensor.axes,
            dtype="integer",
            below=sp.Mul(*(i.size for i in rhs.over)),
        )
        self.write(tensor, equation.indices, rhs)
        return Entry(tensor, equation.indices)

    def others(self, equation: Equation) -> Entry:
        """The product of all entries but one, Π_j u[k,j] with u[k,j] = z[j] if j ≠ k, else 1."""
        assert isinstance(equation.rhs, Reduction)
        (k,) = equation.rhs.over
        j, own = fresh(k), equation.indices
        arguments = (
            rename_entry(equation.rhs.operand, {k: j}),
            position(k, k.size),
            position(j, k.size),
        )
        kept = sp.Piecewise((slot(0), sp.Ne(slot(1), slot(2))), (1, True))
        wide, letters = (*own, k, j), (*(i.letter for i in own), k.letter, j.letter + "1")
        factors = Tensor(self.name("u"), tuple(i.size for i in wide), letters)
        self.write(factors, wide, Sum((Contraction(sp.S.One, (Map(kept, arguments),)),)))
        product = Tensor(self.name("o"), tuple(i.size for i in (*own, k)), letters[:-1])
        self.write(product, (*own, k), Reduction("prod", Entry(factors, wide), (j,)))
        return Entry(product, (*own, k))

    def quantity(
        self, name: str, equation: Equation, stack: tuple[Index, ...], at: tuple[Index, ...]
    ) -> Entry:
        """The entry of another function of the matrix that the equation is a function of."""
        value = equation.rhs
        assert isinstance(value, MatrixValue)
        out = tuple(fresh(i) for i in (*value.over, *value.over)[: BY_NAME[name].outputs])
        for other in (*self.known, *self.equations):
            rhs = other.rhs
            same = isinstance(rhs, MatrixValue) and rhs.function == name
            if not same or rhs.operand.tensor != value.operand.tensor:  # type: ignore[union-attr]
                continue
            if rhs.layout == value.layout:  # type: ignore[union-attr]
                return Entry(other.tensor, (*stack, *at))
        letters = [i.letter for i in (*stack, *out)]
        shape = tuple(i.size for i in (*stack, *out))
        wish = {"inverse": f"{value.operand.tensor.name}_inv", "eigenvectors": "V"}.get(name, name)
        tensor = Tensor(self.name(wish), shape, tuple(letters))
        self.write(tensor, (*stack, *out), MatrixValue(name, value.operand, value.over, out))
        return Entry(tensor, (*stack, *at))


def _same_map(other: Equation, share: Map, wanted: tuple[object, ...]) -> Entry | None:
    """The entry of an equation that defines exactly this map, if it does."""
    rhs = other.rhs
    if not isinstance(rhs, Sum) or len(rhs.terms) != 1 or rhs.terms[0].coefficient != 1:
        return None
    if not is_map(rhs.terms[0]) or len(rhs.terms[0].factors) != 1:
        return None
    (factor,) = rhs.terms[0].factors
    assert isinstance(factor, Map)
    if signature(Contraction(sp.S.One, (factor,), other.indices)) != wanted:
        return None
    new = {
        i: j
        for a, b in zip(factor.arguments, share.arguments, strict=True)
        for i, j in zip(indices_in(a), indices_in(b), strict=True)
    }
    return Entry(other.tensor, tuple(new[i] for i in other.indices))


def cotangents(
    equations: Sequence[Equation],
    output: Tensor,
    wrt: Sequence[Tensor],
    names: set[str],
    letters: Letters,
    order: int = 1,
) -> tuple[list[Equation], list[Step], dict[str, Tensor]]:
    """Equations for ∂output/∂t of every t in ``wrt``, the steps taken, and the cotangents."""
    prefix, accent = ("d", "bar") if order == 1 else (f"d{order}", "hat")
    wanted = {t.name for t in wrt}
    tape = Tape(list(equations), letters, names, prefix, accent, facts=facts_of(equations, wanted))
    active = _active(equations, wrt)
    lead, own = tuple(fresh(i) for i in output.indices()), output.indices()
    seed = Contraction(sp.S.One, tuple(Delta(a, b) for a, b in zip(lead, own, strict=True)))
    homes: dict[str, tuple[Index, ...]] = {output.name: own}
    pending: dict[str, list[Contraction]] = defaultdict(list, {output.name: [seed]})
    gradients: dict[str, Tensor] = {}
    for equation in reversed(equations):
        tensor = equation.tensor
        if tensor.name not in pending or tensor.name not in active:
            continue
        home = homes[tensor.name]
        cotangent = collected(tape, tensor, lead, home, pending[tensor.name], tensor.name in wanted)
        if cotangent is None:
            continue
        if tensor.name in wanted:
            (factor,) = cotangent.factors
            assert isinstance(factor, Entry)
            gradients[tensor.name] = factor.tensor
        cotangent = apart(cotangent).renamed(dict(zip(home, equation.indices, strict=True)))
        shares: dict[str, list[tuple[str, Entry, Contraction]]] = defaultdict(list)
        sending = pullbacks(equation, cotangent, active, tape)
        for entry, rule, share in sending:
            shares[entry.tensor.name].append((rule, entry, share))
        for name, sent in shares.items():
            target = sent[0][1].tensor
            home = homes.setdefault(name, target.indices())
            received = (_delivered(share, equation, entry, lead, home) for _, entry, share in sent)
            total = normal(Sum(tuple(received)))  # an operand that occurs twice gets both shares
            pending[name].extend(total.terms)
            rules = tuple(dict.fromkeys(rule for rule, _, _ in sent))
            why = "; ".join(map(because, rules))
            before = Pullback(equation, Entry(target, home), cotangent)
            written, after = letters.pullback(before, lead, total)
            tape.steps.append(Step(" and ".join(rules), written, after, why, target))
    for tensor in wrt:
        if tensor.name not in gradients:
            home = homes.setdefault(tensor.name, tensor.indices())
            total = Sum(tuple(pending.get(tensor.name, [])))
            gradients[tensor.name] = written_down(tape, tensor, lead, home, total)
    return tape.equations, tape.steps, gradients


def _active(equations: Sequence[Equation], wrt: Sequence[Tensor]) -> set[str]:
    """Names that depend on a tensor of ``wrt`` through real numbers."""
    active = {t.name for t in wrt}
    for equation in equations:
        real = equation.tensor.dtype == "real"
        if real and any(e.tensor.name in active for e in _real_entries(equation)):
            active.add(equation.tensor.name)
    return active


def _real_entries(equation: Equation) -> Iterator[Entry]:
    for factor in equation.rhs.factors:
        if isinstance(factor, Entry):
            yield factor
        elif isinstance(factor, Map):
            yield from factor.arguments


def _delivered(
    share: Contraction,
    equation: Equation,
    entry: Entry,
    lead: tuple[Index, ...],
    home: tuple[Index, ...],
) -> Contraction:
    """The share as a contraction with free indices ``lead + home``: the deltas do the rest."""
    deltas = tuple(Delta(a, s) for a, s in zip(home, entry.subscripts, strict=True))
    inner = (i for i in share.free if i not in lead)
    over = distinct([*share.over, *equation.indices, *inner, *indices_in(entry)])
    return normal_term(apart(Contraction(share.coefficient, (*share.factors, *deltas), over)))
