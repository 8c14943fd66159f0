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

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.letters import letters_of
from backproof.theory.maps import as_expression, as_terms
from backproof.theory.model import Model
from backproof.theory.normal import normal
from backproof.theory.notation import (
    Entry,
    Index,
    Map,
    Tensor,
    indices_in,
    rename_entry,
    slot,
)
from backproof.theory.rewriting.stability import complement, identity, stable
from backproof.theory.rewriting.unfolding import Definitions, Scalar, unfolded
from backproof.theory.scalars import log1p
from backproof.theory.steps import Step

_COMPLEMENT = identity(complement)
BECAUSE = "log exp x = x and Σ_k exp z_k = exp(logsumexp_k z)"


@dataclass(frozen=True)
class Normaliser:
    """``tensor[indices] = Σ_over exp(logit + shift)``, with the shift free of ``over``."""

    tensor: Tensor
    indices: tuple[Index, ...]
    partition: str
    log: sp.Expr
    arguments: dict[Entry, sp.Symbol]

    def exponential(self, entry: Entry) -> Scalar:
        """The sum of exponentials at an entry, as the exponential of its logarithm."""
        new = dict(zip(self.indices, entry.subscripts, strict=True))
        return sp.exp(self.log), {rename_entry(e, new): s for e, s in self.arguments.items()}


def share_normalisers(model: Model) -> Model:
    """Rewrite every use of a sum of exponentials through its log-sum-exp."""
    names = {*model.arguments, *(e.tensor.name for e in model.equations)}
    names |= {s.name for s in model.sizes}
    letters = letters_of(model.equations, names)
    defined: dict[str, Equation] = {}
    known: dict[str, Normaliser] = {}
    equations: list[Equation] = []
    steps = list(model.steps)
    added: set[str] = set()
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
            own = tuple(i for i in new.indices if i in set(indices_in(logit)))
            letters_own = tuple(i.name for i in own)
            tensor = Tensor(name, tuple(i.size for i in own), letters_own)
            twin = _existing(equations, logit, over, own)
            if twin is None:
                equations.append(letters.write(tensor, own, Reduction("logsumexp", logit, over)))
                added.add(name)
            else:
                tensor = twin
            normaliser = Entry(tensor, own)
            symbol = arguments.setdefault(normaliser, slot(len(arguments)))
            known[new.tensor.name] = Normaliser(
                new.tensor, new.indices, tensor.name, symbol + shift, arguments
            )
    used = {t.name for e in equations for t in e.operands}
    kept = (e for e in equations if e.tensor.name not in added - used)
    return replace(model, equations=tuple(kept), steps=tuple(steps))


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
    expanded = unfolded(term.factors[0], defined, {})
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
    """The term with names unfolded where that makes it stable, or as it was."""
    folded = {name: n.exponential for name, n in known.items()}
    maps = [f for f in term.factors if isinstance(f, Map) and _has_names(f, defined, folded)]
    if not maps:
        return (term,)
    partners = [
        f
        for f in term.factors
        if isinstance(f, Entry) and _is_exponential(unfolded(f, defined, folded))
    ]
    merged = [f for f in term.factors if f in maps or f in partners]
    arguments: dict[Entry, sp.Symbol] = {}
    product = as_expression([Contraction(sp.S.One, tuple(merged))], arguments)
    product = product.replace(log1p, lambda x: sp.log(1 + x))
    replacement: dict[sp.Symbol, sp.Expr] = {}
    for entry, symbol in list(arguments.items()):
        found = unfolded(entry, defined, folded)
        if found is not None:
            expr, inner = found
            new = {s: arguments.setdefault(e, slot(len(arguments))) for e, s in inner.items()}
            replacement[symbol] = expr.xreplace(new)
    result, identities = stable(product.xreplace(replacement))
    partitions = {n.partition for n in known.values()}
    logs = {s for e, s in arguments.items() if e.tensor.name in partitions}
    if any(e.args[0].coeff(s).is_positive for e in result.atoms(sp.exp) for s in logs):
        return (term,)  # exp(+L) overflows as the sum itself does
    normalised = bool(result.free_symbols & logs)
    fewer = len(result.atoms(sp.log)) < len(product.atoms(sp.log))
    if not (normalised or fewer or set(identities) - {_COMPLEMENT}):
        return (term,)
    axes = tuple(dict.fromkeys(i for f in merged for i in indices_in(f)))
    others = tuple(f for f in term.factors if f not in merged)
    return tuple(
        Contraction(term.coefficient * t.coefficient, (*others, *t.factors), term.over)
        for t in as_terms(result, arguments, axes)
    )


def _has_names(factor: Map, defined: Mapping[str, Equation], folded: Definitions) -> bool:
    return any(unfolded(a, defined, folded) is not None for a in factor.arguments)


def _is_exponential(found: Scalar | None) -> bool:
    return found is not None and isinstance(found[0], sp.exp)
