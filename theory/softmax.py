"""Log-sum-exp and softmax recognised on equations, whatever way they were written.

A quantity ``s = Σ_k exp(u)`` overflows.  With ``u = z[…,k] + c``, c free of k, and
``L = logsumexp_k z``, it is ``s = exp(L + c)``, and then

    log s      = L + c                        exp(u) / s = exp(z − L)

are exact identities without overflow.  They hold for the plain form and for the one shifted by
a maximum, whose shift cancels here in the formula instead of in floating point.  A logarithm
also sees through names: with ``p = exp(z − L)``, ``log p = z − L``; with ``h = σ(z)``,
``log h = −softplus(−z)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Model, Reduction, Sum
from backproof.theory.letters import letters_of
from backproof.theory.normal import normal
from backproof.theory.notation import (
    Entry,
    Index,
    Map,
    Ones,
    Tensor,
    indices_in,
    rename_entry,
    slot,
)
from backproof.theory.scalars import log1p
from backproof.theory.stability import stable
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value, expression, from_expression

BECAUSE = "log exp x = x and Σ_k exp z_k = exp(logsumexp_k z)"


@dataclass(frozen=True)
class Normaliser:
    """``tensor[indices] = Σ_over exp(logit + shift)``, with the shift free of ``over``."""

    tensor: Tensor
    indices: tuple[Index, ...]
    partition: str
    log: sp.Expr
    arguments: dict[Entry, sp.Symbol]


def share_normalisers(model: Model) -> Model:
    """Rewrite every use of a sum of exponentials through its log-sum-exp."""
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes}
    letters = letters_of(model.equations, names)
    defined: dict[str, Equation] = {}
    known: dict[str, Normaliser] = {}
    equations: list[Equation] = []
    steps = list(model.steps)
    for equation in model.equations:
        new = _through_logarithms(equation, known, defined)
        if new != equation:
            steps.append(Step("stable form", equation, new, BECAUSE, new.tensor))
        equations.append(new)
        defined[new.tensor.name] = new
        found = _sum_of_exponentials(new, defined)
        if found is not None:
            logit, shift, over, arguments = found
            name = next(
                n for k in range(1, 10**6) if (n := "L" if k == 1 else f"L{k}") not in names
            )
            names.add(name)
            letters.taken.add(name)
            tensor = Tensor(name, new.tensor.shape, new.tensor.axes)
            twin = _existing(equations, logit, over, new.indices)
            if twin is None:
                equations.append(
                    letters.write(tensor, new.indices, Reduction("logsumexp", logit, over))
                )
            else:
                tensor = twin
            normaliser = Entry(tensor, new.indices)
            symbol = arguments.setdefault(normaliser, _next(arguments))
            known[new.tensor.name] = Normaliser(
                new.tensor, new.indices, tensor.name, symbol + shift, arguments
            )
    return replace(model, equations=tuple(equations), steps=tuple(steps))


def _existing(
    equations: list[Equation], logit: Entry, over: tuple[Index, ...], indices: tuple[Index, ...]
) -> Tensor | None:
    for e in equations:
        if (
            isinstance(e.rhs, Reduction)
            and e.rhs.kind == "logsumexp"
            and len(e.indices) == len(indices)
        ):
            new = dict(zip(e.indices, indices, strict=True))
            new.update(zip(e.rhs.over, over, strict=False))
            if rename_entry(e.rhs.operand, new) == logit:
                return e.tensor
    return None


def _expanded(
    factor: Entry | Map, defined: dict[str, Equation]
) -> tuple[sp.Expr, dict[Entry, sp.Symbol]] | None:
    """A factor as a scalar expression, one definition of an exponential unfolded."""
    arguments: dict[Entry, sp.Symbol] = {}
    if isinstance(factor, Map):
        value = Value((), Sum((Contraction(sp.S.One, (factor,)),)))
        return expression(value, arguments), arguments
    equation = defined.get(factor.tensor.name)
    if equation is None or not isinstance(equation.rhs, Sum) or len(equation.rhs.terms) != 1:
        return None
    term = equation.rhs.terms[0]
    if term.over or any(not isinstance(f, Map | Ones) for f in term.factors):
        return None
    renamed = term.renamed(dict(zip(equation.indices, factor.subscripts, strict=True)))
    return expression(Value((), Sum((renamed,))), arguments), arguments


def _sum_of_exponentials(
    equation: Equation, defined: dict[str, Equation]
) -> tuple[Entry, sp.Expr, tuple[Index, ...], dict[Entry, sp.Symbol]] | None:
    """(logit entry, shift, over, arguments) when the equation is Σ_over exp(logit + shift)."""
    rhs = equation.rhs
    if not isinstance(rhs, Sum) or len(rhs.terms) != 1:
        return None
    term = rhs.terms[0]
    if not term.over or len(term.factors) != 1 or not isinstance(term.factors[0], Entry | Map):
        return None
    expanded = _expanded(term.factors[0], defined)
    if expanded is None:
        return None
    expr, arguments = expanded
    expr = expr * term.coefficient
    if not isinstance(expr, sp.exp):
        return None
    summed = {s for e, s in arguments.items() if set(indices_in(e)) & set(term.over)}
    shift, logit = expr.args[0].as_independent(*summed, as_Add=True)
    entries = [e for e, s in arguments.items() if s == logit]
    if len(entries) != 1 or not set(term.over) <= set(indices_in(entries[0])):
        return None
    used = {e: s for e, s in arguments.items() if s in shift.free_symbols}
    renumbered = {s: slot(n) for n, s in enumerate(used.values())}
    return (
        entries[0],
        shift.xreplace(renumbered),
        term.over,
        {e: renumbered[s] for e, s in used.items()},
    )


def _through_logarithms(
    equation: Equation, known: dict[str, Normaliser], defined: dict[str, Equation]
) -> Equation:
    """The equation with sums of exponentials replaced where the exponential then disappears."""
    if not isinstance(equation.rhs, Sum):
        return equation
    terms = [t for term in equation.rhs.terms for t in _rewritten(term, known, defined)]
    if tuple(terms) == equation.rhs.terms:
        return equation
    return Equation(equation.tensor, equation.indices, normal(Sum(tuple(terms))))


def _rewritten(
    term: Contraction, known: dict[str, Normaliser], defined: dict[str, Equation]
) -> tuple[Contraction, ...]:
    """The term through logarithms of normalisers, or as it was when nothing is gained."""
    maps = [f for f in term.factors if isinstance(f, Map)]
    divided = [f for f in maps if any(a.tensor.name in known for a in f.arguments)]
    logged = [f for f in maps if any(_inside_log(f, defined))]
    if not divided and not logged:
        return (term,)
    partners = [
        f for f in term.factors if isinstance(f, Entry) and divided and _is_exponential(f, defined)
    ]
    merged = [f for f in term.factors if f in divided or f in logged or f in partners]
    arguments: dict[Entry, sp.Symbol] = {}
    product = expression(Value((), Sum((Contraction(sp.S.One, tuple(merged)),))), arguments)
    product = product.replace(log1p, lambda x: sp.log(1 + x)) if logged else product
    seen = {entry for f in logged for entry in _inside_log(f, defined)}
    replacement: dict[sp.Symbol, sp.Expr] = {}
    for entry, symbol in list(arguments.items()):
        unfolded = _logarithmic(entry, known)
        if unfolded is None and (entry in seen or _is_exponential(entry, defined)):
            unfolded = _expanded(entry, defined)
        if unfolded is not None:
            expr, inner = unfolded
            new = {s: arguments.setdefault(e, _next(arguments)) for e, s in inner.items()}
            replacement[symbol] = expr.xreplace(new)
    result, _names = stable(product.xreplace(replacement))
    logs = {s for e, s in arguments.items() if e.tensor.name in _log_partitions(known)}
    overflows = any(e.args[0].coeff(s).is_positive for e in result.atoms(sp.exp) for s in logs)
    if overflows or (logged and len(result.atoms(sp.log)) >= len(product.atoms(sp.log))):
        return (term,)
    axes = tuple(dict.fromkeys(i for f in merged for i in indices_in(f)))
    others = tuple(f for f in term.factors if f not in merged)
    return tuple(
        Contraction(term.coefficient * t.coefficient, (*others, *t.factors), term.over)
        for t in from_expression(result, arguments, axes).rhs.terms
    )


def _next(arguments: dict[Entry, sp.Symbol]) -> sp.Symbol:
    return slot(len(arguments))


def _inside_log(factor: Map, defined: dict[str, Equation]) -> Iterator[Entry]:
    """The entries inside a logarithm of the map that have a scalar definition."""
    inside = {s for log in factor.expression.atoms(sp.log, log1p) for s in log.free_symbols}
    for position, entry in enumerate(factor.arguments):
        if slot(position) in inside and _expanded(entry, defined) is not None:
            yield entry


def _logarithmic(
    entry: Entry, known: dict[str, Normaliser]
) -> tuple[sp.Expr, dict[Entry, sp.Symbol]] | None:
    """A sum of exponentials as the exponential of its logarithm."""
    normaliser = known.get(entry.tensor.name)
    if normaliser is None:
        return None
    new = dict(zip(normaliser.indices, entry.subscripts, strict=True))
    arguments = {rename_entry(e, new): s for e, s in normaliser.arguments.items()}
    return sp.exp(normaliser.log), arguments


def _log_partitions(known: dict[str, Normaliser]) -> set[str]:
    return {n.partition for n in known.values()}


def _is_exponential(entry: Entry, defined: dict[str, Equation]) -> bool:
    expanded = _expanded(entry, defined)
    return expanded is not None and isinstance(expanded[0], sp.exp)
