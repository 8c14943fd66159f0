"""Products over several axes as products of two matrices, whose targets are matrices too.

    np.copyto(t, np.tensordot(a, b, axes=…).transpose(…))
      →  copyto(packed, b.transpose(…))
         a.reshape(…).dot(packed.reshape(…), t.reshape(…))

Factors are read where they lie as matrices, or packed (see `packing`).  The target is written in
place where its axes lie so (see `orders`).  A large product may run as a stack of small ones (see
`stacks`).

Reference: K. Chellapilla, S. Puri, P. Simard, High performance convolutional neural networks for
document processing (2006): convolution as one matrix product.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from backproof.numerics.planning.calls import Context, method, numpy
from backproof.numerics.planning.packing import (
    Axes,
    Side,
    flattened,
    fresh,
    number,
    parsed,
    transposed_last,
)
from backproof.numerics.planning.shapes import constants, product_of
from backproof.numerics.planning.stacks import AxesProduct, Way


@dataclass(frozen=True)
class Tensordot:
    """Target, factors, the summed axes of each, and the order in which the rest is copied."""

    target: ast.expr
    first: ast.expr
    second: ast.expr
    summed: tuple[Axes, Axes]
    order: Axes | None


def tensordot(node: ast.AST) -> Tensordot | None:
    """The parts of ``np.copyto(t, np.tensordot(a, b, axes=…).transpose(…))``."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "np.copyto"):
        return None
    target, source = node.args
    order: Axes | None = None
    function = source.func if isinstance(source, ast.Call) else None
    if isinstance(function, ast.Attribute) and function.attr == "transpose":
        order = constants(source.args)  # type: ignore[attr-defined]
        source = function.value
    if not (isinstance(source, ast.Call) and ast.unparse(source.func) == "np.tensordot"):
        return None
    first, second = source.args
    axes = ast.literal_eval(source.keywords[0].value)
    return Tensordot(target, first, second, (list(axes[0]), list(axes[1])), order)


def as_matrices(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """The copied product of two factors as a product of matrices, or a stack of such products.

    The condition: real factors and a whole target, of shapes that the code tells.
    """
    found = tensordot(line.value) if isinstance(line, ast.Expr) else None
    target = context.real(found.target) if found is not None else None
    if found is None or target is None:
        return None
    first = Side.read(found.first, found.summed[0], context.arrays)
    second = Side.read(found.second, found.summed[1], context.arrays)
    if first is None or second is None:
        return None
    count = len(first.free)
    order = found.order if found.order is not None else list(range(target.rank))
    memory = [order[t] for t in target.memory]  # axes of the product as they lie in the target
    left = [first.free[n] for n in memory if n < count]
    right = [second.free[n - count] for n in memory if n >= count]
    pairs = _summed(first, second, left, right)
    product = AxesProduct(first, second, left, right, pairs, target, order)
    return _written(product, context.stacks.decided(product), context)


def _written(product: AxesProduct, way: Way, context: Context) -> list[ast.stmt]:
    """The lines of a product that is computed in some way."""
    lines: list[ast.stmt] = []
    first, second, target = product.cuts(way)
    lies = product.lies(way)
    swapped = bool(lies) != way.turned
    if swapped:
        right = product.first.matrices(first.turned, context, lines)
        left = product.second.matrices(second, context, lines)
    else:
        left = product.first.matrices(first, context, lines)
        right = product.second.matrices(second.turned, context, lines)
    whole = ast.Name(product.target.name, ast.Load())
    if lies is None:
        return [*lines, *_copied(product, left, right, swapped, context)]
    cut = target.turned if lies else target
    place = flattened(whole, product.target.shape, cut, context)
    if way.side in ("left", "right"):
        return [*lines, ast.Expr(ast.Call(numpy("matmul"), [left, right], [_out(place)]))]
    sides = product.first.sizes(first.rows), product.second.sizes(second.rows)
    shape = [product_of(sizes) for sizes in (sides[::-1] if swapped else sides)]
    if way.side == "summed":
        stack = product.first.sizes(first.stack)
        parts = fresh("parts", [product_of(stack), *shape], context)
        view = method(parts, "reshape", *map(parsed, (*stack, *shape)))
        name = context.preamble.name(ast.unparse(view), "parts_view", parts.id)
        lines.append(ast.Expr(ast.Call(numpy("matmul"), [left, right], [_out(name)])))
        added = transposed_last(parts, 1) if way.turned else parts
        axis = ast.keyword("axis", ast.Constant(0))
        lines.append(ast.Expr(ast.Call(numpy("sum"), [added], [axis, _out(place)])))
        return lines
    if not way.turned:
        return [*lines, ast.Expr(method(left, "dot", right, place))]
    scratch = fresh("product", shape, context)
    lines.append(ast.Expr(method(left, "dot", right, scratch)))
    turned = transposed_last(scratch, 0)
    return [*lines, ast.Expr(ast.Call(numpy("copyto"), [place, turned], []))]


def _copied(
    product: AxesProduct, left: ast.expr, right: ast.expr, swapped: bool, context: Context
) -> list[ast.stmt]:
    """A product whose target does not lie as a matrix: into a scratch array, and copied."""
    first, second, target = product.cuts(Way())
    sizes = [product.first.sizes(first.rows), product.second.sizes(second.rows)]
    back = [target.rows, target.columns]
    if swapped:
        sizes.reverse()
        back.reverse()
    scratch = fresh("product", [product_of(axes) for axes in sizes], context)
    shaped = method(scratch, "reshape", *map(parsed, (*sizes[0], *sizes[1])))
    lies = (*back[0], *back[1])
    order = [lies.index(t) for t in range(product.target.rank)]
    view = method(shaped, "transpose", *map(number, order))
    name = context.preamble.name(ast.unparse(view), "product_view", scratch.id)
    whole = ast.Name(product.target.name, ast.Load())
    return [
        ast.Expr(method(left, "dot", right, scratch)),
        ast.Expr(ast.Call(numpy("copyto"), [whole, name], [])),
    ]


def _out(node: ast.expr) -> ast.keyword:
    return ast.keyword("out", node)


def _summed(first: Side, second: Side, left: Axes, right: Axes) -> list[tuple[int, int]]:
    """The pairs of summed axes, in the order in which a factor that lies as a matrix has them."""
    pairs = list(zip(first.summed, second.summed, strict=True))
    for side, rows, own in ((first, left, 0), (second, right, 1)):
        memory = side.memory
        if memory is None:
            continue
        inside = [n for n in memory if n in side.summed]
        if memory in ([*rows, *inside], [*inside, *rows]):
            return sorted(pairs, key=lambda pair: inside.index(pair[own]))
    unknown = [p for p in pairs if not first.shape[p[0]].isdecimal()]
    return [*(p for p in pairs if p not in unknown), *unknown]
