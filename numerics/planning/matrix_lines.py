"""Lines over matrices, and what each costs by how its matrices lie: by rows or by columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from backproof.numerics.planning.arrays import Arrays, rank
from backproof.numerics.planning.product_cost import product_cost

LOOP = 10.0  # nanoseconds to begin an inner loop
ACROSS = 0.5  # further nanoseconds for an entry that lies across
COPIED = 0.3  # nanoseconds to copy an entry to where it lies across
OUTER = 1.75  # further nanoseconds for an entry of an outer product of which a factor lies across
CALL = 200.0  # nanoseconds for a call of NumPy
REDUCED = {"max", "min", "argmax", "argmin", "prod"}  # sums are products with ones

Shape = tuple[int, int]
Shapes = Mapping[str, Shape]
Turned = frozenset[str]  # the matrices that lie by columns, and the arguments with such a copy


@dataclass(frozen=True)
class Line:
    """A line, its matrices, and which of its arguments it reads from a copy by columns."""

    names: tuple[str, ...]
    node: ast.stmt | None

    @property
    def alike(self) -> tuple[str, ...]:
        """The matrices that lie alike."""
        return ()

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """Nanoseconds, less what is the same in any order."""
        raise NotImplementedError

    def copies(self, shapes: Shapes, turned: Turned) -> frozenset[str]:
        """The arguments that are read from their copies."""
        return frozenset()


@dataclass(frozen=True)
class Copy(Line):
    """A copy by columns of an argument."""

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """The copy's own time, if there is one."""
        (name,) = self.names
        rows, columns = shapes[name]
        return CALL + COPIED * rows * columns if name in turned else 0.0


@dataclass(frozen=True)
class Product(Line):
    """``np.matmul(a, b, out=c)`` of matrices or their transposes."""

    across: tuple[bool, bool, bool]
    arguments: frozenset[str]
    itemsize: int

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """That of the product."""
        return min(cost for cost, _ in self._ways(shapes, turned))

    def copies(self, shapes: Shapes, turned: Turned) -> frozenset[str]:
        """Those with which the product costs least."""
        return min(self._ways(shapes, turned), key=lambda way: way[0])[1]

    def _ways(self, shapes: Shapes, turned: Turned) -> Iterator[tuple[float, frozenset[str]]]:
        first, second, _ = self.names
        rows, inner = shapes[first][:: -1 if self.across[0] else 1]
        columns = shapes[second][0 if self.across[1] else 1]
        either = [
            (False, True) if n in self.arguments & turned else (n in turned,) for n in self.names
        ]
        fixed = self.arguments - turned
        for lies in product(*either):
            a, b, c = (
                (lie and name not in fixed) != across
                for lie, name, across in zip(lies, self.names, self.across, strict=True)
            )
            copies = frozenset(
                n for n, lie in zip(self.names, lies, strict=True) if lie and n in self.arguments
            )
            yield product_cost((rows, inner, columns), (a, b, c), self.itemsize), copies


@dataclass(frozen=True)
class RowProducts(Line):
    """``np.einsum('ab,ab->a', p, q, out=t)``, which reads two matrices side by side."""

    against: bool  # whether the two lie alike where one lies by rows and the other by columns

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """More for entries that lie across."""
        one, other = (name in turned for name in self.names)
        rows, columns = shapes[self.names[0]]
        return ACROSS * rows * columns * (one != (other != self.against))


@dataclass(frozen=True)
class Entrywise(Line):
    """A line that writes the first of its matrices entry by entry from the others."""

    repeated: bool  # whether a vector is repeated over the matrix
    arguments: frozenset[str]

    @property
    def alike(self) -> tuple[str, ...]:
        """All of them."""
        return self.names

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """Loops to begin, and entries of other matrices that lie across."""
        rows, columns = shapes[self.names[0]]
        if 1 in (rows, columns):  # it lies both ways
            return LOOP if self.repeated else 0.0
        own = self.names[0] in turned
        there = self.copies(shapes, turned)
        across = sum((n in turned) != own for n in self.names if n not in self.arguments)
        across += own * len(self.arguments - there)
        loops = (columns if own else rows) if self.repeated else 0
        return LOOP * loops + ACROSS * rows * columns * across

    def copies(self, shapes: Shapes, turned: Turned) -> frozenset[str]:
        """Those that there are, where the target lies by columns."""
        return self.arguments & turned if self.names[0] in turned else frozenset()


@dataclass(frozen=True)
class Reduced(Line):
    """A reduction of a matrix along one axis."""

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """A loop for each line of memory."""
        (name,) = self.names
        return LOOP * shapes[name][name in turned]


