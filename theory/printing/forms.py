"""The two forms of a result: matrix notation where it exists, index notation otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backproof.theory.closed import Closed
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.printing.latex import Latex
from backproof.theory.printing.latex import latex as index_latex
from backproof.theory.printing.layout import Script, equations_of
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex, matrix_text
from backproof.theory.printing.text import Text
from backproof.theory.printing.text import text as index_text

FORMS = ("index", "matrix", "numpy")


def text(thing: Any, context: Any = None, form: str | None = None) -> str:
    """Readable text of an equation, model, derivation, closed form, step or expression.

    ``form="index"`` writes every index, ``form="matrix"`` writes matrices where that is possible
    and indices elsewhere, and ``form="numpy"`` does so with matrices as NumPy that runs.  Without
    a form a closed form is written in matrices, everything else in indices.  In matrix notation
    ``softmax`` acts on rows, functions act entry by entry, and ``@`` multiplies.

    ``context`` is the model or derivation that an equation is part of: with it, a softmax is
    recognised as one.  Raises `BackproofError` for an unknown form.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> g = derive(trace("np.sum(np.logaddexp(0, W @ x))", W="m n", x="n"), "W")
    >>> print(text(g["W"]), text(g["W"], form="matrix"), sep="; ")
    dW[i,j] = dt1[i] x[j]; dW = outer(dt1, x)
    """
    form = _form(thing, form)
    if isinstance(thing, Closed):
        lines = [_line(e, thing, form, matrix_text, Text) for e in thing.equations]
        if form == "numpy":
            return "\n".join(_line(e, thing, form, matrix_form, Text) for e in thing.equations)
        *others, result = lines
        return "\n".join([result, *(f"    where {line}" for line in reversed(others))])
    if form == "index" or not (equations := _equations(thing)):
        return index_text(thing, context)
    write = matrix_text if form == "matrix" else matrix_form
    around = context if context is not None else thing if len(equations) > 1 else None
    return "\n".join(write(e, around) or index_text(e, around) for e in equations)


def latex(thing: Any, context: Any = None, form: str | None = None) -> str:
    r"""LaTeX of an equation, model, derivation, closed form, step, factor or expression.

    ``form="index"`` writes every index and ``form="matrix"`` matrices where that is possible;
    without a form a closed form is written in matrices, everything else in indices.  Several
    lines are one ``aligned`` environment, to be put between ``$$``.  A string becomes ``\text``.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> g = derive(trace("np.sum(np.logaddexp(0, W @ x))", W="m n", x="n"), "W")
    >>> print(latex(g["W"]), latex(g["W"], form="matrix"), sep="; ")
    \bar{W}_{ij} = \bar{t}^{(1)}_{i} x_{j}; \bar{W} = \bar{t}^{(1)} x^{\top}
    """
    form = _form(thing, form)
    if isinstance(thing, Closed):
        *others, result = [_line(e, thing, form, matrix_latex, Latex) for e in thing.equations]
        if not others:
            return result
        where = [rf"\text{{where}}\quad {others[-1]}", *others[-2::-1]]
        return _aligned([result, *where])
    if form == "index" or not (equations := _equations(thing)):
        return index_latex(thing, context)
    around = context if context is not None else thing if len(equations) > 1 else None
    lines = [matrix_latex(e, around) or index_latex(e, around) for e in equations]
    return lines[0] if isinstance(thing, Equation) else _aligned(lines)


def _form(thing: Any, form: str | None) -> str:
    if form is None:
        return "matrix" if isinstance(thing, Closed) else "index"
    if form not in FORMS:
        raise BackproofError("form", repr(form), f"one of {', '.join(FORMS)}", "choose one")
    return form


def _equations(thing: Any) -> tuple[Equation, ...]:
    """The equations of what consists of equations."""
    if isinstance(thing, Equation):
        return (thing,)
    found = equations_of(thing) if hasattr(thing, "equations") else thing
    several = isinstance(found, list | tuple) and all(isinstance(e, Equation) for e in found)
    return tuple(found) if several else ()


def _line(
    equation: Equation,
    closed: Closed,
    form: str,
    write: Callable[..., str | None],
    script: type[Script],
) -> str:
    """One line of a closed form, in matrices where that is possible."""
    found = None if form == "index" else write(equation, closed.context, closed.written)
    return found or script(closed.context).closed(equation, closed.written)


def _aligned(lines: list[str]) -> str:
    """Lines that are aligned at their first sign of equality."""
    rows = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"
