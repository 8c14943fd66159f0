"""Dense networks stated as equations, with numbers for their parameters, as layers to enclose.

    z[n,j] = Σ_i W[j,i] h[n,i] + b[j]        h[n,j] = g(z[n,j])

A batch index is left out: the network is a function of one sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backproof.numerics.enclosures.feedforward import VALUES, FeedForward, Layer
from backproof.numerics.enclosures.rounding import Array
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Map, Ones, slot


def of_equations(model: Model, parameters: Mapping[str, Any]) -> FeedForward:
    """The layers of a model whose equations are affine maps and functions of one entry, in turn.

    ``parameters`` hold an array for each parameter of the model.

    >>> from backproof.theory.networks import mlp
    >>> model = mlp([1, 2, 1], activation="tanh", likelihood="gaussian").up_to("z2")
    >>> numbers = {"W1": [[1.0], [2.0]], "b1": [0.0, 0.0], "W2": [[1.0, -1.0]], "b2": [0.5]}
    >>> float(of_equations(model, numbers)(0.0))
    0.5
    """
    missing = sorted(set(model.parameters) - set(parameters))
    unknown = sorted(set(parameters) - set(model.parameters))
    if missing or unknown:
        found = f"no numbers for {', '.join(missing)}" if missing else f"unknown {unknown[0]}"
        raise BackproofError(
            "parameters", found, f"exactly {', '.join(model.parameters)}", "give one array each"
        )
    if len(model.inputs) != 1:
        raise BackproofError(
            "the network", f"the inputs {', '.join(model.inputs)}", "one", "use model.up_to(…)"
        )
    chain = _Chain(
        {k: np.asarray(v, float) for k, v in parameters.items()}, next(iter(model.inputs))
    )
    for equation in model.equations:
        chain.add(equation)
    return FeedForward(tuple(chain.layers))


@dataclass
class _Chain:
    """The layers so far, and the quantity that they lead to."""

    numbers: Mapping[str, Array]
    reached: str
    layers: list[Layer] = field(default_factory=list)

    def add(self, equation: Equation) -> None:
        """One more equation: a function of each entry, or an affine map."""
        if not isinstance(equation.rhs, Sum):
            raise self._refusal(equation)
        terms = equation.rhs.terms
        factors = [f for t in terms for f in t.factors if not isinstance(f, Ones)]
        if len(factors) == 1 and isinstance(factors[0], Map):
            self._activate(equation, factors[0], terms[0])
        else:
            self._affine(equation, terms)
        self.reached = equation.tensor.name

    def _activate(self, equation: Equation, mapped: Map, term: Contraction) -> None:
        kind = type(mapped.expression)
        plain = mapped.expression.args == (slot(0),) and kind in VALUES
        entry = mapped.arguments[0]
        same = entry.tensor.name == self.reached and entry.subscripts == equation.indices
        if not (plain and same and term.coefficient == 1 and self.layers):
            raise self._refusal(equation)
        if self.layers[-1].activation is not None:
            raise self._refusal(equation)
        self.layers[-1] = replace(self.layers[-1], activation=kind)

    def _affine(self, equation: Equation, terms: tuple[Contraction, ...]) -> None:
        unit = equation.indices[-1] if equation.indices else None
        weights: Array | None = None
        bias: Array | None = None
        for term in terms:
            entries = [f for f in term.factors if isinstance(f, Entry)]
            others = [f for f in term.factors if not isinstance(f, Entry | Ones)]
            hidden = [e for e in entries if e.tensor.name == self.reached]
            known = [e for e in entries if e.tensor.name in self.numbers]
            if (
                others
                or term.coefficient != 1
                or len(known) != 1
                or len(entries) != len(known) + len(hidden)
            ):
                raise self._refusal(equation)
            if hidden and weights is None and len(term.over) == 1:
                weights = self._matrix(known[0], unit, term.over[0])
            elif not hidden and bias is None and known[0].subscripts == (unit,):
                bias = self.numbers[known[0].tensor.name]
            else:
                raise self._refusal(equation)
        if weights is None:
            raise self._refusal(equation)
        self.layers.append(Layer(weights, np.zeros(len(weights)) if bias is None else bias))

    def _matrix(self, entry: Entry, unit: Index | None, summed: Index) -> Array:
        """Rows are units, columns are summed over."""
        matrix = self.numbers[entry.tensor.name]
        if entry.subscripts == (unit, summed):
            return matrix
        if entry.subscripts == (summed, unit):
            return matrix.T
        raise UnsupportedError(
            "the network", f"{entry.tensor.name}", "a dense layer", "write it so"
        )

    def _refusal(self, equation: Equation) -> UnsupportedError:
        return UnsupportedError(
            "the network",
            f"the equation {equation}",
            "an affine map of the layer before, or one activation of it",
            "certify up to its last linear layer: model.up_to('z2')",
        )
