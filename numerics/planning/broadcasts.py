"""Vectors beside matrices: a ufunc sets up a general loop, and begins it for each row.

    np.multiply(v[:, None], r, out=t)      →   v[:, None].dot(r[None, :], t)
    np.add(z, b, out=z)                    →   s[...] = b; add(z, s, z)
    np.subtract(z, m[:, None], out=d)      →   d[...] = m[:, None]; subtract(z, d, d)
    np.add(z, b, out=z)                    →   add(z, b.squeeze(), z)               one column
    np.multiply(y[:, 0], z, out=s)         →   multiply(y, z[:, None], s[:, None])  y of one column

A product of a column with a row has one term for each entry, so it rounds as the entrywise product
does.  A copy sets up less than a ufunc, and a ufunc of matrices that lie alike is one loop.
"""

from __future__ import annotations

import ast

from backproof.numerics.planning.arrays import Array, rank
from backproof.numerics.planning.calls import SHORT, Context, keyword, method, transposed
from backproof.numerics.planning.moving import ufunc


def outer(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """``np.multiply(v[:, None], r, out=t)`` as the product of a column with a row.

    The conditions: a matrix t, of which v and r fill an axis each; small, or in C order with short
    rows.  Other products of one term may cost more than the loop, in double precision threefold.
    """
    found = _call(line, context)
    if found is None or ast.unparse(found[0]) != "np.multiply" or len(found[1]) != 2:
        return None
    _, operands, target, own = found
    short = own.shape[1].isdecimal() and int(own.shape[1]) <= SHORT and not own.by_columns
    if own.name not in context.small and not short:
        return None
    for column, row in (operands, operands[::-1]):
        inner = _inner(column)
        if inner is None or rank(inner, context.arrays) != 1 or rank(row, context.arrays) != 1:
            continue
        return [_outer(inner, row, target, own, context)]
    return None


def repeated(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """A vector that is repeated over a matrix, copied beforehand to every row or column of one.

    The conditions: a small matrix as a target, and one such vector beside matrices that lie alike.
    """
    found = _call(line, context)
    if found is None or found[3].name not in context.small:
        return None
    function, operands, target, own = found
    vectors = [o for o in operands if _is_vector(o, own, context)]
    others = [o for o in operands if o not in vectors and not isinstance(o, ast.Constant)]
    if len(vectors) != 1 or not all(_lies_as(o, own, context) for o in others):
        return None
    (vector,) = vectors
    read = any(isinstance(o, ast.Name) and o.id == own.name for o in others)
    place = context.scratch(own) if read else target
    assert isinstance(place, ast.Name)
    whole = ast.Subscript(ast.Name(place.id, ast.Load()), ast.Constant(...), ast.Store())
    operands = [place if o is vector else o for o in operands]
    return [ast.Assign([whole], vector), _written(function, operands, target)]


def one_column(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """A vector of one entry beside matrices of one column, as a number.

    The condition: the matrices are the kernel's own, in C order.
    """
    found = _call(line, context)
    if found is None or found[3].shape[-1] != "1" or found[3].by_columns:
        return None
    function, operands, target, own = found
    single = [_shape(o, context) == ("1",) for o in operands]
    for operand, one in zip(operands, single, strict=True):
        if not (one or isinstance(operand, ast.Constant) or _lies_as(operand, own, context)):
            return None
    if not any(single):
        return None
    numbers = [method(o, "squeeze") if one else o for o, one in zip(operands, single, strict=True)]
    return [_written(function, numbers, target)]


def whole_columns(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """The only column of an argument, read as the matrix that it is.

    The condition: the other operands are vectors of the kernel's own.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    target = keyword(call, "out") if isinstance(call, ast.Call) else None
    own = context.real(target) if target is not None else None
    if not isinstance(call, ast.Call) or target is None or own is None or own.rank != 1:
        return None
    function = ufunc(call)
    if function is None or function.signature is not None or not own.kept:
        return None
    columns = [o if isinstance(o, ast.Constant) else _column(o, context) for o in call.args]
    if not any(_is_argument(c, context) for c in columns) or None in columns:
        return None
    return [_written(call.func, [c for c in columns if c is not None], _across(target))]


def _call(
    line: ast.stmt, context: Context
) -> tuple[ast.expr, list[ast.expr], ast.expr, Array] | None:
    """An entrywise call that writes a matrix: its function, operands, target."""
    call = line.value if isinstance(line, ast.Expr) else None
    target = keyword(call, "out") if isinstance(call, ast.Call) else None
    own = context.real(target) if target is not None else None
    if not isinstance(call, ast.Call) or target is None or own is None or own.rank != 2:
        return None
    function = ufunc(call)
    if function is None or function.signature is not None or len(call.keywords) != 1:
        return None
    return call.func, list(call.args), target, own


def _outer(
    column: ast.expr, row: ast.expr, target: ast.expr, own: Array, context: Context
) -> ast.stmt:
    """The line that writes the product of a column with a row, both given as vectors."""
    if own.by_columns:
        product = method(_as(row, 1, context), "dot", _as(column, 0, context), transposed(target))
    else:
        product = method(_as(column, 1, context), "dot", _as(row, 0, context), target)
    return ast.Expr(product)


def _as(vector: ast.expr, axis: int, context: Context) -> ast.expr:
    """A vector as a column (axis 1) or a row (axis 0): the matrix itself that it is all of."""
    if isinstance(vector, ast.Subscript) and isinstance(vector.slice, ast.Tuple):
        array = context.real(vector.value)
        index = [ast.unparse(part) for part in vector.slice.elts]
        if array is not None and array.rank == 2 and index in (["0", ":"], [":", "0"]):
            alone = index.index("0")
            if array.shape[alone] == "1":
                return vector.value if alone == axis else transposed(vector.value)
    matrix = _across(vector) if axis else _at(vector, "None, :")
    if isinstance(vector, ast.Name) and vector.id in context.preamble.name_of.values():
        return context.preamble.name(
            ast.unparse(matrix), f"{vector.id}_{'column' if axis else 'row'}"
        )
    return matrix


def _written(function: ast.expr, operands: list[ast.expr], target: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(function, operands, [ast.keyword("out", target)]))


def _is_vector(node: ast.expr, own: Array, context: Context) -> bool:
    """Whether this is a vector along the rows or the columns of a matrix."""
    inner = _inner(node)
    return (
        _shape(node if inner is None else inner, context)
        == own.shape[1 if inner is None else 0 :][:1]
    )


def _lies_as(node: ast.expr, own: Array, context: Context) -> bool:
    array = context.real(node)
    return array is not None and (array.shape, array.memory) == (own.shape, own.memory)


def _inner(node: ast.expr) -> ast.expr | None:
    """The vector v of a column ``v[:, None]``."""
    column = isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "(:, None)"
    return node.value if isinstance(node, ast.Subscript) and column else None


def _shape(node: ast.expr, context: Context) -> tuple[str, ...] | None:
    array = context.real(node)
    return array.shape if array is not None else None


def _column(node: ast.expr, context: Context) -> ast.expr | None:
    """A vector as a column, if it is a whole vector of the kernel's or the column of a matrix."""
    array = context.real(node)
    if array is not None:
        return _across(node) if array.rank == 1 and array.kept else None
    if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "(:, 0)":
        array = context.real(node.value)
        return node.value if array is not None and array.shape[1:] == ("1",) else None
    return None


def _is_argument(node: ast.expr | None, context: Context) -> bool:
    array = context.real(node) if node is not None else None
    return array is not None and array.argument


def _across(vector: ast.expr) -> ast.expr:
    return _at(vector, ":, None")


def _at(node: ast.expr, index: str) -> ast.expr:
    return ast.parse(f"{ast.unparse(node)}[{index}]", mode="eval").body
