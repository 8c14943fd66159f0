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

import sympy as sp

from backproof.theory.calculus.cotangents import collected, written_down
from backproof.theory.calculus.pullbacks import because, pullbacks
from backproof.theory.calculus.tape import Tape
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.facts import facts_of
from backproof.theory.letters import Letters
from backproof.theory.normal import apart, normal, normal_term
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Map,
    Tensor,
    distinct,
    fresh,
    indices_in,
)
from backproof.theory.steps import Pullback, Step


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
            received = (_delivered(share, entry, lead, home) for _, entry, share in sent)
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
    entry: Entry,
    lead: tuple[Index, ...],
    home: tuple[Index, ...],
) -> Contraction:
    """The share as a contraction with free indices ``lead + home``: the deltas do the rest."""
    deltas = tuple(Delta(a, s) for a, s in zip(home, entry.subscripts, strict=True))
    inner = (i for i in share.free if i not in lead)
    over = distinct([*share.over, *inner, *indices_in(entry)])
    return normal_term(apart(Contraction(share.coefficient, (*share.factors, *deltas), over)))
