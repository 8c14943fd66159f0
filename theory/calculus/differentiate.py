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

from backproof.theory.calculus.pullbacks import because, pullbacks
from backproof.theory.calculus.tape import Tape
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.letters import Letters
from backproof.theory.normal import apart, normal, normal_term
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Map,
    Ones,
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
    tape = Tape(list(equations), letters, names, prefix, accent)
    active = _active(equations, wrt)
    wanted = {t.name for t in wrt}
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
        cotangent = _collected(
            tape, tensor, lead, home, pending[tensor.name], tensor.name in wanted
        )
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
            gradients[tensor.name] = _written(tape, tensor, lead, home, total)
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


def _collected(
    tape: Tape,
    tensor: Tensor,
    lead: tuple[Index, ...],
    home: tuple[Index, ...],
    terms: list[Contraction],
    named: bool,
) -> Contraction | None:
    """The cotangent of a tensor as one contraction: in place if it is plain, else by its name."""
    total = normal(Sum(tuple(terms)))
    if not total.terms and not named:
        return None
    if len(total.terms) == 1 and _plain(total.terms[0]) and not named:
        return total.terms[0]
    written = _written(tape, tensor, lead, home, Sum(tuple(terms)))
    return Contraction(sp.S.One, (Entry(written, lead + home),))


def _plain(term: Contraction) -> bool:
    """Whether a cotangent is a constant, or another quantity as it is, and needs no name."""
    if term.over:
        return False
    solid = [f for f in term.factors if not isinstance(f, Ones | Delta)]
    same = len(solid) == 1 and isinstance(solid[0], Entry) and term.coefficient in (1, -1)
    return not solid or same


def _written(
    tape: Tape, tensor: Tensor, lead: tuple[Index, ...], home: tuple[Index, ...], raw: Sum
) -> Tensor:
    """Write ``dt[lead, a] = total`` down; equal contributions are merged."""
    total = normal(raw)
    letters: list[str] = list(tensor.axes)
    front: list[str] = []
    for _ in lead:
        front.append(tape.letters.next([*letters, *front, *tape.letters.favourites]))
    cotangent = Tensor(
        tape.name(f"{tape.prefix}{tensor.name}"),
        tuple(i.size for i in (*lead, *home)),
        (*front, *letters),
        cotangent_of=tensor.name,
        accent=tape.accent,
    )
    if len(raw.terms) != len(total.terms):
        why = f"every use of {tensor.name} sends its share"
        before = tape.letters.write(cotangent, lead + home, raw)
        after = tape.letters.write(cotangent, lead + home, total)
        tape.steps.append(Step("sum over uses", before, after, why, tensor))
    return tape.write(cotangent, lead + home, total)


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