@dataclass(frozen=True)
class Outer(Line):
    """An outer product of the rows of two matrices, its examples innermost."""

    arguments: frozenset[str]

    def cost(self, shapes: Shapes, turned: Turned) -> float:
        """More for entries of which a factor lies by rows."""
        (rows, first), (_, second) = (shapes[name] for name in self.names)
        return OUTER * rows * first * second * any(name not in turned for name in self.names)

    def copies(self, shapes: Shapes, turned: Turned) -> frozenset[str]:
        """All that there are."""
        return self.arguments & turned


def outer_product(node: ast.stmt) -> tuple[str, str, str] | None:
    """Target and factors of ``np.multiply(a[:, :, None], x[:, None, :], out=t)``."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "np.multiply":
        return None
    target = next((k.value for k in call.keywords if k.arg == "out"), None)
    views = [a for a in call.args if isinstance(a, ast.Subscript) and isinstance(a.value, ast.Name)]
    if len(views) != 2 or not isinstance(target, ast.Name):
        return None
    if {ast.unparse(view.slice) for view in views} != {"(:, :, None)", "(:, None, :)"}:
        return None
    first, second = (ast.unparse(view.value) for view in views)
    return target.id, first, second


def read(node: ast.stmt, arrays: Arrays, itemsize: int) -> Line | None:
    """What a line is, `None` where its cost does not depend on how matrices lie."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        if not isinstance(target, ast.Subscript) or ast.unparse(target.slice) != "...":
            return None
        return _entrywise(node, target.value, [node.value], arrays)
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return None
    name = ast.unparse(call.func).removeprefix("np.")
    out = next((k.value for k in call.keywords if k.arg == "out"), None)
    if name == "matmul" and out is not None:
        return _product(node, [*call.args, out], arrays, itemsize)
    if name == "einsum":
        return _row_products(node, call, arrays)
    if name in REDUCED:
        found = _matrix(call.args[0], arrays)
        along = any(k.arg == "axis" for k in call.keywords)
        return Reduced((found[0],), node) if found and not found[1] and along else None
    if name == "copyto":
        return _entrywise(node, call.args[0], call.args[1:], arrays)
    outer = outer_product(node)
    if outer is not None:
        written, *factors = outer
        arguments = frozenset(n for n in factors if arrays[n].argument)
        inner = arrays[written].order is not None
        return Outer((factors[0], factors[1]), node, arguments) if inner else None
    function = getattr(np, name, None)
    plain = isinstance(function, np.ufunc) and function.signature is None
    if out is not None and (plain or name.startswith("special.")):
        return _entrywise(node, out, call.args, arrays)
    return None


def _product(
    node: ast.stmt, operands: list[ast.expr], arrays: Arrays, itemsize: int
) -> Product | None:
    found = [_matrix(operand, arrays) for operand in operands]
    if len(found) != 3 or None in found:
        return None
    first, second, target = (m for m in found if m is not None)
    names = first[0], second[0], target[0]
    arguments = frozenset(n for n in names if arrays[n].argument)
    return Product(names, node, (first[1], second[1], target[1]), arguments, itemsize)


def _row_products(node: ast.stmt, call: ast.Call, arrays: Arrays) -> RowProducts | None:
    spec, *operands = call.args
    letters = spec.value if isinstance(spec, ast.Constant) else None
    found = [_matrix(operand, arrays) for operand in operands]
    if letters not in ("ab,ab->a", "ab,ba->a") or None in found:
        return None
    one, other = (m for m in found if m is not None)
    return RowProducts((one[0], other[0]), node, (letters == "ab,ba->a") != (one[1] != other[1]))


def _entrywise(
    node: ast.stmt, target: ast.expr, operands: list[ast.expr], arrays: Arrays
) -> Entrywise | None:
    own = _matrix(target, arrays)
    if own is None or own[1]:
        return None
    matrices = [_matrix(operand, arrays) for operand in operands]
    repeated = any(
        found is None and bool(rank(operand, arrays))
        for found, operand in zip(matrices, operands, strict=True)
    )
    others = [m[0] for m in matrices if m is not None and not m[1] and m[0] != own[0]]
    arguments = frozenset(n for n in others if arrays[n].argument)
    return Entrywise((own[0], *dict.fromkeys(others)), node, repeated, arguments)


def _matrix(node: ast.expr, arrays: Arrays) -> tuple[str, bool] | None:
    """The matrix of real numbers that this is, and whether transposed."""
    across = isinstance(node, ast.Attribute) and node.attr == "T"
    inner = node.value if isinstance(node, ast.Attribute) and across else node
    array = arrays.get(inner.id) if isinstance(inner, ast.Name) else None
    if array is None or array.rank != 2 or array.integer:
        return None
    return array.name, across
