"""Equations as lines of a framework: arrays are only made, never written to.

A right-hand side is one expression: what is entrywise in it, and products of arrays with named
axes. A delta lays an axis out where its indices count the axis through, and is a mask elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sympy as sp

from backproof.numerics.framework_convolutions import Convolutions, carried
from backproof.numerics.framework_products import Axes
from backproof.numerics.framework_scalars import ScalarCode
from backproof.numerics.framework_views import Array, bare, tiles
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.lowering import Block, shared_coefficient
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.maps import as_expression
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    distinct,
    indices_in,
    slot,
)

Leaves = dict[sp.Symbol, Array]


class FrameworkLowering(Convolutions):
    """Lowers equations one by one; ``blocks`` holds the lines of each.

    ``owned`` are the names of tensors that go to the caller and may be nobody else's memory.
    """

    def __init__(
        self,
        dialect: Dialect,
        dtype: str,
        names: Iterable[str],
        sizes: Iterable[sp.Symbol],
        owned: Collection[str] = (),
    ) -> None:
        super().__init__(dialect, dtype, names, sizes)
        self.printer = ScalarCode(dialect, dtype, self.size_code.values())
        self.owned = frozenset(owned)
        self.blocks: list[Block] = []

    def lower(self, equation: Equation) -> Block:
        """The block of one equation."""
        rhs = equation.rhs
        if isinstance(rhs, Reduction):
            code = self._reduction(equation, rhs)
        elif isinstance(rhs, MatrixValue):
            code = self._matrix(equation, rhs)
        else:
            code = self._sum(equation, rhs)
            if equation.tensor.dtype == "integer":
                code = self.dialect.labels.format(code)
        block = Block(equation, [f"{self.code_name[equation.tensor.name]} = {code}"])
        self.blocks.append(block)
        return block

    def _reduction(self, equation: Equation, reduction: Reduction) -> str:
        operand = self.entry(reduction.operand)
        form, over = self.dialect.reductions[reduction.kind], reduction.over
        kept = tuple(i for i in operand.axes if i not in over)
        if len(over) > 1 and reduction.kind not in ("max", "min"):  # one axis of them all
            flat = self.permuted(operand, (*kept, *over))
            shape = ", ".join([*(self.size(i.size) for i in kept), "-1"])
            code = form.format(f"{flat}.reshape(({shape},))", len(kept))
        else:
            places = tuple(operand.axes.index(i) for i in over)
            code = form.format(bare(operand.code), places[0] if len(places) == 1 else places)
        return self.permuted(Array(code, kept), equation.indices)

    def _matrix(self, equation: Equation, value: MatrixValue) -> str:
        stack = tuple(i for i in equation.indices if i not in value.out)
        matrix = self.permuted(self.entry(value.operand), (*stack, *value.over))
        call = self.dialect.matrices.get(value.function, BY_NAME[value.function].numpy)
        return self.permuted(Array(call.format(matrix), (*stack, *value.out)), equation.indices)

    # sums ------------------------------------------------------------------------------------

    def _sum(self, equation: Equation, total: Sum) -> str:
        """All terms as one expression of arrays, filled to the axes that none of them has."""
        out = equation.indices
        shared = shared_coefficient(total)
        terms = [Contraction(t.coefficient / shared, t.factors, t.over) for t in total.terms]
        leaves: Leaves = {}
        plain = [t for t in terms if not t.over and _entrywise(t)]
        products: list[tuple[sp.Expr, sp.Symbol]] = []
        expression = self._expression(plain, leaves, out) if plain else sp.S.Zero
        for term in terms:
            if term not in plain:
                found, symbol = self._term(term, leaves, out)
                coefficient = sp.sympify(found).xreplace(self.size_code)
                if symbol is not None and leaves[symbol].matrices and coefficient.is_number:
                    products.append((coefficient, symbol))
                else:
                    expression += coefficient * (1 if symbol is None else symbol)
        folded = self._folded(expression, products, leaves)
        if shared != 1:
            folded = shared.xreplace(self.size_code) * folded
        return self._filled(folded, leaves, equation)

    def _folded(
        self, rest: sp.Expr, products: list[tuple[sp.Expr, sp.Symbol]], leaves: Leaves
    ) -> sp.Expr:
        """Products of matrices added to the rest, by the operation that does both at once."""
        form = self.dialect.affine
        for coefficient, symbol in products:
            product, read = leaves[symbol], self._read(rest, leaves)
            alike = self.printer.typed(rest) and any(leaves[s].axes for s in read)
            if form is None or not alike or product.matrices is None:
                rest += coefficient * symbol
                continue
            code = bare(self.printer.doprint(rest))
            scale = "" if coefficient == 1 else f", alpha={self.printer.doprint(coefficient)}"
            made = form.format(code, *map(bare, product.matrices), scale)
            rest = self._leaf(made, Array(made, product.axes), leaves)
        return rest

    @staticmethod
    def _read(expression: sp.Expr, leaves: Leaves) -> list[sp.Symbol]:
        return sorted((s for s in expression.free_symbols if s in leaves), key=str)

    def _leaf(self, code: str, array: Array, leaves: Leaves) -> sp.Symbol:
        symbol = sp.Symbol(code, real=True)
        leaves[symbol] = array
        return symbol

    def _filled(self, expression: sp.Expr, leaves: Leaves, equation: Equation) -> str:
        out = equation.indices
        shape = self.shape(i.size for i in out)
        code = bare(self.printer.doprint(expression))
        read = self._read(expression, leaves)
        if not self.printer.typed(expression):
            if not expression.free_symbols - self.printer.sizes:
                return self.dialect.constant.format(code, shape, self.dtype)
            code = self.cast(code)
        foreign = expression in leaves and leaves[expression].view
        if {i for s in read for i in leaves[s].axes} != set(out):
            code, foreign = self.dialect.spread.format(code, shape), True
        if foreign and equation.tensor.name in self.owned:
            code = self.dialect.copy.format(code)
        return code

    def _expression(self, terms: list[Contraction], leaves: Leaves, out: Axes) -> sp.Expr:
        """Entrywise terms in the codes of their entries, aligned with ``out``."""
        arguments: dict[Entry, sp.Symbol] = {}
        expression = as_expression(terms, arguments)
        named = {s: self._named(self.number(e), leaves, out) for e, s in arguments.items()}
        return expression.xreplace({**named, **self.size_code})

    def _named(self, array: Array, leaves: Leaves, out: Axes) -> sp.Symbol:
        axes = tuple(i for i in out if i in array.axes)
        moved = Array(self.aligned(array, out), axes, view=array.view, matrices=array.matrices)
        return self._leaf(moved.code, moved, leaves)

    def _term(
        self, term: Contraction, leaves: Leaves, out: Axes
    ) -> tuple[sp.Expr, sp.Symbol | None]:
        """A coefficient, with factors that have no axes, and the product of the others."""
        factors, parts = self._laid_out(term, out)
        inner = tuple(p for i in out for p in parts.get(i, (i,)))
        if not parts and {*out} <= carried(factors):
            convolution = self.convolved(factors, out)
            if convolution is not None:
                return term.coefficient, self._leaf(convolution.code, convolution, leaves)
        operands = [self.array(f, inner) for f in factors if not isinstance(f, Ones)]
        coefficient = term.coefficient
        for operand in operands:
            if not operand.axes:
                code = self.cast(operand.code) if operand.mask else operand.code
                coefficient *= self._leaf(code, Array(code, ()), leaves)
        arrays = [o for o in operands if o.axes]
        if not arrays:
            return coefficient, None
        found = self.product(arrays, inner)
        if parts:
            axes = tuple(i for i in out if i in parts or i in found.axes)
            code = f"{found.code}.reshape({self.shape(i.size for i in axes)})"
            found = Array(code, axes, view=True)
        return coefficient, self._named(found, leaves, out)

    def _laid_out(
        self, term: Contraction, out: Axes
    ) -> tuple[list[Factor], dict[Index, tuple[Index, ...]]]:
        """The factors without deltas that only lay an axis of ``out`` out, and those axes' parts.

        ``Σ_q,i,j p[n,q,i,j] δ[r, 16 q + 4 i + j]`` is p with three axes read as one.
        """
        factors, parts = list(term.factors), dict[Index, tuple[Index, ...]]()
        for delta in [f for f in factors if isinstance(f, Delta)]:
            for index, place in ((delta.left, delta.right), (delta.right, delta.left)):
                if not isinstance(index, Index) or index not in out or isinstance(place, Entry):
                    continue
                place = (
                    Affine(sp.S.Zero, ((place, sp.S.One),)) if isinstance(place, Index) else place
                )
                found = tiles(place, index.size)
                rest = [f for f in factors if f is not delta]
                read = carried(rest)
                if found and index not in read and set(found) <= read & {*term.over}:
                    factors, parts[index] = rest, found
        return factors, parts

    # factors -------------------------------------------------------------------------------

    def number(self, entry: Entry) -> Array:
        """The entry as an array of the kernel's type."""
        found = self.entry(entry)
        if entry.tensor.dtype == "integer":
            return Array(self.cast(found.code), found.axes)
        return found

    def array(self, factor: Factor, order: Axes) -> Array:
        """Any factor but ones; a delta has its axes in this order."""
        if isinstance(factor, Entry):
            return self.number(factor)
        axes = distinct(indices_in(factor))
        if isinstance(factor, Map):
            return self._scalar(factor, axes)
        assert isinstance(factor, Delta)
        axes = tuple(sorted(axes, key=lambda i: order.index(i) if i in order else -1))
        left, right = (self.position(s, axes) for s in (factor.left, factor.right))
        return Array(f"({left} == {right})", axes, mask=True)

    def _scalar(self, factor: Map, axes: Axes) -> Array:
        leaves: Leaves = {}
        named = {
            slot(n): self._named(self.number(a), leaves, axes)
            for n, a in enumerate(factor.arguments)
        }
        expression = factor.expression.xreplace({**named, **self.size_code})
        code = self.printer.doprint(expression)
        if not self.printer.typed(expression):
            code = self.cast(code)
        return Array(code if _stands_alone(code) else f"({code})", axes)


def _entrywise(term: Contraction) -> bool:
    return all(isinstance(f, Entry | Map | Ones) for f in term.factors)


def _stands_alone(code: str) -> bool:
    """Whether a code is a name or one call."""
    return bare(f"({code})") == code and code.replace("_", "").isalnum()
