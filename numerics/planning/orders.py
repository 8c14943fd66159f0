"""The order of a buffer's axes in memory: the axis that calls fill goes innermost.

Images of a batch of N lie pixel by pixel, N numbers each, so that windows, maxima and sums over
places are loops over long vectors.  The conditions:

- three axes or more, of which one alone has a size that calls tell;
- the result of a product over several axes keeps those of each factor together, so that the
  product writes it as one matrix.

Matrices lie as their products and lines are cheapest, see `matrix_orders`.  Results are in C order,
but for outer products of each example, such as dW[n,j,i] = dz[n,j] x[n,i]: with short axes
innermost they would be as many short loops as there are entries in dz.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence

import sympy as sp

from backproof.numerics.operand_code import Buffer
from backproof.numerics.planning.arrays import Arrays, names
from backproof.numerics.planning.matrix_lines import outer_product
from backproof.numerics.planning.products import tensordot
from backproof.numerics.planning.shapes import shape_of

Order = tuple[int, ...]


def orders(
    buffers: Iterable[Buffer], trees: Sequence[ast.Module], arrays: Arrays
) -> dict[str, Order]:
    """The order of each buffer of three axes or more that is not in C order."""
    groups = {name: group for tree in trees for name, group in _products(tree, arrays)}
    found = {}
    for buffer in buffers:
        order = _order(buffer.shape, groups.get(buffer.name))
        if order != tuple(range(len(order))):
            found[buffer.name] = order
    return found


def outer_orders(results: Iterable[Buffer], trees: Sequence[ast.Module]) -> dict[str, Order]:
    """The order of each result that an outer product writes and nothing else mentions."""
    lines = [node for tree in trees for node in tree.body]
    written = {found[0]: node for node in lines if (found := outer_product(node)) is not None}
    mentioned = Counter(name for node in lines for name in names(node) & written.keys())
    return {
        b.name: order
        for b in results
        if mentioned[b.name] == 1 and (order := _order(b.shape, None)) != tuple(range(len(order)))
    }


def merged(trees: Iterable[ast.Module]) -> set[str]:
    """The arrays of which a line joins axes, so that they must lie in C order."""
    return {name for tree in trees for name in _merged(tree)}


def _order(shape: Sequence[sp.Expr], group: Sequence[int] | None) -> Order:
    axes = tuple(range(len(shape)))
    told = [n for n in axes if not shape[n].is_Integer]
    if len(axes) < 3 or len(told) != 1:
        return axes
    (inner,) = told
    if group is None:
        return (*(n for n in axes if n != inner), inner)
    last = [n for n in axes if (n in group) == (inner in group) and n != inner]
    first = [n for n in axes if (n in group) != (inner in group)]
    return (*first, *last, inner)


def _merged(tree: ast.AST) -> Iterable[str]:
    """Arrays of which a reshape joins axes: as many axes as it had, or fewer, or a number open."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        value = node.func.value
        if node.func.attr == "reshape" and isinstance(value, ast.Name):
            opened = any(isinstance(a, ast.Starred | ast.UnaryOp) for a in node.args)
            if opened or len(node.args) < 3:
                yield value.id


def _products(tree: ast.AST, arrays: Arrays) -> Iterable[tuple[str, list[int]]]:
    """Targets of copied products over axes, and which of their axes the first factor gives."""
    for node in ast.walk(tree):
        found = tensordot(node)
        if found is None or not isinstance(found.target, ast.Name):
            continue
        shape = shape_of(found.first, arrays)
        if shape is not None and found.order is not None:
            left = len(shape) - len(found.summed[0])
            yield found.target.id, [t for t, axis in enumerate(found.order) if axis < left]
