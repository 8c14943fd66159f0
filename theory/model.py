"""Models: an ordered list of equations with inputs, parameters and one output or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from backproof.theory.equations import Equation, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor

if TYPE_CHECKING:
    from backproof.theory.steps import Step


@dataclass(frozen=True)
class Model:
    """An ordered list of equations, its inputs and parameters, and the tensor it computes.

    ``inputs`` and ``parameters`` map names to tensors; ``equations`` define every other tensor
    before it is used; ``output`` is the last quantity of interest; ``steps`` say how the
    statement was rewritten (stability, likelihood) before it reached this form.

    A model of several quantities (a step of an optimiser, of a sampler) has ``outputs``, the
    tensors by the names that a caller uses; ``output`` is then the first of them.
    """

    equations: tuple[Equation, ...]
    inputs: Mapping[str, Tensor]
    parameters: Mapping[str, Tensor]
    output: Tensor
    steps: tuple[Step, ...] = ()
    title: str = ""
    story: tuple[str, ...] = field(default=(), compare=False)
    outputs: Mapping[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known: dict[str, Tensor] = {**self.inputs, **self.parameters}
        for equation in self.equations:
            for tensor in equation.operands:
                if tensor.name not in known:
                    raise BackproofError(
                        str(equation.tensor.name),
                        f"the unknown name {tensor.name}",
                        f"one of {', '.join(known)}",
                        "declare it as an input or define it by an earlier equation",
                    )
            if equation.tensor.name in known:
                raise BackproofError(
                    equation.tensor.name,
                    "a second definition",
                    "one equation a name",
                    "rename one of the two",
                )
            known[equation.tensor.name] = equation.tensor
        for equation in self.equations:
            for index in every_index(equation):
                if index.name in known:
                    raise BackproofError(
                        f"{equation.tensor.name}",
                        f"{index.name} as an index and as a tensor",
                        "one meaning a name",
                        f"rename the index or the tensor {index.name}",
                    )
        defined = {e.tensor.name for e in self.equations}
        for name, tensor in self.outputs.items():
            if tensor.name not in defined:
                raise BackproofError(
                    f"the output {name}", f"no equation for {tensor.name}", "one", "define it"
                )

    @property
    def results(self) -> dict[str, Tensor]:
        """What is computed, by name: the outputs, or the one output as ``value``."""
        return dict(self.outputs) or {"value": self.output}

    @property
    def arguments(self) -> dict[str, Tensor]:
        """Inputs and parameters together: what a kernel is called with."""
        return {**self.inputs, **self.parameters}

    @property
    def sizes(self) -> tuple[sp.Symbol, ...]:
        """The symbolic sizes, by name."""
        shapes = (size for t in self.arguments.values() for size in t.shape)
        symbols = {s for size in shapes for s in size.free_symbols}
        return tuple(sorted(symbols, key=lambda s: s.name))

    def __getitem__(self, name: str) -> Equation:
        """The equation that defines an output or any quantity, by its name."""
        target = self.outputs[name].name if name in self.outputs else name
        for equation in self.equations:
            if equation.tensor.name == target:
                return equation
        raise BackproofError(
            "model",
            f"no equation for {name}",
            f"one of {', '.join(e.tensor.name for e in self.equations)}",
            "ask for a defined quantity",
        )

    def up_to(self, name: str) -> Model:
        """The model of one of its own quantities, with the inputs that it needs and no others.

        >>> from backproof.theory.networks import mlp
        >>> logits = mlp([3, 2]).up_to("z1")
        >>> print(logits, list(logits.arguments))
        z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j] ['x', 'W1', 'b1']
        """
        kept = needed(self.equations, [self[name].tensor])
        used = {t.name for e in kept for t in e.operands}
        return Model(
            kept,
            {k: t for k, t in self.inputs.items() if k in used},
            {k: t for k, t in self.parameters.items() if k in used},
            self[name].tensor,
            title=f"{name} of {self.title}" if self.title else "",
        )

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        return text(self)

    def _repr_latex_(self) -> str:
        from backproof.theory.printing.latex import latex

        return f"$${latex(self)}$$"


def needed(equations: Iterable[Equation], outputs: Iterable[Tensor]) -> tuple[Equation, ...]:
    """The equations that the outputs depend on, in order."""
    wanted = {t.name for t in outputs}
    kept: list[Equation] = []
    for equation in reversed(list(equations)):
        if equation.tensor.name in wanted:
            kept.append(equation)
            wanted.update(t.name for t in equation.operands)
    return tuple(reversed(kept))
