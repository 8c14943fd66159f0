"""Assignments: names, unpacking, writes into arrays, and the memory that arrays share.

NumPy writes into memory that other names may see; where they would, the write is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.expressions import Expressions
from backproof.theory.trace.operands import operand, shape_of, static
from backproof.theory.trace.scattering import written
from backproof.theory.trace.values import Condition, Value

VIEWS = ("T", "reshape", "ravel", "transpose", "swapaxes", "squeeze", "diagonal")  # attributes …
VIEW_FUNCTIONS = (  # … and functions whose result may share memory with their first argument
    *("reshape", "ravel", "transpose", "swapaxes", "moveaxis", "squeeze", "expand_dims"),
    *("broadcast_to", "asarray", "diagonal", "diag", "split", "array_split", "flip", "rot90"),
    *("atleast_1d", "atleast_2d", "atleast_3d", "hsplit", "vsplit", "flipud", "fliplr"),
)


class Assignments(Expressions):
    """Reads assignments; ``owned`` are the names whose arrays were made here."""

    inner = False  # inside a called function: names are not the user's quantities

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.owned: set[str] = set()
        self.whole: set[str] = set()  # names of arrays that NumPy makes of whole numbers
        self.shares: dict[str, set[str]] = {}  # the names whose memory a name may share

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self.assign(target, value, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.visit(node.value), node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        self.assign(node.target, self.visit(node.value), node.value)
        return self.scope[node.target.id]

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Subscript):
            self.add_in_place(node.target, type(node.op), node.value)
            return
        if not isinstance(node.target, ast.Name):
            raise UnsupportedError("assignment", "an attribute", "a name", "assign to a name")
        name = node.target.id
        old = self.visit(ast.copy_location(ast.Name(name, ast.Load()), node))
        if isinstance(old, list):
            raise UnsupportedError("list", "+= of a list", "append", f"write {name}.append(…)")
        array = isinstance(old, Value) and bool(old.axes)
        if array:
            self.check_write(name, f"write {name} = {name} … instead")
        new = self.binary(type(node.op), old, self.visit(node.value))
        if array and shape_of(new) != shape_of(old):
            raise BackproofError(
                "assignment",
                f"shape ({', '.join(map(str, shape_of(new)))}) for {name}",
                f"its shape ({', '.join(map(str, shape_of(old)))})",
                f"write {name} = {name} … for a larger array",
            )
        self.name(name, new)

    # names ---------------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Any, source: ast.expr | None = None) -> None:
        """Bind a target to a value; ``source`` is the expression that the value came from."""
        if isinstance(target, ast.Tuple | ast.List):
            values = self._unpacked(value, len(target.elts))
            same = isinstance(source, ast.Tuple | ast.List) and len(source.elts) == len(values)
            parts = source.elts if same else [source] * len(values)  # type: ignore[union-attr]
            for part, v, s in zip(target.elts, values, parts, strict=True):
                self.assign(part, v, s)
            return
        if isinstance(target, ast.Subscript):
            self._write(target, value)
            return
        if not isinstance(target, ast.Name):
            raise UnsupportedError("assignment", "an attribute", "a name", "assign to a name")
        roots = set(self.roots(source)) - {target.id} if source is not None else set()
        for shared in self.shares.values():  # others keep the memory that the name leaves
            if target.id in shared:
                shared |= self.shares.get(target.id, set())
                shared.discard(target.id)
        self.name(target.id, value)
        self.shares[target.id] = roots
        self.whole.discard(target.id)
        if source is not None and _whole_numbers(source):
            self.whole.add(target.id)

    def name(self, name: str, value: Any) -> None:
        """Bind a name; an array becomes an equation of that name."""
        if isinstance(value, Value) and not value.literal:
            value = self.statement.bind(value, None if self.inner else name)
        self.scope[name] = value
        self.owned.add(name)

    def _unpacked(self, value: Any, count: int) -> list[Any]:
        if isinstance(value, Value) and value.axes:
            size = shape_of(value)[0]
            if size == count:
                return [self.row(value, k) for k in range(count)]
            raise BackproofError(
                "assignment", f"{size} rows for {count} names", "one name a row", "index it"
            )
        values = list(value) if isinstance(value, tuple | list) else []
        if len(values) != count:
            raise UnsupportedError(
                "assignment", f"{len(values)} values for {count} names", "as many", "index it"
            )
        return values

    # memory --------------------------------------------------------------------------------

    def roots(self, node: ast.expr) -> Iterator[str]:
        """The names whose memory the value of an expression may share."""
        if isinstance(node, ast.Name):
            yield node.id
            yield from self.shares.get(node.id, ())
        elif isinstance(node, ast.Subscript):
            yield from self.roots(node.value)
        elif isinstance(node, ast.Attribute):
            if node.attr in VIEWS:
                yield from self.roots(node.value)
        elif isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                yield from self.roots(part)
        elif isinstance(node, ast.IfExp):
            yield from self.roots(node.body)
            yield from self.roots(node.orelse)
        elif isinstance(node, ast.Call):
            yield from self._roots_of_call(node)

    def _roots_of_call(self, node: ast.Call) -> Iterator[str]:
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr in VIEWS:
                yield from self.roots(function.value)
            if function.attr in VIEW_FUNCTIONS and node.args:
                yield from self.roots(node.args[0])
        elif isinstance(function, ast.Name) and function.id not in ("abs", "sum", "len", "float"):
            for argument in node.args:
                yield from self.roots(argument)

    def check_write(self, name: str, move: str) -> None:
        """Refuse to write into memory that another name may see."""
        value = self.scope[name]
        if name in self.whole:
            raise UnsupportedError(
                "assignment",
                f"a write into {name}, whole numbers",
                "real numbers",
                "write 0.0 for 0",
            )
        others = set(self.shares.get(name, ()))
        others |= {k for k, roots in self.shares.items() if name in roots and k in self.scope}
        others |= {k for k, v in self.scope.items() if k != name and _holds(v, value)}
        if name not in self.owned:
            others = {"the caller's array"}
        if others:
            raise UnsupportedError(
                "assignment",
                f"in-place change of {name}, whose memory may also be {sorted(others)[0]}",
                "an array of its own",
                move,
            )

    # writes into arrays --------------------------------------------------------------------

    def _write(self, target: ast.Subscript, value: Any) -> None:
        name, items = self._target(target)
        if isinstance(self.scope.get(name), dict | list):
            if len(items) != 1 or isinstance(items[0], slice):
                raise UnsupportedError("assignment", "a slice of a list", "one item", "append")
            key = items[0]
            self.scope[name][int(key) if static(key) else key] = value
            return
        old = self._array(name)
        self.check_write(name, f"write into a copy: {name} = {name}.copy()")
        new = operand(value, self.statement)
        if len(items) == 1 and isinstance(items[0], Condition):
            self.scope[name] = self._masked(old, items[0], new)
            return
        self.scope[name] = written(self.statement, old, items, new)

    def add_in_place(self, target: ast.Subscript, kind: type[ast.operator], node: ast.expr) -> None:
        """``out[places] op= value``: read, combine, write."""
        name, _ = self._target(target)
        if isinstance(self.scope.get(name), dict | list):
            raise UnsupportedError("assignment", "op= in a list", "an array", "assign the item")
        self._array(name)
        load = ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
        new = self.binary(kind, self.visit(load), self.visit(node))
        self._write(target, new)

    def _target(self, target: ast.Subscript) -> tuple[str, list[Any]]:
        if not isinstance(target.value, ast.Name):
            raise UnsupportedError(
                "assignment", "a write into a part of a part", "a name", "index once: a[i, j]"
            )
        return target.value.id, self._items(target.slice)

    def _array(self, name: str) -> Value:
        found = self.visit(ast.Name(name, ast.Load()))
        if not isinstance(found, Value):
            raise UnsupportedError("assignment", f"a write into {name}", "a real array", "copy it")
        return found

    def _masked(self, old: Value, where: Condition, new: Value) -> Value:
        if len(where.axes) != len(old.axes) or new.axes:
            raise UnsupportedError(
                "assignment", "a mask that picks a vector", "a scalar value", "use np.where"
            )
        return self.statement.elementwise(
            lambda c, a, b: sp.Piecewise((b, c), (a, True)), where, old, new
        )


def _whole_numbers(source: ast.expr) -> bool:
    """Whether the source is an array of whole numbers, which cuts off what is written into it."""
    if not isinstance(source, ast.Call) or not isinstance(source.func, ast.Attribute):
        return False
    if source.func.attr not in ("array", "asarray", "full") or source.keywords:
        return False
    found = source.args[-1] if source.func.attr == "full" else source.args[0]
    leaves = [
        n for n in ast.walk(found) if not isinstance(n, ast.List | ast.Tuple | ast.expr_context)
    ]
    return all(
        isinstance(n, ast.Constant | ast.UnaryOp | ast.unaryop)
        and not (isinstance(n, ast.Constant) and isinstance(n.value, float))
        for n in leaves
    )


def _holds(container: Any, value: Any) -> bool:
    """Whether a value is, or is in, what another name stands for."""
    if container is value:
        return True
    if isinstance(container, dict):
        container = list(container.values())
    return isinstance(container, list | tuple) and any(_holds(c, value) for c in container)
