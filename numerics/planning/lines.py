"""Lines that mean the same and cost less, where one line becomes several; each with its condition.

np.copyto(t, X[np.arange(N), y])      →   add(y, rows, at)          at = K·n + y[n]
                                          flat.take(at, None, t, 'clip')
np.einsum('ab,ab->a', p, q, out=t)    →   multiply(p, q, s)
                                          s.dot(ones, t)
np.multiply(a[:, :, None], x[:, None, :], out=t)   →   one product for each entry of a short axis
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from backproof.numerics.planning.arrays import Array, names, rank
from backproof.numerics.planning.broadcasts import one_column, outer, repeated, whole_columns
from backproof.numerics.planning.calls import SHORT, Context, called, keyword, method, numpy
from backproof.numerics.planning.chains import sigmoid, softplus
from backproof.numerics.planning.maxima import first_maxima
from backproof.numerics.planning.products import as_matrices

FEW = 8  # the longest last axis that is written out: a loop of NumPy's over it costs more

Rule = Callable[[ast.stmt, Context], "list[ast.stmt] | None"]


def gathered(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.copyto(t, X[np.arange(N), y])`` by positions in memory.

    The condition: a whole buffer X, and labels that are checked to lie on its second axis.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, "copyto"):
        return None
    target, source = call.args
    if context.real(target) is None or not isinstance(source, ast.Subscript):
        return None
    found = _labelled(source, context)
    if found is None:
        return None
    flat, at, before = found
    take = method(flat, "take", at, ast.Constant(None), target, ast.Constant("clip"))
    return [*before, ast.Expr(take)]


def scattered(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``X[np.arange(N), y] += c`` by positions in memory, which are distinct."""
    if not isinstance(line, ast.AugAssign) or not isinstance(line.target, ast.Subscript):
        return None
    if names(line.value) & context.arrays.keys():
        return None
    found = _labelled(line.target, context)
    if found is None:
        return None
    flat, at, before = found
    place = ast.Subscript(flat, at, ast.Store())
    number = context.preamble.constant(ast.unparse(line.value))
    return [*before, ast.AugAssign(place, line.op, number)]


def _labelled(
    node: ast.Subscript, context: Context
) -> tuple[ast.expr, ast.expr, list[ast.stmt]] | None:
    """The buffer as a vector, the positions in it, and the lines that compute them."""
    array, index = context.real(node.value), node.slice
    if array is None or not array.kept or array.rank != 2:
        return None
    if not isinstance(index, ast.Tuple) or len(index.elts) != 2:
        return None
    counter, labels = index.elts
    own = context.arrays.get(labels.id) if isinstance(labels, ast.Name) else None
    rows, columns = array.shape
    if own is None or not own.argument or own.below != columns or own.shape != (rows,):
        return None
    if ast.unparse(counter) != f"np.arange({rows})":
        return None
    preamble = context.preamble
    matrix = f"{array.name}.T" if array.by_columns else array.name
    flat = preamble.name(f"{matrix}.reshape(-1)", f"{array.name}_flat", array.name)
    code = f"np.empty({rows}, np.intp)"
    wish = f"{own.name}_by_columns" if array.by_columns else f"{own.name}_by_rows"
    fresh = (own.name, array.shape, array.by_columns) not in context.positions
    if fresh:
        context.positions[own.name, array.shape, array.by_columns] = preamble.array(code, wish)
    at = context.positions[own.name, array.shape, array.by_columns]
    if not fresh:
        return flat, at, []
    if array.by_columns:
        stride = preamble.name(f"np.array({rows})", "stride")
        first = ast.Call(numpy("multiply"), [labels, stride, at], [])
        starts = preamble.name(f"np.arange({rows})", "starts")
        return flat, at, [ast.Expr(first), ast.Expr(ast.Call(numpy("add"), [at, starts, at], []))]
    starts = preamble.name(f"np.arange({rows})*{columns}", "starts")
    return flat, at, [ast.Expr(ast.Call(numpy("add"), [labels, starts, at], []))]


def row_products(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.einsum('ab,ab->a', p, q, out=t)`` as a product and its row sums, for short rows."""
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, "einsum") or len(call.args) != 3:
        return None
    spec, first, second = call.args
    target = keyword(call, "out")
    if not isinstance(spec, ast.Constant) or spec.value != "ab,ab->a" or target is None:
        return None
    one, other = context.real(first), context.real(second)
    if one is None or other is None or one.shape != other.shape or context.real(target) is None:
        return None
    if not (one.shape[1].isdecimal() and int(one.shape[1]) <= SHORT):
        return None
    like = one if one.kept else other
    if not like.kept:
        return None
    product = context.scratch(like)
    ones = context.preamble.ones(one.shape[1])
    return [
        ast.Expr(ast.Call(numpy("multiply"), [first, second], [ast.keyword("out", product)])),
        ast.Expr(method(product, "dot", ones, target)),
    ]


def outer_products(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.multiply(a[:, :, None], x[:, None, :], out=t)`` for each entry of a short last axis."""
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, "multiply") or len(call.args) != 2:
        return None
    target = keyword(call, "out")
    array = context.real(target) if target is not None else None
    if array is None or array.rank < 3 or array.order is not None or target is None:
        return None
    size = array.shape[-1]
    if not (size.isdecimal() and 1 < int(size) <= FEW):
        return None
    pieces = [_last(a, array, context) for a in call.args]
    if None in pieces or all(piece is not None and piece[1] for piece in pieces):
        return None
    lines: list[ast.stmt] = []
    for n in range(int(size)):
        operands = [piece[0](n) for piece in pieces if piece is not None]
        place = _at(target, [":"] * (array.rank - 1) + [str(n)])
        lines.append(ast.Expr(ast.Call(numpy("multiply"), operands, [ast.keyword("out", place)])))
    return lines


def _last(
    node: ast.expr, target: Array, context: Context
) -> tuple[Callable[[int], ast.expr], bool] | None:
    """How to take entry n of the last axis of an operand, and whether it has that axis at all."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return None
    if rank(node, context.arrays) != target.rank or not isinstance(node.value, ast.Name):
        return None
    parts = [ast.unparse(p) for p in node.slice.elts]
    if set(parts) - {":", "None"}:
        return None
    if parts[-1] == "None":
        rest = parts[:-1]
        plain = "None" not in rest
        return (lambda n: node.value if plain else _at(node.value, rest)), False
    return (lambda n: _at(node.value, [*parts[:-1], str(n)])), True


def _at(value: ast.expr, parts: list[str]) -> ast.expr:
    return ast.parse(f"{ast.unparse(value)}[{', '.join(parts)}]", mode="eval").body


RULES: tuple[Rule, ...] = (
    gathered,
    scattered,
    row_products,
    outer_products,
    outer,
    repeated,
    one_column,
    whole_columns,
    first_maxima,
    softplus,
    sigmoid,
    as_matrices,
)


def cheaper_lines(line: ast.stmt, context: Context) -> list[ast.stmt]:
    """The lines that the first rule that applies makes of one."""
    for rule in RULES:
        new = rule(line, context)
        if new is not None:
            return new
    return [line]
