"""Names, rows, lookups and functions of matrices in LaTeX, their indices left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backproof.theory.equations import Equation, MatrixValue, Reduction
from backproof.theory.notation import Entry, Index
from backproof.theory.printing.entrywise_latex import EntrywiseLatex
from backproof.theory.printing.latex import Latex
from backproof.theory.printing.latex_names import Name
from backproof.theory.printing.matrices import Axes, NoMatrixForm
from backproof.theory.printing.scalar_latex import bracket


class PlainLatex:
    """What `MatrixLatex` is made of: the parts that are not products or sums."""

    def __init__(
        self,
        equation: Equation,
        context: Iterable[Equation] = (),
        unnamed: frozenset[str] = frozenset(),
    ) -> None:
        self._left = equation.tensor
        self._script = Latex(tuple(context))
        self._script.context.unnamed = unnamed
        self._script.context.note(equation.tensor, *equation.operands)
        self._script.context.current = equation.tensor.name
        self._scalar = EntrywiseLatex(self._script.names.size)

    # entries -------------------------------------------------------------------------------

    def _name(self, tensor: Any) -> Name:
        return self._script.name(tensor)

    def _leaf(self, entry: Entry) -> str:
        plain = [s for s in entry.subscripts if isinstance(s, Index)]
        name = self._name(entry.tensor)
        if len(plain) == len(entry.subscripts):
            shown = name.indexed("")
            return rf"\operatorname{{diag}}({shown})" if len(set(plain)) < len(plain) else shown
        if any(isinstance(s, Entry) and set(s.subscripts) & set(plain) for s in entry.subscripts):
            raise NoMatrixForm
        where = [
            ":" if isinstance(s, Index) else self._script.subscript(s) for s in entry.subscripts
        ]
        labels = [s for s in entry.subscripts if isinstance(s, Entry)]
        where = [
            self._leaf(s) if s in labels else w
            for s, w in zip(entry.subscripts, where, strict=True)
        ]
        return name.indexed(r",\,".join(where))

    def _direction(self, axes: Axes, over: Axes) -> str:
        """Along what a matrix is reduced; a vector needs no word."""
        if len(axes) == len(over):
            return ""
        if len(axes) != 2:
            raise NoMatrixForm
        return r"_{\mathrm{rows}}" if over[0] == axes[1] else r"_{\mathrm{columns}}"

    def _reduction(self, reduction: Reduction) -> str:
        axes = tuple(s for s in reduction.operand.subscripts if isinstance(s, Index))
        return self._extreme(reduction.kind, axes, reduction.over, self._leaf(reduction.operand))

    def _extreme(self, kind: str, axes: Axes, over: Axes, body: str) -> str:
        """A reduction along some axes."""
        spelled_kind = kind.replace("arg", r"arg\,")
        name = {"max": r"\max", "min": r"\min"}.get(kind, rf"\operatorname{{{spelled_kind}}}")
        return f"{name}{self._direction(axes, over)}{bracket(body)}"

    def _matrix_value(self, value: MatrixValue) -> str:
        if len(value.operand.subscripts) != 2:
            raise NoMatrixForm
        return self._script.function_of(value)
