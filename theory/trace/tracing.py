"""`trace`: from NumPy source, or a function whose source can be read, to a model."""

from __future__ import annotations

import ast
import inspect
import keyword
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import sympy as sp

from backproof.theory.declarations import Array, array, bound_together
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import UNWRITTEN, Affine, Entry, Index, Tensor, fresh
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.trace.reading import Reader
from backproof.theory.trace.scope import NAMESPACE, outer, syntax_of
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Label, Value


def trace(source: str | Callable[..., Any], /, **inputs: str | Array) -> Model:
    """The model that NumPy code states.

    ``source`` is an expression, a function body of several lines with ``return``, or a Python
    function (its source is read, never executed).  Each input is declared by its shape (``"b n"``;
    ``""`` is a scalar) or with `array`.  Names available in a string: the inputs, ``np`` and
    ``special`` (scipy.special).  Intermediate names become names of equations.  A source that
    returns several arrays, as a tuple or as a dictionary with names for keys, is a model with
    several outputs.

    Raises `BackproofError` with line and column for anything unknown, ambiguous or unsupported.

    >>> print(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"))
    t1[i] = Σ_j W[i,j] x[j] - y[i]
    f = Σ_i t1[i]**2
    >>> step = trace("return {'w': w - 0.1 * g, 'g2': np.sum(g**2)}", w="n", g="n")
    >>> print(step, list(step.outputs))
    w_2[i] = w[i] - 0.1 g[i]
    g2 = Σ_i g[i]**2 ['w', 'g2']
    """
    declared = bound_together(
        {name: spec if isinstance(spec, Array) else array(spec) for name, spec in inputs.items()}
    )
    nodes, resolve, order, where = _syntax(source)
    _check_names(declared, order)
    names = order or list(declared)
    sizes = {s.name for a in declared.values() for size in a.shape for s in size.free_symbols}
    letters = Letters(taken={*names, *_assigned(nodes), *sizes})
    tensors = {name: _tensor(name, declared[name], letters) for name in names}
    statement = Statement(tensors, letters)
    scope: dict[str, Any] = {name: _input(tensor) for name, tensor in tensors.items()}
    reader = Reader(statement, scope, resolve, where)
    result = reader.body(nodes)
    outputs: dict[str, Tensor] = {}
    if isinstance(result, Mapping):
        outputs = {k: _finish(statement, _real(v, f"{where}, {k}"), k) for k, v in result.items()}
    elif isinstance(result, tuple | list):
        found = [
            _finish(statement, _real(v, f"{where}, result {n}"), f"f{n}")
            for n, v in enumerate(result, 1)
        ]
        outputs = {tensor.name: tensor for tensor in found}
        if len(outputs) < max(len(found), 1):
            raise BackproofError(
                where, "a quantity twice, or nothing", "different arrays", "return each once"
            )
    output = next(iter(outputs.values())) if outputs else _finish(statement, _real(result, where))
    _refuse_unwritten(statement, where)
    steps = tuple(statement.steps)
    model = Model(tuple(statement.equations), tensors, {}, output, steps, outputs=outputs)
    return tidy(share_normalisers(model))


def _refuse_unwritten(statement: Statement, where: str) -> None:
    """Refuse a result that reads entries of `np.empty` that nothing wrote."""
    if any(t.name == UNWRITTEN for e in statement.equations for t in e.operands):
        raise BackproofError(
            where,
            "entries of np.empty that are not provably all written",
            "an array whose every entry is written",
            "use np.zeros, or write the whole axis",
        )


def _real(result: Any, where: str) -> Value:
    """A returned value, which has to be a real array."""
    if isinstance(result, Value):
        return result
    constant = isinstance(result, int | float | sp.Expr)
    found = f"the constant {result}" if constant else type(result).__name__
    raise BackproofError(
        where, f"a result that is {found}", "a real array, or several", "return arrays"
    )


def _finish(statement: Statement, result: Value, wish: str = "f") -> Tensor:
    """Write a result down under a name of its own."""
    named = result.entry
    defined = {e.tensor.name for e in statement.equations}
    if named is not None and named.tensor.name in defined and named.subscripts == result.axes:
        return named.tensor
    full = _unit_axes(result)
    wish = "value" if wish == "f" and wish in statement.tensors else wish
    from backproof.theory.normal import normal

    tensor = statement.declare(wish, full.indices)
    statement.equations.append(statement.letters.write(tensor, full.indices, normal(full.rhs)))
    return tensor


