"""What the derivative with respect to a symmetric matrix S means: three conventions, named.

With G[i,j] = ∂f/∂S[i,j], all n·n entries taken as independent:

    unconstrained    G[i,j]
    constrained      G[i,j] + G[j,i] − δ[i,j] G[i,j]       S[i,j] and S[j,i] are one variable
    projected        (G[i,j] + G[j,i]) / 2                 the part of G that is symmetric

The unconstrained derivative is the default.  The constrained one is the derivative of f written
in the n(n+1)/2 variables of S; its entries off the diagonal count a pair once, so that
df = Σ_{i≥j} (constrained)[i,j] dS[i,j].  The projected one is the gradient in the space of
symmetric matrices with the inner product tr(AB): df = Σ_ij (projected)[i,j] dS[i,j], and a step
along it keeps S symmetric.

Reference: K. B. Petersen and M. S. Pedersen, The Matrix Cookbook (2012), section 2.8.2;
J. R. Magnus and H. Neudecker, Matrix Differential Calculus, 3rd ed. (2019), chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.normal import normal
from backproof.theory.notation import Delta, Entry, Factor, Index, Tensor, fresh
from backproof.theory.steps import Step

CONVENTIONS = ("unconstrained", "constrained", "projected")
SYMMETRIC = frozenset({"symmetric", "positive_definite"})
_BECAUSE = {
    "constrained": "S[i,j] and S[j,i] are one variable: "
    "∂S[k,l]/∂S[i,j] = δ[k,i] δ[l,j] + δ[k,j] δ[l,i] − δ[i,j] δ[k,i] δ[l,j]",
    "projected": "the orthogonal projection onto symmetric matrices is "
    "(δ[k,i] δ[l,j] + δ[k,j] δ[l,i])/2",
}


def is_symmetric(tensor: Tensor) -> bool:
    """Whether a tensor was declared symmetric or positive definite."""
    return bool(SYMMETRIC & tensor.assumptions)


def chosen(symmetric: str | Mapping[str, str] | None, targets: Sequence[Tensor]) -> dict[str, str]:
    """The convention of each name that does not keep the default.

    Raises `BackproofError` for an unknown convention and for a name that is not asked for or was
    not declared symmetric.
    """
    if symmetric is None:
        return {}
    asked = (
        dict.fromkeys((t.name for t in targets), symmetric)
        if isinstance(symmetric, str)
        else dict(symmetric)
    )
    known = {t.name: t for t in targets}
    for name, convention in asked.items():
        if convention not in CONVENTIONS:
            raise BackproofError(
                "symmetric", repr(convention), f"one of {', '.join(CONVENTIONS)}", "choose one"
            )
        if name not in known:
            raise BackproofError(
                "symmetric", f"a convention for {name}", f"one of {', '.join(known)}", "drop it"
            )
        if not is_symmetric(known[name]):
            raise BackproofError(
                "symmetric",
                f"{name}, which is not declared symmetric",
                "a symmetric matrix",
                f"declare {name} with bp.array(…, symmetric=True), or name the symmetric ones: "
                "symmetric={'S': …}",
            )
    return {name: word for name, word in asked.items() if word != "unconstrained"}


@dataclass
class Conventions:
    """Rewrites derivatives in the conventions chosen, and keeps the equations and the steps."""

    of: Mapping[str, str]
    names: set[str]
    letters: Letters

    def apply(
        self, derivatives: Mapping[str, Tensor]
    ) -> tuple[list[Equation], list[Step], dict[str, Tensor]]:
        """Equations and steps for the derivatives by name, and what holds each of them now.

        The matrix's own axes are the last two of a derivative.
        """
        equations: list[Equation] = []
        steps: list[Step] = []
        results = dict(derivatives)
        for name, convention in self.of.items():
            if name not in derivatives:
                continue
            equation, step = self._rewritten(derivatives[name], convention)
            equations.append(equation)
            steps.append(step)
            results[name] = equation.tensor
        return equations, steps, results

    def _rewritten(self, derivative: Tensor, convention: str) -> tuple[Equation, Step]:
        indices = derivative.indices()
        raw = _folded(derivative, indices, convention)
        tensor = replace(derivative, name=self._name(f"{derivative.name}_sym"), accent="tilde")
        before = self.letters.write(tensor, indices, raw)
        after = self.letters.write(tensor, indices, normal(raw))
        rule = f"{convention} derivative"
        return after, Step(rule, before, after, _BECAUSE[convention], tensor)

    def _name(self, wish: str) -> str:
        name = next(
            n for n in (wish, *(f"{wish}_{k}" for k in range(2, 10**4))) if n not in self.names
        )
        self.names.add(name)
        return name


def _folded(derivative: Tensor, indices: tuple[Index, ...], convention: str) -> Sum:
    """Σ_kl G[k,l] ∂S[k,l]/∂S[i,j] in a convention, with its deltas."""
    *lead, i, j = indices
    k, l = fresh(i), fresh(j)
    entry = Entry(derivative, (*lead, k, l))

    def term(coefficient: sp.Expr, *deltas: Factor) -> Contraction:
        return Contraction(coefficient, (entry, *deltas), (k, l))

    straight, turned = (Delta(k, i), Delta(l, j)), (Delta(k, j), Delta(l, i))
    if convention == "projected":
        return Sum((term(sp.S.Half, *straight), term(sp.S.Half, *turned)))
    one = sp.S.One
    diagonal = (Delta(i, j), *straight)
    return Sum((term(one, *straight), term(one, *turned), term(-one, *diagonal)))
