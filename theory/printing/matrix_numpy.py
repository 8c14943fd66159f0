"""Matrix expressions as NumPy that runs: a diagonal scales its neighbour instead of being made."""

from __future__ import annotations

from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.printing.chain_code import scaled_chain
from backproof.theory.printing.matrices import Axes, Node
from backproof.theory.printing.matrix_code import MatrixCode, axis_of
from backproof.theory.printing.scalar_numpy import ScalarNumPy, Written

_MODULES = {"logsumexp": "special", "softmax": "special", "norm": "np.linalg"}


class MatrixNumPy(MatrixCode):
    """The dialect of kernels: ``np``, ``scipy`` and ``special`` (scipy.special)."""

    scalar = ScalarNumPy()

    def name(self, plain: str) -> str:
        return f"{_MODULES.get(plain, 'np')}.{plain}"

    def softmax(self, body: str, axes: Axes, over: Axes) -> str:
        return self.call("softmax", body, axis_of(axes, over))

    def one_hot(self, label: str, size: str) -> str:
        return f"np.eye({size})[{label}]"

    def matrix_function(self, function: str, body: str) -> str:
        stated = BY_NAME[function]
        call = stated.numpy.format(body)
        if call.startswith("np."):
            return call
        names = stated.spelled
        scipy = names and all(name.startswith("scipy.") for name in names)
        return f"scipy.{call}" if scipy else f"np.{call}"  # kernels import linalg by itself

    def chain(self, links: tuple[Node, ...]) -> Written:
        return scaled_chain(self, links)
