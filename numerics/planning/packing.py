"""A factor of a product over several axes as a matrix, or as a stack of matrices.

    Σ_k,u,v K[l,k,u,v] x[n,k,i+u,j+v]   →   copyto(packed, windows of x)       packed[i, k,u,v, j,n]
                                            K.reshape(l, kuv) @ packed.reshape(i, kuv, jn)

A factor whose axes lie in memory as the matrices need them is read where it is; any other, such as
the windows of a convolution, is packed by one copy, which later products of the same factor read
again.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from backproof.numerics.planning.arrays import Array, Arrays, Renamed, root
from backproof.numerics.planning.calls import Context, method, numpy
from backproof.numerics.planning.shapes import axes_of, product_of, shape_of

Axes = list[int]
Pack = tuple[str, tuple[int, ...], tuple[int, ...]]  # code, axes as they lie, where they are cut


@dataclass(frozen=True)
class Cut:
    """How the axes of a factor make matrices: those of the stack, of its rows, of its columns."""

    stack: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def turned(self) -> Cut:
        """That of the transposes."""
        return Cut(self.stack, self.columns, self.rows)


@dataclass(frozen=True)
class Side:
    """A factor: its sizes, its axes that stay and that are summed, and how it lies.

    ``memory`` are its axes in the order of memory, `None` if it is no whole array; ``bare`` is the
    code without those of the axes that stay which have one entry, and ``left`` are the axes of it.
    """

    node: ast.expr
    code: str
    shape: list[str]
    free: Axes
    summed: Axes
    memory: Axes | None
    bare: str
    left: Axes

    @classmethod
    def read(cls, node: ast.expr, summed: Axes, arrays: Arrays) -> Side | None:
        """The factor, `None` for one that is not real or whose shape is not plain to see."""
        shape, owner = shape_of(node, arrays), arrays.get(root(node) or "")
        if shape is None or owner is None or owner.integer:
            return None
        whole = axes_of(node, arrays)
        memory = None if whole is None else [whole[1].index(n) for n in whole[0].memory]
        free = [n for n in range(len(shape)) if n not in summed]
        bare, left = node, list(range(len(shape)))
        for axis in (n for n in reversed(free) if shape[n] == "1"):
            inner = at_zero(bare, axis, arrays)
            if inner is not None:
                bare = inner
                left.remove(axis)
        codes = ast.unparse(node), ast.unparse(bare)
        return cls(node, codes[0], shape, free, summed, memory, codes[1], left)

    def sizes(self, axes: Sequence[int]) -> list[str]:
        """The sizes of some axes."""
        return [self.shape[n] for n in axes]

    def by_columns(self, cut: Cut) -> bool | None:
        """Whether its matrices lie by columns where they are; `None` if it must be packed."""
        return lying(self.memory, cut) if self.memory is not None else None

    def pack(self, cut: Cut) -> tuple[Pack, bool]:
        """What a packed copy holds, and whether its matrices lie by columns.

        The side of a matrix which calls fill goes innermost.  An axis of one entry is read there,
        so that factors with and without it share a copy.
        """
        turned = any(not self.shape[n].isdecimal() for n in cut.rows)
        lie = cut.turned if turned else cut
        code, left = self.bare, self.left
        if not {*lie.stack} <= {*left}:
            code, left = self.code, list(range(len(self.shape)))
        axes = [[left.index(n) for n in group if n in left] for group in (lie.rows, lie.columns)]
        stack = [left.index(n) for n in lie.stack]
        return (code, (*stack, *axes[0], *axes[1]), (len(stack), len(axes[0]))), turned

    def matrices(self, cut: Cut, context: Context, lines: list[ast.stmt]) -> ast.expr:
        """The factor as a stack of matrices, packed if it does not lie so."""
        across = self.by_columns(cut)
        if across is not None:
            flat = flattened(self.node, self.shape, cut.turned if across else cut, context)
            return transposed_last(flat, len(cut.stack)) if across else flat
        key, turned = self.pack(cut)
        if key not in context.packs:
            context.packs[key] = self._packed(key, cut.turned if turned else cut, context, lines)
        name = context.packs[key]
        return transposed_last(name, len(cut.stack)) if turned else name

    def _packed(self, key: Pack, cut: Cut, context: Context, lines: list[ast.stmt]) -> ast.expr:
        """A copy of the factor whose axes lie as the matrices have them."""
        code, order, _ = key
        left = self.left if code == self.bare else list(range(len(self.shape)))
        array = fresh("packed", self.sizes([left[n] for n in order]), context)
        source = _turned(parsed(code), context, lines)
        view = method(source, "transpose", *map(number, order))
        lines.append(ast.Expr(ast.Call(numpy("copyto"), [array, view], [])))
        sides = (product_of(self.sizes(axes)) for axes in (cut.rows, cut.columns))
        sizes = [*self.sizes(cut.stack), *sides]
        flat = method(array, "reshape", *map(parsed, sizes))
        return context.preamble.name(ast.unparse(flat), f"{array.id}_matrix", array.id)


def at_zero(node: ast.expr, axis: int, arrays: Arrays) -> ast.expr | None:
    """The view of the first entry of an axis, `None` where that is one of a window's.

    ``window(x, 2, …)[:, 0]`` is ``window(x[:, 0], 1, …)``, whose later axes count one less.
    """
    if isinstance(node, ast.Name):
        parts = ", ".join("0" if n == axis else ":" for n in range(arrays[node.id].rank))
        return parsed(f"{node.id}[{parts}]")
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "window"):
        return None
    inner, place, start, *extents = node.args
    at = ast.literal_eval(place)
    if at <= axis < at + len(extents):
        return None
    inside = at_zero(inner, axis if axis < at else axis - len(extents) + 1, arrays)
    if inside is None:
        return None
    moved = ast.Constant(at - (axis < at))
    return ast.Call(node.func, [inside, moved, start, *extents], [])


def lying(memory: Sequence[int], cut: Cut) -> bool | None:
    """Whether matrices of an array lie by columns, `None` if they do not lie as matrices.

    The condition: the axes of the rows follow each other, and so do those of the columns; one of
    the two goes innermost.
    """
    text = tuple(memory)
    for across, lie in ((False, cut), (True, cut.turned)):
        outer, inner = (lie.rows, lie.columns) if lie.columns else ((), lie.rows)
        innermost = text[len(text) - len(inner) :] == inner
        follow = (text[n : n + len(outer)] == outer for n in range(len(text)))
        if innermost and (not outer or any(follow)):
            return across
    return None


def flattened(node: ast.expr, shape: Sequence[str], cut: Cut, context: Context) -> ast.expr:
    """A view of an array as a stack of matrices that lie by rows."""
    axes = (*cut.stack, *cut.rows, *cut.columns)
    plain = list(axes) == sorted(axes)
    view = node if plain else method(node, "transpose", *map(number, axes))
    sides = (product_of([shape[n] for n in group]) for group in (cut.rows, cut.columns))
    sizes = [*(shape[n] for n in cut.stack), *sides]
    flat: ast.expr = method(view, "reshape", *map(parsed, sizes))
    owner = root(node)
    if owner is not None and context.arrays[owner].kept:
        return context.preamble.name(ast.unparse(flat), f"{owner}_matrix", owner)
    return flat


def transposed_last(node: ast.expr, depth: int) -> ast.expr:
    """The transposes of a stack of matrices."""
    if not depth:
        return ast.Attribute(node, "T", ast.Load())
    return method(node, "transpose", *map(number, (*range(depth), depth + 1, depth)))


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
        copy = fresh(f"{owner}_turned", [array.shape[n] for n in order], context)
        back = [order.index(n) for n in range(array.rank)]
        view = context.preamble.name(
            ast.unparse(method(copy, "transpose", *map(number, back))), f"{owner}_copy", copy.id
        )
        assert isinstance(view, ast.Name)
        context.arrays[view.id] = Array(view.id, array.shape, kept=True)
        lines.append(ast.Expr(ast.Call(numpy("copyto"), [view, ast.Name(owner, ast.Load())], [])))
        context.packs[key] = view
    name = ast.unparse(context.packs[key])
    return Renamed(owner, name).visit(ast.parse(ast.unparse(node), mode="eval").body)


def fresh(wish: str, shape: Sequence[str], context: Context) -> ast.Name:
    """A further array of the program."""
    kind = context.preamble.kind
    name = context.preamble.array(f"np.empty(({', '.join(shape)},), {kind})", wish)
    assert isinstance(name, ast.Name)
    context.arrays[name.id] = Array(name.id, tuple(shape), kept=True)
    return name


def number(value: int) -> ast.expr:
    """The code of a whole number."""
    return ast.Constant(value)


def parsed(text: str) -> ast.expr:
    """The code of a size."""
    return ast.parse(text, mode="eval").body
