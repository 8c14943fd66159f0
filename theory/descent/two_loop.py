"""The two-loop recursion of L-BFGS: a gradient times an inverse Hessian that is never formed."""

from __future__ import annotations

from dataclasses import replace

from backproof.theory.declarations import array
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace


def two_loop(memory: int, scaled: bool = True) -> Model:
    """H g by the two-loop recursion, from the last ``memory`` steps and changes of the gradient.

        α_i = ρ_i s_iᵀ q,   q ← q − α_i y_i      from the last pair to the first
        r = γ q
        β = ρ_i y_iᵀ r,     r ← r + (α_i − β) s_i      from the first pair to the last

    with ρ_i = 1 / y_iᵀ s_i, and γ = sᵀy / yᵀy of the last pair (1 if not ``scaled``).  Inputs:
    the gradient ``g`` of shape (n,) and the pairs ``s`` and ``y`` of shape (memory, n), the last
    one at the end.  Output: ``r``; the step goes along −r.

    Raises `BackproofError` for a memory below 1.

    Reference: Nocedal and Wright, Numerical Optimization, 2nd ed. (2006), algorithm 7.4 and
    equation 7.20.

    >>> print(two_loop(1, scaled=False))
    t1 = Σ_i s[0,i] y[0,i]
    rho = 1 / t1
    alpha0 = rho Σ_i s[0,i] g[i]
    q0[i] = g[i] - alpha0 y[0,i]
    beta0 = rho Σ_i y[0,i] q0[i]
    r0[i] = (alpha0 - beta0) s[0,i] + q0[i]
    """
    if not isinstance(memory, int) or memory < 1:
        raise BackproofError("two_loop", f"memory={memory!r}", "a whole number from 1", "pass 10")
    lines = ["rho = 1 / np.sum(s * y, axis=1)", "q = g"]
    for i in reversed(range(memory)):
        lines += [
            f"alpha{i} = rho[{i}] * (s[{i}] @ q)",
            f"q{i} = q - alpha{i} * y[{i}]",
            f"q = q{i}",
        ]
    last = memory - 1
    gamma = f"(s[{last}] @ y[{last}]) / (y[{last}] @ y[{last}])"
    lines += [f"gamma = {gamma}", "r = gamma * q"] if scaled else ["r = q"]
    for i in range(memory):
        lines += [f"beta{i} = rho[{i}] * (y[{i}] @ r)", f"r{i} = r + (alpha{i} - beta{i}) * s[{i}]"]
        lines.append(f"r = r{i}")
    pairs = array(f"{memory} n")
    model = trace("\n".join([*lines, "return r"]), g="n", s=pairs, y=pairs)
    return replace(model, title=f"Two-loop recursion of L-BFGS, {memory} pairs")
