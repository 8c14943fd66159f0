"""The mask of a rectifier from its output, so that its input can be let go of.

h = relu(z),  dz = 1[z > 0] dh   →   dz = 1[h > 0] dh        relu(z) > 0 where z > 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import Entry, Factor, Index, Map, Tensor, slot
from backproof.theory.scalars import relu, step
from backproof.theory.steps import Step

RULE = "mask from output"


def masked_by_outputs(
    equations: Sequence[Equation],
) -> tuple[tuple[Equation, ...], tuple[Step, ...]]:
    """The equations with ``1[h > 0]`` for ``1[z > 0]`` wherever ``h = relu(z)`` is known already.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> derived = derive(trace("h = np.maximum(z, 0)\\nreturn np.sum(h**2)", z="n"))
    >>> for equation in masked_by_outputs(derived.equations)[0]:
    ...     print(equation)
    h[i] = relu(z[i])
    f = Σ_i h[i]**2
    dh[i] = 2 h[i]
    dz[i] = 1[h[i] > 0] dh[i]
    """
    outputs: dict[Tensor, Tensor] = {}
    found: list[Equation] = []
    steps: list[Step] = []
    for equation in equations:
        made = equation
        if isinstance(equation.rhs, Sum):
            terms = tuple(
                Contraction(t.coefficient, tuple(_masked(f, outputs) for f in t.factors), t.over)
                for t in equation.rhs.terms
            )
            if terms != equation.rhs.terms:
                made = replace(equation, rhs=Sum(terms))
                steps.append(Step(RULE, equation, made, "relu(z) > 0 exactly where z > 0"))
        found.append(made)
        if (entry := _rectified(made)) is not None:
            outputs.setdefault(entry.tensor, made.tensor)
    return tuple(found), tuple(steps)


def _masked(factor: Factor, outputs: dict[Tensor, Tensor]) -> Factor:
    """A mask of an input as that of its output; anything else stays."""
    if not isinstance(factor, Map) or not factor.expression.has(step):
        return factor
    arguments = list(factor.arguments)
    expression = factor.expression
    for n, entry in enumerate(factor.arguments):
        masks, others = step(slot(n)), sp.Dummy()
        if entry.tensor in outputs and not expression.xreplace({masks: others}).has(slot(n)):
            arguments[n] = Entry(outputs[entry.tensor], entry.subscripts)
    return Map(expression, tuple(arguments))


def _rectified(equation: Equation) -> Entry | None:
    """z where the equation is ``h[i,…] = relu(z[i,…])``, index for index."""
    if not isinstance(equation.rhs, Sum) or len(equation.rhs.terms) != 1:
        return None
    (term,) = equation.rhs.terms
    if term.coefficient != 1 or term.over or len(term.factors) != 1:
        return None
    (factor,) = term.factors
    if not isinstance(factor, Map) or factor.expression != relu(slot(0)):
        return None
    (entry,) = factor.arguments
    plain = all(isinstance(s, Index) for s in entry.subscripts)
    return entry if plain and entry.subscripts == equation.indices else None
