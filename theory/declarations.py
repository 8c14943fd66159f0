"""Declaring inputs: shapes as text, the kind of the entries, what is known of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.errors import BackproofError

ASSUMPTIONS = (
    "positive_definite",
    "symmetric",
    "positive",
    "nonnegative",
    "fraction",  # 0 ≤ x < 1
    "count",  # a whole number ≥ 1
    "distinct",
    "simplex",
)


@dataclass(frozen=True)
class Array:
    """A declared input: its shape, what its entries are, and sizes that it binds to numbers."""

    shape: tuple[sp.Expr, ...]
    dtype: str = "real"
    below: sp.Expr | None = None
    assumptions: frozenset[str] = frozenset()
    bound: frozenset[tuple[sp.Symbol, int]] = frozenset()

    def at(self, sizes: Mapping[sp.Symbol, int]) -> Array:
        """The declaration with numbers for some sizes."""
        shape = tuple(sp.expand(size.subs(sizes)) for size in self.shape)
        below = None if self.below is None else sp.sympify(self.below).subs(sizes)
        return replace(self, shape=shape, below=below)


def bound_together(declared: Mapping[str, Array]) -> dict[str, Array]:
    """Declarations in which a size that one of them binds has that number in all.

    Raises `BackproofError` when two bind a size to different numbers.
    """
    sizes: dict[sp.Symbol, int] = {}
    for name, spec in declared.items():
        for symbol, number in sorted(spec.bound, key=str):
            if sizes.setdefault(symbol, number) != number:
                found = f"{symbol}={number} and {symbol}={sizes[symbol]}"
                raise BackproofError(name, found, "one number a size", "bind it once")
    return {name: spec.at(sizes) for name, spec in declared.items()} if sizes else dict(declared)


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

    The empty shape is a scalar.  ``"T=8 n"`` binds the size T to a number wherever it occurs, as a
    loop needs whose steps build on each other.  An integer array (``dtype=int``) holds labels
    ``0 ≤ t < below``.  Assumptions are keywords: ``positive_definite=True``, ``symmetric=True``,
    ``positive=True``, ``fraction=True`` (0 ≤ x < 1), ``count=True`` (whole numbers from 1), ….
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
    for name in ("positive_definite", "symmetric"):
        if assumptions.get(name) and (len(parts) < 2 or parts[-1] != parts[-2]):
            raise BackproofError(
                "bp.array", f"a {name} array of shape ({', '.join(parts)})", "'n n'", "drop it"
            )
    pairs = [_bound(part) for part in parts if "=" in part]
    return Array(
        tuple(read_size(part.partition("=")[0]) for part in parts),
        kind,
        None if below is None else read_size(str(below)),
        frozenset(name for name, given in assumptions.items() if given),
        frozenset(pairs),
    ).at(dict(pairs))


def _bound(part: str) -> tuple[sp.Symbol, int]:
    """The size and the number of ``T=8``."""
    name, _, number = part.partition("=")
    value = read_size(number) if number else None
    if not name.isidentifier() or value is None or not value.is_Integer:
        raise BackproofError("shape", repr(part), "a size and its number", "write e.g. 'T=8'")
    return size(name), int(value)


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
