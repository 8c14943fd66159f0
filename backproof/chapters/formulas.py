"""An equation as a formula block, in every form that a reader may want to copy."""

from __future__ import annotations

import re

from backproof.pages.blocks import Formula
from backproof.theory.derivation import Derivation
from backproof.theory.equations import Equation, Model
from backproof.theory.export import to_sympy
from backproof.theory.latex import latex
from backproof.theory.matrix_form import matrix_form, matrix_latex
from backproof.theory.text import text


def formula(equation: Equation, context: Model | Derivation, note: str = "") -> Formula:
    """The equation in index form, with its matrix form as a note where there is one."""
    matrix = matrix_latex(equation, context)
    return Formula(
        latex=latex(equation, context),
        text=text(equation, context),
        sympy=str(to_sympy(equation)),
        numpy=matrix_form(equation, context) or "",
        label=re.sub(r"\W", "-", equation.tensor.name),
        note=" ".join(filter(None, (note, f"In matrix form: ${matrix}$" if matrix else ""))),
    )
