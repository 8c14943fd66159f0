"""Jackson constants of logistic staircases.

The density φ(x) = (σ(x + 1) − σ(x − 1))/2 sums to one over the integers, and the operator

    F_n f(x) = Σ_{k=0}^n f(k/n) φ(nx − k) / Σ_{k=0}^n φ(nx − k)

is a network of n + 2 units over another. As ω(f, λδ) ≤ (1 + λ) ω(f, δ),

    |F_n f − f| ≤ Σ ω(f, |x − k/n|) φ(nx − k)/Σ φ(nx − k) ≤ (1 + K_n) ω(f, 1/n),
    K_n = sup_x Σ_k |nx − k| φ(nx − k) / Σ_k φ(nx − k).

Published constants divide by φ(1) instead of by the sum: 1/φ(1) = 5.2521…. Where 5.2503… (and
3.1992 for (e² − 1)/2) is printed, e² was taken as 7.3984; e² = 7.3891 gives 5.2521 and 3.1945.
References: Anastassiou, Neural Networks 24 (2011) 378; Costarelli and Spigler, Neural Networks 44
(2013) 101.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.scalars import sigmoid

U = sp.Symbol("u", real=True)


def density(x: sp.Expr) -> sp.Expr:
    """φ(x).

    >>> float(density(sp.Integer(0)))
    0.23105857863000487
    """
    return (sigmoid(x + 1) - sigmoid(x - 1)) / 2


def weight(first: int, last: int) -> sp.Expr:
    """Σ φ(u − k) for first ≤ k ≤ last: the sum telescopes to four units."""
    return (
        sigmoid(U - first + 1) + sigmoid(U - first) - sigmoid(U - last) - sigmoid(U - last - 1)
    ) / 2


def moment(first: int, last: int) -> sp.Expr:
    """Σ |u − k| φ(u − k)."""
    return sp.Add(*(sp.Abs(U - k) * density(U - k) for k in range(first, last + 1)))


def constant(n: int) -> sp.Expr:
    """The expression in u = nx, 0 ≤ u ≤ n, whose supremum is K_n."""
    return moment(0, n) / weight(0, n)
