"""Lines over arrays with an axis of one entry, in the form that NumPy begins soonest.

np.multiply(a[:, None], w[None, :], out=t)   →   dot(a[:, None], w[None, :], t)
np.add(z, b, out=z)                          →   add(z, b[..., 0], z)             b of one entry
np.multiply(y[:, 0], z[:, 0], out=t)         →   multiply(y, z, t[:, None])       z of one column

A ufunc that repeats one of its operands sets up a general loop, which costs more than the entries
of a small array; so does a view of an argument, which every call makes anew.
"""

from __future__ import annotations

import ast

from backproof.numerics.planning.calls import (
    SHORT,
    Context,
    called,
    keyword,
    method,
    transposed,
)
from backproof.numerics.planning.moving import ufunc
from backproof.numerics.planning.shapes import product_of, shape_of

MANY = 32768  # entries of a matrix by columns from which on NumPy's long loops cost less


def outer_matrix(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """The matrix of all products of a column and a row as a product of matrices.

    The conditions: rows of a known and short length, since over long ones NumPy's loop costs no
    more; where the matrix lies by columns, also up to `MANY` entries.  Each entry
    is one product either way.
    """
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, "multiply") or len(call.args) != 2:
        return None
    target = keyword(call, "out")
    array = context.real(target) if target is not None else None
    if array is None or array.rank != 2 or target is None:
        return None
    rows, columns = array.shape
    if "1" in array.shape or not (columns.isdecimal() and int(columns) <= SHORT):
        return None
    for first, second in (call.args, call.args[::-1]):
        column = _matrix(first, [rows, "1"], context)
        row = _matrix(second, ["1", columns], context)
        if column is None or row is None:
            continue
        if not array.by_columns:
            return [ast.Expr(method(column, "dot", row, target))]
        code = f"np.dot if {product_of(array.shape)} <= {MANY} else np.multiply"
        operands = [transposed(a) for a in (row, column, target)]
        return [ast.Expr(ast.Call(context.preamble.name(code, "outer"), operands, []))]
    return None


def _matrix(node: ast.expr, shape: list[str], context: Context) -> ast.expr | None:
    """The operand of a line as a matrix of one column or one row, the whole array if it is that."""
    found = shape_of(node, context.arrays)
    inner = node
    while isinstance(inner, ast.Subscript):
        inner = inner.value
    array = context.real(inner)
    repeated = ["1"] * (2 - len(found or [])) + (found or [])
    if array is None or found is None or repeated != shape:
        return None
    if list(array.shape) == shape:
        return inner
    return node if len(found) == 2 else _at(node, "None, :")


def one_entry(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """A ufunc of an array and of another of one entry, which is taken as a number in memory."""
    call, target = _entrywise(line)
    own = shape_of(target, context.arrays) if target is not None else None
    if call is None or own is None or not {*own} - {"1"}:
        return None
    new = [_number(argument, context) for argument in call.args]
    if all(one is None for one in new):
        return None
    arguments = [one or old for one, old in zip(new, call.args, strict=True)]
    return [ast.Expr(ast.Call(call.func, arguments, call.keywords))]


def _number(node: ast.expr, context: Context) -> ast.expr | None:
    array = context.real(node)
    if array is None or not array.rank or {*array.shape} != {"1"}:
        return None
    return _at(node, ", ".join([*["0"] * (array.rank - 1), "...", "0"]))


def one_column(line: ast.stmt, context: Context) -> list[ast.stmt] | None:
    """A ufunc of columns of arguments as one of the whole arguments, which have no other column.

    The condition: what else the line mentions are vectors that stay, whose views cost nothing.
    """
    call, target = _entrywise(line)
    if call is None or target is None or ufunc(call) is None:
        return None
    vector = context.real(target)
    if vector is None or not vector.kept or vector.rank != 1 or vector.shape == ("1",):
        return None
    shape = [*vector.shape, "1"]
    arguments: list[ast.expr] = []
    spared = False
    for node in call.args:
        array = context.real(node.value) if isinstance(node, ast.Subscript) else context.real(node)
        if isinstance(node, ast.Constant):
            arguments.append(node)
        elif array is None:
            return None
        elif isinstance(node, ast.Subscript):
            if ast.unparse(node.slice) != "(:, 0)" or list(array.shape) != shape:
                return None
            arguments.append(node.value)
            spared |= array.argument
        elif array.kept and array.shape == vector.shape:
            arguments.append(_at(node, ":, None"))
        else:
            return None
    if not spared:
        return None
    out = ast.keyword("out", _at(target, ":, None"))
    rest = [k for k in call.keywords if k.arg != "out"]
    return [ast.Expr(ast.Call(call.func, arguments, [*rest, out]))]


def _entrywise(line: ast.stmt) -> tuple[ast.Call | None, ast.expr | None]:
    """A call of a ufunc of one result, and where it is written."""
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return None, None
    function = ufunc(call)
    if function is None or function.signature is not None or function.nout != 1:
        return None, None
    return call, keyword(call, "out")


def _at(node: ast.expr, parts: str) -> ast.expr:
    return ast.parse(f"{ast.unparse(node)}[{parts}]", mode="eval").body
