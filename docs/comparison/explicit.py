"""Matrix and array expressions of SymPy at numbers, by NumPy.

SymPy evaluates most of them itself (`subs`, `as_explicit`), though slowly and not all: this reads
the same trees, so that no answer goes unjudged. A test holds the two together where both work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArrayTensorProduct,
    PermuteDims,
    ZeroArray,
)


class Evaluation:
    """Expressions at numbers: matrices by their names, sizes and scalars by their symbols."""

    def __init__(
        self, matrices: Mapping[str, np.ndarray], scalars: Mapping[sp.Symbol, float]
    ) -> None:
        self._matrices, self._scalars = matrices, dict(scalars)

    def __call__(self, node: Any) -> np.ndarray:
        """The array of a node: a scalar without axes, a matrix with two, an array as it says."""
        found: Any
        match node:
            case sp.MatrixSymbol():
                found = self._matrices[node.name]
            case sp.OneMatrix() | sp.ZeroMatrix() | ZeroArray():
                found = np.full(self._shape(node), float(isinstance(node, sp.OneMatrix)))
            case sp.Identity():
                found = np.eye(self._shape(node)[0])
            case sp.Transpose():
                found = self(node.arg).T
            case sp.Inverse():
                found = np.linalg.inv(self(node.arg))
            case sp.Trace():
                found = np.trace(self(node.arg))
            case sp.Determinant():
                found = np.linalg.det(self(node.arg))
            case sp.DiagMatrix():
                found = np.diag(self(node.args[0]).ravel())
            case sp.MatMul():
                found = reduce(_times, map(self, node.args))
            case sp.MatPow():
                found = _power(self(node.base), self(node.exp).item())
            case sp.HadamardProduct() | sp.Mul():
                found = reduce(np.multiply, map(self, node.args))
            case sp.MatAdd() | ArrayAdd() | sp.Add():
                found = sum(map(self, node.args))
            case ElementwiseApplyFunction() | ArrayElementwiseApplyFunc():
                found = self._applied(node.function, node.expr)
            case MatrixElement():
                row, column = (int(self(place)) for place in node.args[1:])
                found = self(node.args[0])[row, column]
            case sp.Sum():
                found = self._summed(node)
            case _:
                found = self._array(node)
        return np.asarray(found, dtype=float)

    def _array(self, node: Any) -> Any:
        match node:
            case ArrayTensorProduct():
                return reduce(np.multiply.outer, map(self, node.args))
            case ArrayContraction():
                return self._joined(node.expr, node.contraction_indices, kept=False)
            case ArrayDiagonal():
                return self._joined(node.expr, node.diagonal_indices, kept=True)
            case PermuteDims():
                return np.transpose(self(node.expr), node.permutation.array_form)
            case sp.Symbol():
                return self._scalars[node]
            case sp.Pow():
                return self(node.base) ** self(node.exp)
            case sp.log() | sp.exp():
                return getattr(np, node.func.__name__)(self(node.args[0]))
            case sp.Number():
                return float(node)
        raise NotImplementedError(type(node).__name__)

    def _shape(self, node: Any) -> list[int]:
        return [int(self(size)) for size in node.shape]

    def _applied(self, function: Any, argument: Any) -> np.ndarray:
        q = sp.Symbol("q")
        return np.asarray(sp.lambdify(q, function(q), "numpy")(self(argument)))

    def _summed(self, node: Any) -> Any:
        inner, total = Evaluation(self._matrices, self._scalars), np.array(0.0)
        ranges = [range(int(self(low)), int(self(high)) + 1) for _, low, high in node.limits]
        for places in product(*ranges):
            inner._scalars |= zip((index for index, _, _ in node.limits), places, strict=True)
            total = total + inner(node.function)
        return total

    def _joined(self, array: Any, groups: Any, kept: bool) -> np.ndarray:
        """Axes of a group made one: summed, or kept behind the axes of no group."""
        values = self(array)
        axes = list(range(values.ndim))
        for place, group in enumerate(groups):
            for axis in group:
                axes[int(axis)] = values.ndim + place
        behind = [values.ndim + place for place in range(len(groups))] if kept else []
        out = [axis for axis in axes if axis < values.ndim] + behind
        letters = {axis: place for place, axis in enumerate(dict.fromkeys(axes + out))}
        return np.einsum(values, [letters[a] for a in axes], [letters[a] for a in out])


def _times(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return left @ right if left.ndim and right.ndim else left * right


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    if matrix.size == 1:
        return matrix**exponent
    if not exponent.is_integer():
        raise NotImplementedError(f"a matrix to the power {exponent}")
    return np.linalg.matrix_power(matrix, int(exponent))
