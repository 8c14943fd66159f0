"""Reading NumPy source by its syntax tree: nothing of the source is ever executed.

Names resolve to inputs, earlier assignments, the modules ``np`` and ``special``, and (for a
function) numbers, modules and functions of its own scope; every operation is looked up by its
full name in `OPERATIONS`.  What is not there is refused with line, column and a suggestion.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.operations import METHODS, OPERATIONS
from backproof.theory.trace.operations.linear import matmul, transpose
from backproof.theory.trace.operations.pointwise import power
from backproof.theory.trace.operations.selection import select
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Condition, Label, Value, number

RELATIONS: dict[type[ast.cmpop], Callable[..., sp.Basic]] = {
    ast.Gt: sp.Gt,
    ast.GtE: sp.Ge,
    ast.Lt: sp.Lt,
    ast.LtE: sp.Le,
    ast.Eq: sp.Eq,
    ast.NotEq: sp.Ne,
}


@dataclass(frozen=True)
class Module:
    """A module that source may name, by its full name."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function that is read where it is called: its syntax, and the names around it."""

    node: ast.Lambda | ast.FunctionDef
    scope: Mapping[str, Any]
    resolve: Callable[[str], Any]


class Returned(Exception):
    """The value of a ``return`` statement, on its way to the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Reader(ast.NodeVisitor):
    """Evaluates a syntax tree over values; unknown syntax is an error with its place."""

    def __init__(
        self, statement: Statement, scope: dict[str, Any], resolve: Callable[[str], Any], where: str
    ) -> None:
        self.statement, self.scope, self.resolve, self.where = statement, scope, resolve, where
        self.inner = False  # inside a called function: names are not the user's quantities

    # statements ----------------------------------------------------------------------------

    def body(self, nodes: list[ast.stmt]) -> Any:
        """The value that a function body returns."""
        try:
            for node in nodes:
                self.visit(node)
        except Returned as found:
            return found.value
        raise BackproofError(self.where, "no return statement", "a returned value", "add 'return …'")

    def visit(self, node: ast.AST) -> Any:
        """Read a node; errors without a place get this one."""
        try:
            return super().visit(node)
        except BackproofError as error:
            if "line " in error.where or not hasattr(node, "lineno"):
                raise
            place = f"{self.where}, line {node.lineno}, column {node.col_offset + 1}: {error.where}"
            raise type(error)(place, error.found, error.expected, error.move) from None

    def generic_visit(self, node: ast.AST) -> Any:
        """Anything without a rule of its own."""
        name = type(node).__name__
        moves = {
            "If": "data-dependent control flow is not differentiated: use np.where",
            "While": "write the loop as array operations",
            "For": "write the loop as array operations or einsum",
            "ListComp": "write the comprehension as array operations or einsum",
            "GeneratorExp": "write the comprehension as array operations or einsum",
            "Try": "keep the formula free of exceptions",
        }
        raise UnsupportedError("syntax", f"'{name}'", "an expression of arrays", moves.get(name, "rewrite it"))

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            raise BackproofError("return", "no value", "the result", "return an expression")
        raise Returned(self.visit(node.value))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            raise UnsupportedError("statement", "a value that is dropped", "an assignment", "assign it")

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = _module(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = _module(f"{node.module}.{alias.name}")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scope[node.name] = Function(node, self.scope, self.resolve)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self._assign(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assign(node.target, self.visit(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise UnsupportedError(
                "assignment", "a write into part of an array", "a new array", "build the array in one expression"
            )
        name = node.target.id
        old = self.visit(ast.copy_location(ast.Name(name, ast.Load()), node))
        shared = [k for k, v in self.scope.items() if v is old and k != name]
        if isinstance(old, Value) and old.axes and (shared or name in self.statement.tensors and self._is_input(name)):
            other = shared[0] if shared else "the caller's array"
            raise UnsupportedError(
                "assignment",
                f"in-place change of {name}, which is also {other}",
                "a new array",
                f"write {name} = {name} … instead",
            )
        self._assign(node.target, self._binary(type(node.op), old, self.visit(node.value)))

    def _is_input(self, name: str) -> bool:
        return all(e.tensor.name != name for e in self.statement.equations)

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            values = list(value) if isinstance(value, tuple | list) else None
            if values is None or len(values) != len(target.elts):
                raise UnsupportedError("assignment", "unpacking of an array", "a tuple such as x.shape", "index it")
            for part, v in zip(target.elts, values, strict=True):
                self._assign(part, v)
            return
        if not isinstance(target, ast.Name):
            raise UnsupportedError(
                "assignment", "a write into part of an array", "a new array", "build the array in one expression"
            )
        if isinstance(value, Value) and value.constant is None:
            value = self.statement.bind(value, None if self.inner else target.id)
        self.scope[target.id] = value

    # expressions ---------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.scope:
            return self.scope[node.id]
        found = self.resolve(node.id)
        if found is None:
            known = [*self.scope, "np", "special"]
            close = difflib.get_close_matches(node.id, known, 1)
            move = f"did you mean {close[0]}?" if close else "declare it as an input"
            raise BackproofError("name", f"the unknown name {node.id}", f"one of {', '.join(known)}", move)
        return found

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, bool | int | str) or value is None or value is Ellipsis:
            return value
        if isinstance(value, float):
            return number(value).constant
        raise UnsupportedError("constant", repr(value), "a real number", "rewrite it")

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.visit(e) for e in node.elts)

    def visit_List(self, node: ast.List) -> Any:
        return [self.visit(e) for e in node.elts]

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return Function(node, self.scope, self.resolve)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self._binary(type(node.op), self.visit(node.left), self.visit(node.right))

    def _binary(self, kind: type[ast.operator], a: Any, b: Any) -> Any:
        s = self.statement
        if _static(a) and _static(b):
            return _arithmetic(kind, sp.sympify(a), sp.sympify(b))
        a, b = _operand(a, s), _operand(b, s)
        if kind is ast.Add:
            return s.add(a, b)
        if kind is ast.Sub:
            return s.add(a, s.multiply(number(-1), b))
        if kind is ast.Mult:
            return s.multiply(a, b)
        if kind is ast.Div:
            if b.entrywise and a.entrywise:
                return s.elementwise(lambda x, y: x / y, a, b)
            return s.multiply(a, power(s, b, -1))
        if kind is ast.Pow:
            return power(s, a, b)
        if kind is ast.MatMult:
            return matmul(s, a, b)
        raise UnsupportedError("operator", kind.__name__, "+ - * / ** @", "rewrite it")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.visit(node.operand)
        if isinstance(node.op, ast.UAdd):
            return value
        if isinstance(node.op, ast.USub):
            return -sp.sympify(value) if _static(value) else self.statement.multiply(number(-1), _operand(value, self.statement))
        if isinstance(value, Condition):
            return Condition(value.axes, sp.Not(value.relation), value.arguments)
        raise UnsupportedError("operator", type(node.op).__name__, "- or a condition", "rewrite it")

    def visit_Compare(self, node: ast.Compare) -> Any:
        values = [self.visit(v) for v in (node.left, *node.comparators)]
        if any(type(op) not in RELATIONS for op in node.ops) or len(node.ops) != 1:
            raise UnsupportedError("comparison", "a chained or membership test", "one of > >= < <= == !=", "split it")
        relation = RELATIONS[type(node.ops[0])]
        if all(map(_static, values)):
            return bool(relation(*map(sp.sympify, values)))
        return self.statement.compare(relation, *(_operand(v, self.statement) for v in values))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = self.visit(node.test)
        if not isinstance(test, bool):
            raise UnsupportedError("condition", "a test on data", "np.where", "use np.where(test, a, b)")
        return self.visit(node.body if test else node.orelse)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value = self.visit(node.value)
        items = self._items(node.slice)
        if isinstance(value, tuple | list):
            return value[int(items[0])]
        if isinstance(value, Label) and all(i is None or i == slice(None) for i in items):
            remaining = iter(value.axes)
            return Label(tuple(None if i is None else next(remaining) for i in items), value.subscript, value.below)
        if not isinstance(value, Value):
            raise UnsupportedError("index", f"a subscript of {value!r}", "a real array", "rewrite it")
        return select(self.statement, value, items)

    def _items(self, node: ast.expr) -> list[Any]:
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        items: list[Any] = []
        for part in parts:
            if isinstance(part, ast.Slice):
                bounds = [None if b is None else self.visit(b) for b in (part.lower, part.upper, part.step)]
                items.append(slice(*bounds))
            else:
                items.append(self.visit(part))
        return items

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        owner = self.visit(node.value)
        if isinstance(owner, Module):
            return _module(f"{owner.name}.{node.attr}")
        if isinstance(owner, Value | Label):
            shape = _shape(owner)
            if node.attr == "shape":
                return shape
            if node.attr == "size":
                return sp.Mul(*shape)
            if node.attr == "ndim":
                return len(shape)
            if isinstance(owner, Value):
                if node.attr == "T":
                    return transpose(self.statement, owner)
                if node.attr in METHODS:
                    return _Method(owner, node.attr)
        raise UnsupportedError("attribute", f".{node.attr}", ".T, .shape or a method such as .sum()", "rewrite it")

    def visit_Call(self, node: ast.Call) -> Any:
        function = self.visit(node.func)
        arguments = [self.visit(a) for a in node.args]
        keywords = {k.arg: self.visit(k.value) for k in node.keywords if k.arg is not None}
        if any(k.arg is None for k in node.keywords) or any(isinstance(a, ast.Starred) for a in node.args):
            raise UnsupportedError("call", "* or **", "explicit arguments", "write the arguments out")
        if isinstance(function, Function):
            return self._call(function, arguments, keywords)
        if isinstance(function, _Method):
            if function.name == "astype":
                return function.owner
            arguments = [function.owner, *arguments]
            name = f"numpy.{function.name}"
        elif isinstance(function, Module):
            name = function.name
        else:
            raise UnsupportedError("call", repr(function), "a NumPy or SciPy function", "rewrite it")
        if "out" in keywords:
            raise UnsupportedError("call", "out=", "a returned array", "drop out=")
        if name in BUILTINS and (name == "builtins.len" or all(map(_static, arguments))):
            return BUILTINS[name](*arguments)
        operation = OPERATIONS.get(ALIASES.get(name, name))
        if name in ("numpy.sqrt", "numpy.exp", "numpy.log") and all(map(_static, arguments)):
            return getattr(sp, name.removeprefix("numpy."))(*map(sp.sympify, arguments))
        if operation is None:
            raise _unknown(name)
        try:
            return operation(self.statement, *arguments, **keywords)
        except TypeError as error:
            if "argument" in str(error) and "operation" not in str(error):
                raise UnsupportedError(name, f"arguments ({error})", "the common arguments", "drop the extra one") from None
            raise

    def _call(self, function: Function, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        node = function.node
        names = [a.arg for a in node.args.args]
        scope = {**function.scope, **dict(zip(names, arguments, strict=False)), **keywords}
        for name, default in zip(names[::-1], node.args.defaults[::-1], strict=False):
            if name not in dict(zip(names, arguments, strict=False)) and name not in keywords:
                scope[name] = self.visit(default)
        missing = [n for n in names if n not in scope]
        if missing or len(arguments) > len(names):
            raise BackproofError("call", f"{len(arguments)} arguments", f"{len(names)}", "match the signature")
        inner = Reader(self.statement, scope, function.resolve, self.where)
        inner.inner = True
        if isinstance(node, ast.Lambda):
            return inner.visit(node.body)
        return inner.body(node.body)


@dataclass(frozen=True)
class _Method:
    owner: Value
    name: str


ALIASES = {"builtins.abs": "numpy.abs", "builtins.sum": "numpy.sum", "math.sqrt": "numpy.sqrt"}
BUILTINS: dict[str, Callable[..., Any]] = {
    "builtins.len": lambda x: _shape(x)[0],
    "builtins.float": sp.sympify,
    "builtins.int": sp.sympify,
    "builtins.abs": lambda x: abs(sp.sympify(x)),
    "numpy.prod": lambda shape: sp.Mul(*shape),
}
CONSTANTS = {
    "numpy.pi": sp.pi,
    "math.pi": sp.pi,
    "numpy.e": sp.E,
    "numpy.newaxis": None,
    "numpy.float64": Module("numpy.float64"),
}


def _module(name: str) -> Any:
    return CONSTANTS[name] if name in CONSTANTS else Module(name)


def _unknown(name: str) -> BackproofError:
    known = [*OPERATIONS]
    close = difflib.get_close_matches(name, known, 1, cutoff=0.75)
    move = f"use {close[0]}" if close else "write it with arithmetic, @, sums, np.where, exp, log, einsum"
    return UnsupportedError("call", name, "a supported NumPy or scipy.special function", move)


def _static(value: Any) -> bool:
    return isinstance(value, int | float | sp.Expr) and not isinstance(value, bool)


def _operand(value: Any, statement: Statement) -> Value:
    if isinstance(value, Value):
        return value
    if _static(value) or isinstance(value, bool):
        return number(value)
    if isinstance(value, Condition):
        return statement.elementwise(lambda c: sp.Piecewise((1, c), (0, True)), value)
    if isinstance(value, Label):
        raise UnsupportedError(
            "operand", "an integer array in arithmetic", "a real array", "use the labels as a subscript only"
        )
    raise UnsupportedError("operand", repr(value), "a real array", "rewrite it")


def _arithmetic(kind: type[ast.operator], a: sp.Expr, b: sp.Expr) -> sp.Expr:
    operations: dict[type[ast.operator], Callable[[], sp.Expr]] = {
        ast.Add: lambda: a + b,
        ast.Sub: lambda: a - b,
        ast.Mult: lambda: a * b,
        ast.Div: lambda: a / b,
        ast.FloorDiv: lambda: sp.floor(a / b),
        ast.Mod: lambda: sp.Mod(a, b),
        ast.Pow: lambda: a**b,
    }
    if kind not in operations:
        raise UnsupportedError("operator", kind.__name__, "+ - * / // % **", "rewrite it")
    return operations[kind]()


def _shape(array: Any) -> tuple[sp.Expr, ...]:
    return tuple(sp.S.One if a is None else a.size for a in array.axes)
