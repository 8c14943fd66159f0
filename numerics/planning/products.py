"""Products over several axes as products of two matrices, whose targets are matrices too.

    np.copyto(t, np.tensordot(a, b, axes=…).transpose(…))
      →  copyto(packed, b.transpose(…))
         a.reshape(…).dot(packed.reshape(…), t.reshape(…))

A factor whose axes lie in memory as the matrix needs them is read where it is; any other, such as
the windows of a convolution, is packed by one copy, which later products of the same factor read
again.  The target is written in place where its axes lie so (see `orders`).

Reference: K. Chellapilla, S. Puri, P. Simard, High performance convolutional neural networks for
document processing (2006): convolution as one matrix product.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from backproof.numerics.planning.arrays import Array, Renamed, root
from backproof.numerics.planning.calls import Context, method, numpy, transposed
from backproof.numerics.planning.shapes import axes_of, constants, product_of, shape_of

Axes = list[int]


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
    """The copied product of two factors as a product of matrices.

    The condition: real factors and a whole target, of shapes that the code tells.
    """
    found = tensordot(line.value) if isinstance(line, ast.Expr) else None
    target = context.real(found.target) if found is not None else None
    if found is None or target is None:
        return None
    sides = []
    for node, summed in zip((found.first, found.second), found.summed, strict=True):
        shape = shape_of(node, context.arrays)
        owner = context.arrays.get(root(node) or "")
        if shape is None or owner is None or owner.integer:
            return None
        sides.append(Side(node, shape, [n for n in range(len(shape)) if n not in summed], summed))
    first, second = sides
    count = len(first.free)
    order = found.order if found.order is not None else list(range(target.rank))
    memory = [order[t] for t in target.memory]  # axes of the product as they lie in the target
    left = [first.free[n] for n in memory if n < count]
    right = [second.free[n - count] for n in memory if n >= count]
    together = [n < count for n in memory]
    grouped = together == sorted(together) or together == sorted(together, reverse=True)
    pairs = _summed(first, second, left, right, context)
    lines: list[ast.stmt] = []
    a = first.matrix(left, [p for p, _ in pairs], context, lines)
    b = second.matrix(right, [q for _, q in pairs], context, lines)
    sizes = product_of([first.shape[n] for n in left]), product_of([second.shape[n] for n in right])
    if grouped:
        swapped = bool(together) and not together[0]
        place = _whole(target, sizes[::-1] if swapped else sizes, context)
        pair = (b, a) if swapped else (a, b)
        product = method(pair[0], "dot", transposed(pair[1]), place)
        return [*lines, ast.Expr(product)]
    rows, columns = ([s.shape[n] for n in axes] for s, axes in ((first, left), (second, right)))
    scratch = _fresh("product", [product_of(rows), product_of(columns)], context)
    lines.append(ast.Expr(method(a, "dot", transposed(b), scratch)))
    own = [first.free.index(n) for n in left] + [count + second.free.index(n) for n in right]
    back = [own.index(n) for n in order]
    shaped = method(scratch, "reshape", *map(_code, (*rows, *columns)))
    view = context.preamble.name(
        ast.unparse(method(shaped, "transpose", *map(_code, map(str, back)))), "product_view",
        scratch.id,
    )  # fmt: skip
    lines.append(ast.Expr(ast.Call(numpy("copyto"), [found.target, view], [])))
    return lines


@dataclass(frozen=True)
class Side:
    """A factor: its code, its sizes, and its axes that stay and that are summed."""

    node: ast.expr
    shape: list[str]
    free: Axes
    summed: Axes

    def lies(self, context: Context) -> Axes | None:
        """Its axes in the order of memory, if it is a whole array."""
        whole = axes_of(self.node, context.arrays)
        if whole is None:
            return None
        array, axes = whole
        return [axes.index(n) for n in array.memory]

    def matrix(
        self, rows: Axes, columns: Axes, context: Context, lines: list[ast.stmt]
    ) -> ast.expr:
        """The factor as a matrix of some rows and columns, packed if it does not lie so."""
        sizes = [product_of([self.shape[n] for n in axes]) for axes in (rows, columns)]
        memory = self.lies(context)
        for axes, turned in (([*rows, *columns], False), ([*columns, *rows], True)):
            if memory == axes:
                plain = axes == sorted(axes)
                turned_view = method(self.node, "transpose", *map(_code, map(str, axes)))
                view = self.node if plain else turned_view
                shaped = sizes[::-1] if turned else sizes
                flat: ast.expr = method(view, "reshape", *map(_code, shaped))
                owner = root(self.node)
                if owner is not None and context.arrays[owner].kept:
                    flat = context.preamble.name(ast.unparse(flat), f"{owner}_matrix", owner)
                return ast.Attribute(flat, "T", ast.Load()) if turned else flat
        code = ast.unparse(self.node)
        for (packed, one, other), name in context.packs.items():
            if packed == code and (list(one), list(other)) == (rows, columns):
                return name
            if packed == code and (list(one), list(other)) == (columns, rows):
                return ast.Attribute(name, "T", ast.Load())
        return self._packed(rows, columns, context, lines)

    def _packed(
        self, rows: Axes, columns: Axes, context: Context, lines: list[ast.stmt]
    ) -> ast.expr:
        """A copy of the factor as a matrix; the longer side, which calls fill, goes innermost."""
        turned = any(not self.shape[n].isdecimal() for n in rows)
        outer, inner = (columns, rows) if turned else (rows, columns)
        array = _fresh("packed", [self.shape[n] for n in (*outer, *inner)], context)
        source = _turned(self.node, context, lines)
        view = method(source, "transpose", *map(_code, map(str, (*outer, *inner))))
        lines.append(ast.Expr(ast.Call(numpy("copyto"), [array, view], [])))
        sizes = [product_of([self.shape[n] for n in axes]) for axes in (outer, inner)]
        flat = method(array, "reshape", *map(_code, sizes))
        name = context.preamble.name(ast.unparse(flat), f"{array.id}_matrix", array.id)
        context.packs[ast.unparse(self.node), tuple(outer), tuple(inner)] = name
        return ast.Attribute(name, "T", ast.Load()) if turned else name


def _summed(
    first: Side, second: Side, left: Axes, right: Axes, context: Context
) -> list[tuple[int, int]]:
    """The pairs of summed axes, in the order in which a factor that lies as a matrix has them."""
    pairs = list(zip(first.summed, second.summed, strict=True))
    for side, rows, own in ((first, left, 0), (second, right, 1)):
        memory = side.lies(context)
        if memory is None:
            continue
        inside = [n for n in memory if n in side.summed]
        if memory in ([*rows, *inside], [*inside, *rows]):
            return sorted(pairs, key=lambda pair: inside.index(pair[own]))
    unknown = [p for p in pairs if not first.shape[p[0]].isdecimal()]
    return [*(p for p in pairs if p not in unknown), *unknown]


def _turned(node: ast.expr, context: Context, lines: list[ast.stmt]) -> ast.expr:
    """Windows of an argument read from a copy of it whose innermost axis is the one calls fill."""
    owner = root(node)
    if owner is None or isinstance(node, ast.Name) or not context.arrays[owner].argument:
        return node
    array = context.arrays[owner]
    told = [n for n, size in enumerate(array.shape) if not size.isdecimal()]
    if len(told) != 1 or told[0] == array.rank - 1:
        return node
    key = (owner, (), ())
    if key not in context.packs:
        order = [*(n for n in range(array.rank) if n != told[0]), told[0]]
        copy = _fresh(f"{owner}_turned", [array.shape[n] for n in order], context)
        back = [order.index(n) for n in range(array.rank)]
        view = context.preamble.name(
            ast.unparse(method(copy, "transpose", *map(_code, map(str, back)))), f"{owner}_copy",
            copy.id,
        )  # fmt: skip
        assert isinstance(view, ast.Name)
        context.arrays[view.id] = Array(view.id, array.shape, kept=True)
        lines.append(ast.Expr(ast.Call(numpy("copyto"), [view, ast.Name(owner, ast.Load())], [])))
        context.packs[key] = view
    name = ast.unparse(context.packs[key])
    return Renamed(owner, name).visit(ast.parse(ast.unparse(node), mode="eval").body)


def _whole(target: Array, sizes: tuple[str, str], context: Context) -> ast.expr:
    """The target as a matrix, in the order in which it lies."""
    view: ast.expr = ast.Name(target.name, ast.Load())
    if target.order is not None:
        view = method(view, "transpose", *map(_code, map(str, target.memory)))
    flat = method(view, "reshape", *map(_code, sizes))
    if not target.kept:
        return flat
    return context.preamble.name(ast.unparse(flat), f"{target.name}_matrix", target.name)


def _fresh(wish: str, shape: Sequence[str], context: Context) -> ast.Name:
    """A further array of the program."""
    kind = context.preamble.kind
    name = context.preamble.array(f"np.empty(({', '.join(shape)},), {kind})", wish)
    assert isinstance(name, ast.Name)
    context.arrays[name.id] = Array(name.id, tuple(shape), kept=True)
    return name


def _code(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
