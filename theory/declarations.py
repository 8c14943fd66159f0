"""Declaring inputs: shapes as text, the kind of the entries, what is known of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import sympy as sp

from backproof.theory.errors import BackproofError

ASSUMPTIONS = ("positive_definite", "symmetric", "positive", "distinct", "simplex")


@dataclass(frozen=True)
class Array:
    """A declared input: its shape, and what its entries are."""

    shape: tuple[sp.Expr, ...]
    dtype: str = "real"
    below: sp.Expr | None = None
    assumptions: frozenset[str] = frozenset()


def size(name: str) -> sp.Symbol:
    """The symbol of a size: a positive integer."""
    return sp.Symbol(name, integer=True, positive=True)


def array(
    shape: str | tuple[int | str, ...] = "",
    *,
    dtype: type | str = float,
    below: str | int | None = None,
    **assumptions: bool,
) -> Array:
    """Declare an input by its shape, such as ``"b n"``, ``"2*n"`` or ``"L-k+1"``.

    The empty shape is a scalar.  An integer array (``dtype=int``) holds labels ``0 ≤ t < below``.
    Assumptions are keywords: ``positive_definite=True``, ``symmetric=True``, ``positive=True``.
    Raises `BackproofError` for a shape that cannot be read or an unknown assumption.

    >>> array("b n").shape
    (b, n)
    >>> array("b", dtype=int, below="k").below
    k
    """
    unknown = [a for a in assumptions if a not in ASSUMPTIONS]
    if unknown:
        raise BackproofError(
            "bp.array",
            f"the assumption {unknown[0]}",
            f"one of {', '.join(ASSUMPTIONS)}",
            "drop it",
        )
    kind = {"float": "real", "real": "real", "int": "integer", "integer": "integer"}.get(
        dtype if isinstance(dtype, str) else getattr(dtype, "__name__", str(dtype))
    )
    if kind is None:
        raise BackproofError(
            "bp.array", f"dtype {dtype}", "float or int", "pass dtype=float or int"
        )
    if kind == "integer" and below is None:
        raise BackproofError(
            "bp.array", "dtype=int without below", "a bound for the labels", "add below='k'"
        )
    if kind == "real" and below is not None:
        raise BackproofError("bp.array", f"below={below} of reals", "dtype=int", "drop below=")
    if not isinstance(shape, str | tuple | list):
        raise BackproofError("bp.array", f"the shape {shape!r}", "text", "write e.g. 'b n'")
    parts = shape.split() if isinstance(shape, str) else [str(s) for s in shape]
    sizes = tuple(read_size(part) for part in parts)
    matrix = [a for a in ("symmetric", "positive_definite") if assumptions.get(a)]
    if matrix and (len(sizes) < 2 or sizes[-1] != sizes[-2]):
        found = f"{matrix[0]}=True of shape ({', '.join(map(str, sizes))})"
        raise BackproofError("bp.array", found, "a square matrix", "write e.g. 'n n'")
    return Array(
        sizes,
        kind,
        None if below is None else read_size(str(below)),
        frozenset(name for name, given in assumptions.items() if given),
    )


def read_size(source: str) -> sp.Expr:
    """A size expression: integers, names, ``+ - * //``, ``**`` and ``min(…)``, by `ast`.

    >>> read_size("L-k+1")
    L - k + 1
    """
    try:
        value = _size(ast.parse(source.strip(), mode="eval").body)
    except SyntaxError:
        value = None
    if value is None:
        raise BackproofError(
            "shape",
            repr(source),
            "an expression in integers and size names",
            "write e.g. 'b n' or 'L-k+1'",
        )
    if value.is_number and not (value.is_integer and value > 0):
        raise BackproofError("shape", f"the size {value}", "a positive integer", "drop the axis")
    return value


def _size(node: ast.expr) -> sp.Expr | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return sp.Integer(node.value)
    if isinstance(node, ast.Name):
        return size(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "min":
        parts = [_size(argument) for argument in node.args]
        return None if None in parts or node.keywords or not parts else sp.Min(*parts)
    if isinstance(node, ast.BinOp):
        left, right = _size(node.left), _size(node.right)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.FloorDiv):
            return sp.floor(left / right)
        if isinstance(node.op, ast.Pow):
            return left**right
    return None
