"""Calls of NumPy that mean the same and cost less, each rule with its condition.

A rule takes a call ``np.f(…, out=target)`` and gives another, or `None`.  What it needs beside the
operands (vectors of ones, zeros) it asks of the preamble, which is computed once for each
assignment of sizes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backproof.numerics.planning.arrays import Array, rank, root
from backproof.numerics.planning.preamble import Preamble

if TYPE_CHECKING:  # which are made of calls themselves
    from backproof.numerics.planning.stacks import Stacks

EXACT = 4096  # up to here a dot product with ones rounds as little as pairwise summation does
SHORT = 64  # the longest axis of known size that is summed by a product with ones
REDUCTIONS = {"sum": "add", "max": "maximum", "min": "minimum", "prod": "multiply"}


@dataclass(frozen=True)
class Context:
    """The arrays by name, the preamble, and what lines before have computed: positions of labels,
    packed factors of products, and maxima, by the code of what they are of and its axes that stay.

    ``scratch`` makes a further buffer of the shape and order of another, an array of the lowered
    equations.  ``small`` are the matrices over which a vector is better repeated beforehand.
    """

    arrays: dict[str, Array]
    preamble: Preamble
    scratch: Callable[[Array], ast.expr]
    stacks: Stacks  # how products over several axes are computed
    single: bool = False  # whether reals have 32 bits
    small: frozenset[str] = frozenset()
    positions: dict[tuple[object, ...], ast.expr] = field(default_factory=dict)
    maxima: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)
    packs: dict[tuple[str, tuple[int, ...], tuple[int, ...]], ast.expr] = field(
        default_factory=dict
    )

    def real(self, node: ast.expr) -> Array | None:
        """The array of real numbers that a bare name stands for."""
        if not isinstance(node, ast.Name):
            return None
        array = self.arrays.get(node.id)
        return array if array is not None and not array.integer else None


Rule = Callable[[ast.Call, Context], "ast.expr | None"]


def called(call: ast.AST, name: str) -> bool:
    """Whether this is a call of ``np.name``."""
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "np"
        and call.func.attr == name
    )


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def product(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.matmul(a, b, out=c)`` → ``a.dot(b, c)`` for arrays of at most two axes.

    The condition: c is a whole array, or the transpose of one; the product is transposed if that
    makes its target one in C order.  The method spares the set-up of a generalised ufunc.
    """
    if not called(call, "matmul"):
        return None
    first, second = call.args
    ranks = rank(first, context.arrays), rank(second, context.arrays)
    owners = [context.arrays.get(root(a) or "") for a in (first, second)]
    if not all(r in (1, 2) for r in ranks) or any(o is None or o.integer for o in owners):
        return None
    target = keyword(call, "out")
    if target is None:
        return None
    if isinstance(target, ast.Attribute) and target.attr == "T" and ranks == (2, 2):
        inner = context.real(target.value)
        if inner is None:
            return None
        if inner.by_columns:
            return method(first, "dot", second, target)
        return method(transposed(second), "dot", transposed(first), target.value)
    whole = context.real(target)
    if whole is None:
        return None
    if whole.by_columns:
        if ranks != (2, 2):
            return None
        return method(transposed(second), "dot", transposed(first), transposed(target))
    return method(first, "dot", second, target)


def column_sums(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.sum(a, axis=0, out=c)`` → ``ones.dot(a, c)``: both add row after row.

    Along the last axis NumPy adds pairwise, so there the condition is a short axis.
    """
    if not called(call, "sum") or len(call.args) != 1:
        return None
    axis, target = keyword(call, "axis"), keyword(call, "out")
    array = context.real(call.args[0])
    if array is None or array.rank != 2 or target is None or context.real(target) is None:
        return None
    if not isinstance(axis, ast.Constant) or not isinstance(axis.value, int):
        return None
    ones = context.preamble.ones(array.shape[axis.value])
    if axis.value == 0:
        return method(ones, "dot", call.args[0], target)
    size = array.shape[1]
    if size.isdecimal() and int(size) <= SHORT:
        return method(call.args[0], "dot", ones, target)
    return None


def whole_sum(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.sum(v)`` of a vector → a dot product with ones, up to `EXACT` entries."""
    if not called(call, "sum") or len(call.args) != 1 or call.keywords:
        return None
    array = context.real(call.args[0])
    if array is None or array.rank != 1:
        return None
    return ast.Call(context.preamble.total(array.shape[0], EXACT), [call.args[0]], [])


def rectified(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.maximum(a, 0, out=c)`` → the maximum with an array of zeros, which is vectorised."""
    if not (called(call, "maximum") or called(call, "minimum")):
        return None
    target = keyword(call, "out")
    array = context.real(target) if target is not None else None
    zero = call.args[1]
    if array is None or not (isinstance(zero, ast.Constant) and zero.value == 0):
        return None
    zeros = context.preamble.zeros(array.shape, array.memory)
    return ast.Call(call.func, [call.args[0], zeros], call.keywords)


def mask(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.heaviside(a, 0, out=c)`` → ``np.greater(a, 0, out=c)``: one where a > 0, else zero."""
    if not called(call, "heaviside"):
        return None
    zero, target = call.args[1], keyword(call, "out")
    if not (isinstance(zero, ast.Constant) and zero.value == 0) or target is None:
        return None
    unsafe = ast.keyword("casting", ast.Constant("unsafe"))
    return ast.Call(numpy("greater"), list(call.args), [*call.keywords, unsafe])


def reduction(call: ast.Call, context: Context) -> ast.expr | None:
    """``np.max(a, axis=k, out=c)`` → ``np.maximum.reduce(a, k, None, c)``, which it calls."""
    for name, ufunc in REDUCTIONS.items():
        if called(call, name):
            axis, target = keyword(call, "axis"), keyword(call, "out")
            if axis is None or target is None or len(call.keywords) != 2:
                return None
            arguments = [call.args[0], axis, ast.Constant(None), target]
            return ast.Call(ast.Attribute(numpy(ufunc), "reduce", ast.Load()), arguments, [])
    return None


RULES: tuple[Rule, ...] = (product, column_sums, whole_sum, rectified, mask, reduction)


class Cheaper(ast.NodeTransformer):
    """Replaces each call by what the first rule that applies makes of it."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call, its operands first."""
        self.generic_visit(node)
        for rule in RULES:
            new = rule(node, self.context)
            if new is not None:
                return new
        return node


def method(value: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
    """The code of ``value.name(…)``."""
    return ast.Call(ast.Attribute(value, name, ast.Load()), list(arguments), [])


def numpy(name: str) -> ast.Attribute:
    """The code of ``np.name``."""
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def transposed(node: ast.expr) -> ast.expr:
    """The code of a matrix's transpose."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())
