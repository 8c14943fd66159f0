"""What holds of tensors whatever their numbers: symmetric matrices, rows that sum to one.

    S[i,j] = S[j,i]        where S was declared symmetric, is XᵀX, S + Sᵀ, the inverse of such a one
    Σ_k P[i,k] = 1         where P was declared to lie on the simplex (one-hot rows, probabilities)

A derivative uses these facts after differentiating, and never of a tensor that it varies: there
all entries are independent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backproof.theory.equations import Equation, MatrixValue, Sum
from backproof.theory.normal import Facts
from backproof.theory.notation import Index
from backproof.theory.signatures import signature

SYMMETRIC = frozenset({"symmetric", "positive_definite"})


def facts_of(equations: Iterable[Equation], varied: Iterable[str] = ()) -> Facts:
    """The facts of the tensors in some equations, which must be in an order of computation.

    >>> from backproof.theory.declarations import array
    >>> from backproof.theory.trace.tracing import trace
    >>> S = array("n n", symmetric=True)
    >>> m = trace("np.trace(np.linalg.inv(X.T @ X + S) @ X)", X="n n", S=S)
    >>> sorted(facts_of(m.equations).symmetric)
    ['S', 't1', 't1_inv']
    """
    facts = Facts(varied=frozenset(varied))
    for equation in equations:
        facts = extended(facts, equation)
    return facts


def extended(facts: Facts, equation: Equation) -> Facts:
    """The facts after one more equation."""
    new = [t for t in equation.operands if t.name not in facts.varied]
    symmetric = {t.name for t in new if t.assumptions & SYMMETRIC}
    simplex = {t.name for t in new if "simplex" in t.assumptions}
    found = replace(facts, symmetric=facts.symmetric | symmetric, simplex=facts.simplex | simplex)
    name = equation.tensor.name
    if name not in facts.varied and _is_symmetric(equation, found.symmetric):
        return replace(found, symmetric=found.symmetric | {name})
    return found


def _is_symmetric(equation: Equation, known: frozenset[str]) -> bool:
    """Whether exchanging the two indices of an equation changes nothing."""
    if len(equation.indices) != 2 or equation.indices[0].size != equation.indices[1].size:
        return False
    rhs = equation.rhs
    if isinstance(rhs, MatrixValue):
        plain = all(isinstance(s, Index) for s in rhs.operand.subscripts)
        return rhs.function == "inverse" and plain and rhs.operand.tensor.name in known
    if not isinstance(rhs, Sum):
        return False
    i, j = equation.indices
    turned = rhs.renamed({i: j, j: i})
    here, there = (
        sorted((str(t.coefficient), signature(t, known)) for t in side.terms)
        for side in (rhs, turned)
    )
    return here == there
