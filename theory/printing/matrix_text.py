"""Matrix expressions as a reader wants them: ``dW = X.T @ (softmax(X @ W) - Y) / n``.

Python without the names of modules, and a book's words where NumPy has others:

    softmax(A)          of each row (of the last axis); softmax(A, axis=0) of each column
    one_hot(t, k)       rows of the identity, np.eye(k)[t]
    diag(v) @ A         rows of A scaled by v, between other matrices
    σ(z), softplus(z), relu(z), Φ(z), (z > 0)

Whoever defines these names can run the lines.
"""

from __future__ import annotations

import re

from backproof.theory.equations import MatrixValue, Reduction
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.printing.chain_code import scaled_chain
from backproof.theory.printing.matrices import Axes, Diag, Node, NoMatrixForm, Plus
from backproof.theory.printing.matrix_code import MatrixCode, axis_of
from backproof.theory.printing.scalar_numpy import POWER, PRODUCT, ScalarNumPy, Written, within
from backproof.theory.printing.scalar_order import positive
from backproof.theory.scalars import (
    Elementwise,
    absolute,
    ndtr,
    relu,
    sgn,
    sigmoid,
    softplus,
    step,
)

_WORDS: dict[type, str] = {
    absolute: "abs",
    ndtr: "Φ",
    relu: "relu",
    sgn: "sgn",
    sigmoid: "σ",
    softplus: "softplus",
}


_SHORT = {"inverse": "inv", "pseudoinverse": "pinv", "exponential": "expm"}


class ScalarMatrixText(ScalarNumPy):
    """Scalar expressions without the names of modules."""

    def _module_format(self, fqn: str, register: bool = True) -> str:
        return fqn.rpartition(".")[2]

    def _named(self, expr: Elementwise, arguments: list[str]) -> str:
        if isinstance(expr, step):
            return f"({self._print(positive(expr.args[0]))})"
        word = _WORDS.get(type(expr))
        call = f"{word}({{0}})" if word else expr.numpy.replace("np.", "").replace("special.", "")
        return call.format(*arguments)


class MatrixText(MatrixCode):
    """The dialect of readers."""

    scalar = ScalarMatrixText()

    def show(self, rhs: Plus | Reduction | MatrixValue) -> str:
        """A right-hand side; raises `NoMatrixForm` where a tensor is called like a function."""
        code = super().show(rhs)
        if any(re.search(rf"\b{name}\(", code) for name in self._names):
            raise NoMatrixForm
        return code

    def name(self, plain: str) -> str:
        return plain

    def softmax(self, body: str, axes: Axes, over: Axes) -> str:
        everything = "axis=None" if len(over) == len(axes) > 1 else axis_of(axes, over)
        return self.call("softmax", body, "" if over == axes[-1:] else everything)

    def one_hot(self, label: str, size: str) -> str:
        return f"one_hot({label}, {size})"

    def matrix_function(self, function: str, body: str) -> str:
        return f"{_SHORT.get(function, BY_NAME[function].name)}({body})"

    def chain(self, links: tuple[Node, ...]) -> Written:
        solid = [k for k in links if len(k.axes) == 2 and not isinstance(k, Diag)]
        inner = any(isinstance(k, Diag) for k in links[1:-1])
        if len(solid) < 2 or not inner or len({len(k.axes) for k in links}) > 1:
            return scaled_chain(self, links)
        return " @ ".join(within(self.node(k), POWER) for k in links), PRODUCT
