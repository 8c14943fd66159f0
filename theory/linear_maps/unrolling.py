"""Named quantities replaced by what defines them, until one equation says everything."""

from __future__ import annotations

from collections.abc import Mapping

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.normal import apart, normal
from backproof.theory.notation import Entry


def unrolled(total: Sum, definitions: Mapping[str, Equation]) -> Sum:
    """The sum with every factor that ``definitions`` define multiplied out, in normal form.

    A definition that is a sum of contractions unrolls; what is inside a scalar function does not.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("h = W1 @ x + b\\nreturn W2 @ h", W1="h d", W2="c h", x="d", b="h")
    >>> t1, f = model.equations
    >>> print(Equation(f.tensor, f.indices, unrolled(f.rhs, {t1.tensor.name: t1})))
    f[k] = Σ_i,j W2[k,i] W1[i,j] x[j] + Σ_i W2[k,i] b[i]
    """
    terms, changed = list(total.terms), True
    while changed:
        parts = [_expanded(term, definitions) for term in terms]
        changed = any(part is not None for part in parts)
        terms = [
            t
            for term, part in zip(terms, parts, strict=True)
            for t in ([term] if part is None else part)
        ]
        terms = list(normal(Sum(tuple(terms))).terms) if changed else terms
    return Sum(tuple(terms))


def _expanded(
    term: Contraction, definitions: Mapping[str, Equation]
) -> tuple[Contraction, ...] | None:
    """The term with its first defined factor replaced, or nothing where there is none."""
    for place, factor in enumerate(term.factors):
        if not isinstance(factor, Entry) or factor.tensor.name not in definitions:
            continue
        definition = definitions[factor.tensor.name]
        if not isinstance(definition.rhs, Sum):
            continue
        new = dict(zip(definition.indices, factor.subscripts, strict=True))
        others = term.factors[:place] + term.factors[place + 1 :]
        parts = (apart(part).renamed(new) for part in definition.rhs.terms)
        return tuple(
            Contraction(
                term.coefficient * part.coefficient, others + part.factors, term.over + part.over
            )
            for part in parts
        )
    return None