def _unit_axes(value: Value) -> Value:
    """Axes of size one made explicit, so that the result has NumPy's shape."""
    from backproof.theory.notation import Ones

    axes: list[Axis] = [fresh(Index("i", sp.S.One)) if a is None else a for a in value.axes]
    new = [a for a, old in zip(axes, value.axes, strict=True) if old is None and a is not None]
    terms = (
        Contraction(t.coefficient, (*t.factors, *map(Ones, new)), t.over) for t in value.rhs.terms
    )
    return Value(tuple(axes), Sum(tuple(terms)))


def _tensor(name: str, spec: Array, letters: Letters) -> Tensor:
    return Tensor(
        name, spec.shape, letters.axes(spec.shape), spec.dtype, spec.below, spec.assumptions
    )


def _input(tensor: Tensor) -> Value | Label:
    indices = tensor.indices()
    axes: tuple[Axis, ...] = tuple(None if i.size == 1 else i for i in indices)
    subscripts = tuple(Affine(sp.S.Zero) if i.size == 1 else i for i in indices)
    entry = Entry(tensor, subscripts)
    if tensor.dtype == "integer":
        assert tensor.below is not None
        return Label(axes, entry, tensor.below)
    return Value(axes, Sum((Contraction(sp.S.One, (entry,)),)))


def _check_names(declared: dict[str, Array], order: list[str]) -> None:
    sizes = {s.name for a in declared.values() for size in a.shape for s in size.free_symbols}
    for name, spec in declared.items():
        plain = unicodedata.normalize("NFKC", name)
        if plain != name:
            raise BackproofError(
                "input", f"the name {name}", f"{plain}, as Python reads it", f"write {plain}"
            )
        if not name.isidentifier() or keyword.iskeyword(name) or name in NAMESPACE:
            raise BackproofError(
                "input", f"the name {name}", "a free Python name", "rename the input"
            )
        if name in sizes and not spec.shape:
            raise BackproofError(
                "input", f"{name} as a number and as a size", "one meaning a name", f"rename {name}"
            )
    missing = [n for n in order if n not in declared]
    if missing:
        raise BackproofError(
            "trace",
            f"no shape for the argument {missing[0]}",
            "one a argument",
            f"pass {missing[0]}='…'",
        )
    unknown = [n for n in declared if order and n not in order]
    if unknown:
        raise BackproofError(
            "trace",
            f"a shape for {unknown[0]}",
            f"arguments {', '.join(order)}",
            "drop it or rename it",
        )


def _assigned(nodes: list[ast.stmt]) -> set[str]:
    stored = (n for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in stored if isinstance(n.ctx, ast.Store)}


def _syntax(
    source: str | Callable[..., Any],
) -> tuple[list[ast.stmt], Callable[[str], Any], list[str], str]:
    """Statements, a resolver for outer names, argument names in order, and a name for messages."""
    if isinstance(source, str):
        text = textwrap.dedent(source).strip("\n")
        try:
            tree = ast.parse(f"def _(): \n{textwrap.indent(text, '    ')}").body[0]
        except SyntaxError as error:
            raise BackproofError(
                f"source, line {max((error.lineno or 2) - 1, 1)}",
                error.msg,
                "Python syntax",
                "fix the line",
            ) from None
        assert isinstance(tree, ast.FunctionDef)
        ast.increment_lineno(tree, -1)
        for node in ast.walk(tree):
            if hasattr(node, "col_offset"):
                node.col_offset = max(node.col_offset - 4, 0)
        body = tree.body
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            body = [ast.copy_location(ast.Return(body[0].value), body[0])]
        return body, outer({}), [], "source"
    return _function_syntax(source)


def _function_syntax(
    source: Callable[..., Any],
) -> tuple[list[ast.stmt], Callable[[str], Any], list[str], str]:
    if not isinstance(source, FunctionType):
        raise BackproofError(
            "trace",
            f"a {type(source).__name__}",
            "a Python function or a source string",
            "wrap it in a def",
        )
    node = syntax_of(source)
    resolve = outer({**source.__globals__, **inspect.getclosurevars(source).nonlocals})
    order = [a.arg for a in node.args.args]
    if isinstance(node, ast.Lambda):
        return [ast.copy_location(ast.Return(node.body), node)], resolve, order, "lambda"
    return node.body, resolve, order, source.__name__
