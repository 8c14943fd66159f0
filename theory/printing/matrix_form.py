"""Equations in matrix notation: ``dW2 = H.T @ dS`` and the same in LaTeX, where it exists.

The right-hand side is read as it is printed (`products`), each product becomes chains of
matrices (`chains`), and three scripts write the result down: valid NumPy, text and LaTeX.
An equation that only index notation can state (windows, three open ends, …) has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from backproof.theory.equations import Equation, MatrixValue, Reduction
from backproof.theory.gathers import Within
from backproof.theory.notation import Delta, Entry, Index, Map, distinct, slot
from backproof.theory.printing.chains import Operand, assembled, contracted
from backproof.theory.printing.layout import equations_of
from backproof.theory.printing.matrices import (
    Axes,
    Chain,
    Diagonal,
    Entrywise,
    Leaf,
    Node,
    NoMatrixForm,
    Norm,
    Plus,
    Scaled,
    Softmax,
)
from backproof.theory.printing.matrices import FunctionOf as FunctionOfNode
from backproof.theory.printing.matrices import Reduced as ReducedNode
from backproof.theory.printing.matrix_code import MatrixCode
from backproof.theory.printing.matrix_latex import MatrixLatex
from backproof.theory.printing.matrix_numpy import MatrixNumPy
from backproof.theory.printing.matrix_text import MatrixText
from backproof.theory.printing.plain_entries import delta, leaf
from backproof.theory.printing.products import (
    Applied,
    Base,
    FunctionOf,
    Group,
    Piece,
    Product,
    Reduced,
)
from backproof.theory.printing.recognition import Context
from backproof.theory.printing.recognition import Softmax as Recognised
from backproof.theory.printing.substitution import Substitution
from backproof.theory.printing.transposes import (
    leaves_of,
    oriented,
    scales_identity,
    signs,
    square_of_norm,
)

Written = Mapping[str, Equation]
EMPTY: Written = {}


def matrix_form(equation: Equation, context: Any = None, written: Written = EMPTY) -> str | None:
    """The equation as a line of NumPy in matrix notation; `None` where only indices say it.

    The names are those of the tensors and, where a size is needed, of the sizes.  ``context`` is
    the model or derivation that the equation is part of: with it, a softmax is recognised.
    ``written`` are definitions that stand in the place of their names.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> g = derive(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"), ("W", "x"))
    >>> for equation in g.equations:
    ...     print(matrix_form(equation))
    t1 = W @ x - y
    f = t1 @ t1
    dt1 = 2 * t1
    dW = np.outer(dt1, x)
    dx = W.T @ dt1
    """
    return _code(MatrixNumPy, equation, context, written)


def matrix_text(equation: Equation, context: Any = None, written: Written = EMPTY) -> str | None:
    """The same line for readers: functions by their plain names, σ, softmax of rows, one_hot.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> g = derive(trace("np.sum(np.logaddexp(0, W @ x))", W="m n", x="n"), "W")
    >>> print(matrix_text(g["dt1"]), matrix_form(g["dt1"]), sep="; ")
    dt1 = σ(t1); dt1 = special.expit(t1)
    """
    return _code(MatrixText, equation, context, written)


def _code(
    dialect: type[MatrixCode], equation: Equation, context: Any, written: Written
) -> str | None:
    try:
        node = reading(equation, context, written)
        names = frozenset(leaves_of(node if isinstance(node, Plus) else node.operand))
        return f"{equation.tensor.name} = {dialect(equation, names).show(node)}"
    except NoMatrixForm:
        return None


def matrix_latex(equation: Equation, context: Any = None, written: Written = EMPTY) -> str | None:
    r"""The equation in matrix notation as LaTeX; `None` where only indices say it.

    ``⊙`` multiplies entry by entry; functions act entry by entry; vectors are columns.

    >>> from backproof.theory.trace.tracing import trace
    >>> from backproof.theory.calculus.derivation import derive
    >>> g = derive(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"), ("W", "x"))
    >>> print(matrix_latex(g["W"]))
    \bar{W} = \bar{t}^{(1)} x^{\top}
    """
    try:
        node = reading(equation, context, written)
        return MatrixLatex(equation, equations_of(context), frozenset(written)).equation(node)
    except NoMatrixForm:
        return None


def reading(
    equation: Equation, context: Any = None, written: Written = EMPTY
) -> Plus | Reduction | MatrixValue:
    """The right-hand side as a sum of matrix expressions; raises `NoMatrixForm`."""
    rhs = equation.rhs
    if isinstance(rhs, Reduction | MatrixValue) and not written:
        subscripts = rhs.operand.subscripts
        if not all(isinstance(s, Index) for s in subscripts):
            raise NoMatrixForm
        kept = tuple(s for s in subscripts if s not in rhs.over)
        out = rhs.out if isinstance(rhs, MatrixValue) else ()
        last = isinstance(rhs, Reduction) or set(subscripts[-2:]) == set(rhs.over)
        if len(set(subscripts)) < len(subscripts) or (*kept, *out) != equation.indices or not last:
            raise NoMatrixForm
        return rhs
    equations = equations_of(context)
    reader = _Reader(Context(equations, equation.tensor.name, frozenset(written)))
    try:
        products = Substitution(written, equations).products(equation)
        grouped = reader.plus(products, equation.indices, whole=True)
        if not scales_identity(grouped):
            return grouped
    except NoMatrixForm:  # what is common stands between matrices, so that only the terms have one
        pass
    products = Substitution(written, equations, grouped=False).products(equation)
    return reader.plus(products, equation.indices, whole=True)


class _Reader:
    """Turns products of pieces into matrix expressions."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def plus(self, products: tuple[Product, ...], axes: Axes, whole: bool = False) -> Plus:
        """A sum; ``whole`` when it must fill its axes by itself, as a right-hand side must."""
        ordered = sorted(products, key=lambda p: p.negative)
        terms = tuple(self.scaled(p, axes, fill=False) for p in ordered)
        covered = {i for t in terms for i in t.axes}
        if whole and covered != set(axes):
            first = self.scaled(ordered[0], axes, fill=True) if ordered else _zero(axes)
            terms = (first, *terms[1:])
        return Plus(terms, axes)

    def scaled(self, product: Product, target: Axes, fill: bool) -> Scaled:
        """One product, its sums done."""
        operands = [o for piece in product.pieces for o in self.operands(piece)]
        return assembled(product.coefficient, contracted(operands, product.over), target, fill)

    def operands(self, piece: Piece) -> list[Operand]:
        """A piece as nodes; a small power is a repeated one, so that x² can be xᵀ x."""
        node = self.node(piece.base)
        if piece.exponent == 2:
            return [(node, sp.S.One)] * 2
        return [(node, piece.exponent)]

    def node(self, base: Base) -> Node:
        """A piece without its indices."""
        match base:
            case Within():
                raise NoMatrixForm
            case Delta():
                return delta(base)
            case Group():
                return self.group(base)
            case Entry():
                return self.leaf(base)
            case Map(expression, arguments):
                return self.map(base)
            case Applied(expression, arguments):
                return self.entrywise(expression, tuple(map(self.node, arguments)))
            case Recognised(logit, over):
                of = self.node(logit)
                if len(set(of.axes)) < len(of.axes) or not set(over) <= set(of.axes):
                    raise NoMatrixForm
                return Softmax(of, over)
            case Reduced(kind, operand, over):
                return ReducedNode(kind, self.node(operand), over)
            case FunctionOf(function, operand, over, out):
                of = self.node(operand)
                if set(of.axes) != set(over):
                    raise NoMatrixForm
                if len(set(out)) < len(out):
                    return Diagonal(FunctionOfNode(function, oriented(of, over), over), out[:1])
                return FunctionOfNode(function, oriented(of, over), out)

    def leaf(self, entry: Entry) -> Leaf:
        """An entry without its indices; of a symmetric matrix it need not be turned."""
        found = leaf(entry)
        known = len(found.axes) == 2 and entry.tensor.name in self.context.symmetric
        return replace(found, symmetric=True) if known else found

    def group(self, group: Group) -> Node:
        """A bracket as a sum on all the axes that it carries, in the order of its name."""
        carried = {i for p in group.products for i in p.free}
        if group.axes or not carried:
            if set(group.axes) != carried or len(set(group.axes)) < len(group.axes):
                raise NoMatrixForm
            return _alone(self.plus(group.products, group.axes))
        order = max((self.scaled(p, _axes(p), fill=False).axes for p in group.products), key=len)
        axes = (*order, *sorted(carried - set(order), key=lambda i: i.name))
        if len(axes) != 2:
            return self.plus(group.products, axes)
        both = (self.plus(group.products, axes), self.plus(group.products, axes[::-1]))
        return min(both, key=signs)

    def map(self, factor: Map) -> Node:
        """A scalar expression of nodes, a softmax in it by its name."""
        nodes: dict[sp.Basic, Node] = {}
        for power in sorted(factor.expression.atoms(sp.exp), key=sp.default_sort_key):
            known = self.context.exponential(power, factor.arguments)
            if known is not None:
                nodes[power] = self.node(known)
        rest_of = factor.expression.xreplace(dict.fromkeys(nodes, sp.Dummy()))
        used = rest_of.free_symbols
        for n, argument in enumerate(factor.arguments):
            if slot(n) in used:
                nodes[slot(n)] = self.leaf(argument)
        new = {old: slot(n) for n, old in enumerate(nodes)}
        return self.entrywise(factor.expression.xreplace(new), tuple(nodes.values()))

    def entrywise(self, expression: sp.Expr, parts: tuple[Node, ...]) -> Node:
        """A scalar expression applied to nodes."""
        if expression == slot(0) and len(parts) == 1:
            return parts[0]
        expression, parts = _with_norms(expression, parts)
        longest = max((node.axes for node in parts), key=len)
        rest = [i for i in distinct(i for node in parts for i in node.axes) if i not in longest]
        if len(longest) + len(rest) > 2 and rest:
            raise NoMatrixForm
        return Entrywise(expression, parts, (*longest, *rest))


def _with_norms(expression: sp.Expr, parts: tuple[Node, ...]) -> tuple[sp.Expr, tuple[Node, ...]]:
    """The root of a sum of squares as a norm, where nothing else of it is used."""
    new: dict[sp.Basic, sp.Expr] = {}
    nodes = list(parts)
    for n, part in enumerate(parts):
        powers = {p for p in expression.atoms(sp.Pow) if p.base == slot(n)}
        inner = square_of_norm(part)
        rest = expression.xreplace(dict.fromkeys(powers, sp.S.One))
        if inner is None or not powers or slot(n) in rest.free_symbols:
            continue
        if any(not p.exp.is_integer for p in powers):
            nodes[n] = Norm(inner)
            new |= {p: slot(n) ** (2 * p.exp) for p in powers}
    return expression.xreplace(new), tuple(nodes)


def _alone(total: Plus) -> Node:
    """A sum of one plain term as that term."""
    if len(total.terms) == 1 and total.terms[0].coefficient == 1:
        (term,) = total.terms
        if term.of is None and not total.axes and len(term.scalars) == 1:
            inner, exponent = term.scalars[0]
            if exponent == 1:
                return inner
            if exponent == 2 and isinstance(inner, Norm):
                return Chain((inner.of, inner.of), ())
        if term.of is not None and not term.scalars and set(term.axes) == set(total.axes):
            return oriented(term.of, total.axes)
    return total


def _axes(product: Product) -> Axes:
    return tuple(sorted(product.free, key=lambda i: i.name))


def _zero(axes: Axes) -> Scaled:
    return assembled(sp.S.Zero, [], axes, fill=True)
