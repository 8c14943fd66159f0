"""What a document is about: everything that its chapters may draw on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from backproof.numerics.kernel import Kernel, compile
from backproof.pages.blocks import Formula
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.closed import closed
from backproof.theory.equations import Equation
from backproof.theory.evaluation.export import to_sympy
from backproof.theory.model import Model
from backproof.theory.printing.forms import latex, text
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex


class Verification(Protocol):
    """What a judge found: rows of (statement, verdict, rests_on, detail), and a report."""

    @property
    def evidence(self) -> Sequence[tuple[str, str, Sequence[str], str]]: ...


@dataclass(frozen=True)
class Material:
    """A model, what was derived from it, what was judged, and pictures (caption, figure)."""

    model: Model
    derivation: Derivation | None = None
    verifications: Sequence[Verification] = ()
    figures: Sequence[tuple[str, Any]] = ()
    given_kernel: Kernel | None = field(default=None, repr=False)

    @property
    def statement(self) -> Model | Derivation:
        """The derivation if there is one, else the model."""
        return self.derivation or self.model

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All equations, the model's own and the derived ones."""
        return tuple(self.statement.equations)

    @cached_property
    def kernel(self) -> Kernel:
        """The kernel that was passed, or one compiled for the document."""
        return self.given_kernel or compile(self.statement)

    def formula(self, equation: Equation, note: str = "") -> Formula:
        """The equation in index form, with its matrix form as a note where there is one."""
        matrix = matrix_latex(equation, self.statement)
        notes = (note, f"In matrix form: ${matrix}$" if matrix else "")
        return Formula(
            latex=latex(equation, self.statement),
            text=text(equation, self.statement),
            sympy=str(to_sympy(equation)),
            numpy=matrix_form(equation, self.statement) or "",
            label=re.sub(r"[^A-Za-z0-9_-]", _in_ascii, equation.tensor.name),
            note=" ".join(filter(None, notes)),
        )

    def closed(self, name: str) -> Formula | None:
        """A result as one formula; `None` where it is that already."""
        found = closed(self.statement, name)
        tensor = found.result.tensor.name
        if not set(found.written) & {t.name for t in self.statement[name].operands}:
            return None
        return Formula(
            latex=latex(found),
            text=text(found),
            numpy=text(found, form="numpy"),
            label=re.sub(r"\W", "-", f"closed-{tensor}"),
        )


def _in_ascii(letter: re.Match[str]) -> str:
    """A letter that labels cannot hold, by its number: Ω is u3a9."""
    return f"u{ord(letter[0]):x}"
