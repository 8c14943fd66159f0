"""Equations as lines of a framework: arrays are only made, never written to.

A term is an ``einsum`` of its factors, each an array with named axes. Windows, labels and
diagonals are read by arrays of positions; a delta is a mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from backproof.numerics.contraction_code import Operand, aligned
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.lowering import Block
from backproof.numerics.operand_code import Operands
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction
from backproof.theory.errors import UnsupportedError
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import (
    POSITION,
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    indices_in,
    slot,
)
from backproof.theory.scalars import Elementwise


class ScalarCode(PythonCodePrinter):
    """SymPy's Python printer with a framework's functions."""

    def __init__(self, dialect: Dialect, dtype: str) -> None:
        super().__init__({"fully_qualified_modules": True, "allow_unknown_functions": False})
        self.dialect, self.dtype = dialect, dtype

    def _print(self, expr: sp.Basic, **kwargs: object) -> str:
        if isinstance(expr, sp.Expr) and expr.is_number and not expr.is_Integer:
            number = float(expr)
            return repr(number) if isfinite(number) else f"float('{number}')"
        if isinstance(expr, sp.Function) and not isinstance(expr, sp.Piecewise):
            return self._print_Function(expr)
        return str(super()._print(expr, **kwargs))

    def _print_Function(self, e: sp.Function) -> str:
        form = self.dialect.functions.get(type(e))
        if form is None:
            raise UnsupportedError(
                f"backend {self.dialect.name!r}",
                f"the function {type(e).__name__}",
                "one that the framework has",
                "use backend='numpy' or 'c'",
            )
        return form.format(*(self._argument(e, a) for a in e.args))

    def _argument(self, e: sp.Function, argument: sp.Expr) -> str:
        printed = self._print(argument)
        if argument.is_number and isinstance(e, Elementwise):  # torch.minimum takes no number
            return self.dialect.cast.format(printed, self.dtype)
        return printed

    def _print_Pow(self, e: sp.Pow, rational: bool = False) -> str:
        base, exponent = e.args
        return f"({self._print(base)})**({self._print(exponent)})"

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        code = "float('nan')"
        for value, condition in reversed(e.args):
            printed = self._print(value)
            if condition == sp.true:
                code = printed
            else:
                code = self.dialect.where.format(self._print(condition), printed, code)
        return code


class FrameworkLowering(Operands):
    """Lowers equations one by one; ``blocks`` holds the lines of each."""

    def __init__(
        self, dialect: Dialect, dtype: str, names: Iterable[str], sizes: Iterable[sp.Symbol]
    ) -> None:
        super().__init__(names, sizes)
        self.dialect, self.dtype = dialect, dtype
        self.printer = ScalarCode(dialect, dtype)
        self.blocks: list[Block] = []

    def lower(self, equation: Equation) -> Block:
        """The block of one equation."""
        target = self.code_name[equation.tensor.name]
        block = Block(equation)
        self.blocks.append(block)
        rhs = equation.rhs
        if isinstance(rhs, Reduction):
            block.lines.append(f"{target} = {self._reduction(equation, rhs)}")
        elif isinstance(rhs, MatrixValue):
            block.lines.append(f"{target} = {self._matrix(equation, rhs)}")
        else:
            terms = [self._term(t, equation.indices) for t in rhs.terms] or ["0.0"]
            shape = self._shape(equation.indices)
            value = self.dialect.fill.format(" + ".join(terms), shape, self.dtype)
            if equation.tensor.dtype == "integer":
                value = self.dialect.labels.format(value)
            block.lines.append(f"{target} = {value}")
        return block

    def _shape(self, indices: Sequence[Index]) -> str:
        return "(" + "".join(f"{self.size(i.size)}, " for i in indices) + ")"

    def _reduction(self, equation: Equation, reduction: Reduction) -> str:
        operand = self.entry(reduction.operand)
        code, axes = operand.code, list(operand.axes)
        for index in reduction.over:
            code = self.dialect.reductions[reduction.kind].format(code, axes.index(index))
            axes.remove(index)
        return self._ordered(Operand(code, tuple(axes)), equation.indices)

    def _ordered(self, operand: Operand, axes: Sequence[Index]) -> str:
        order = tuple(operand.axes.index(i) for i in axes)
        if order == tuple(range(len(order))):
            return operand.code
        return self.dialect.permute.format(operand.code, order)

    def _matrix(self, equation: Equation, value: MatrixValue) -> str:
        stack = tuple(i for i in equation.indices if i not in value.out)
        matrix = self._ordered(self.entry(value.operand), (*stack, *value.over))
        code = BY_NAME[value.function].numpy.format(matrix)
        return self._ordered(Operand(code, (*stack, *value.out)), equation.indices)

    def _term(self, term: Contraction, out: tuple[Index, ...]) -> str:
        operands = [self.operand(f) for f in term.factors if not isinstance(f, Ones)]
        arrays = [o for o in operands if o.axes]
        parts = [o.code for o in operands if not o.axes]
        coefficient = self.printer.doprint(term.coefficient.xreplace(self.size_code))
        if term.coefficient != 1 or not operands:
            parts.insert(0, f"({coefficient})")
        if arrays:
            carried = {i for o in arrays for i in o.axes}
            core = tuple(i for i in out if i in carried)
            summed = [i for i in carried if i not in core]
            if len(arrays) == 1 and not summed:
                code = self._ordered(arrays[0], core)
            else:
                letters = {i: chr(97 + n) for n, i in enumerate(distinct(_axes(arrays)))}
                spec = ",".join("".join(letters[i] for i in o.axes) for o in arrays)
                spec += "->" + "".join(letters[i] for i in core)
                code = self.dialect.einsum.format(spec, ", ".join(o.code for o in arrays))
            parts.append(aligned(Operand(code, core), out))
        return "*".join(parts)

    # factors -------------------------------------------------------------------------------

    def operand(self, factor: Factor) -> Operand:
        """Any factor but ones as an array of the kernel's type."""
        if isinstance(factor, Entry):
            found = self.entry(factor)
            if factor.tensor.dtype == "integer":
                return Operand(self.dialect.cast.format(found.code, self.dtype), found.axes)
            return found
        if isinstance(factor, Map):
            return self._scalar(factor)
        assert isinstance(factor, Delta)
        axes = distinct(indices_in(factor))
        left, right = (self.position(s, axes) for s in (factor.left, factor.right))
        return Operand(self.dialect.cast.format(f"({left} == {right})", self.dtype), axes)

    def _scalar(self, factor: Map) -> Operand:
        axes = distinct(indices_in(factor))
        named = {
            slot(n): sp.Symbol(aligned(self.operand(a), axes), real=True)
            for n, a in enumerate(factor.arguments)
        }
        expression = factor.expression.xreplace(named).xreplace(self.size_code)
        code = self.printer.doprint(expression)
        full = self.dialect.fill.format(code, self._shape(axes), self.dtype)
        return Operand(full, axes)

    def position(self, subscript: Subscript, axes: tuple[Index, ...]) -> str:
        """A subscript as an integer array that broadcasts against the axes."""
        if isinstance(subscript, Index):
            own = self.dialect.position.format(self.size(subscript.size))
            return aligned(Operand(own, (subscript,)), axes)
        if isinstance(subscript, Entry):
            return aligned(self.entry(subscript), axes)
        parts = [f"({self.size(c)})*{self.position(i, axes)}" for i, c in subscript.terms]
        if subscript.offset != 0 or not parts:
            parts.append(self.size(subscript.offset))
        return "(" + " + ".join(parts) + ")"

    def entry(self, entry: Entry) -> Operand:
        """The entry as an array with one axis an index."""
        axes = distinct(indices_in(entry))
        if entry.tensor.name == POSITION:
            return Operand(self.position(entry.subscripts[0], axes), axes)
        name = self.code_name[entry.tensor.name]
        subscripts = entry.subscripts
        if all(isinstance(s, Index) for s in subscripts) and len(axes) == len(subscripts):
            return Operand(name, axes)
        if all(isinstance(s, Index) or (isinstance(s, Affine) and not s.terms) for s in subscripts):
            plain = [s for s in subscripts if isinstance(s, Index)]
            if len(plain) == len(set(plain)):
                places = (
                    ":" if isinstance(s, Index) else self.size(s.offset)  # type: ignore[union-attr]
                    for s in subscripts
                )
                return Operand(f"{name}[{', '.join(places)}]", axes)
        places = (self.position(s, axes) for s in subscripts)
        return Operand(f"{name}[{', '.join(places)}]", axes)


def _axes(operands: Iterable[Operand]) -> Iterable[Index]:
    return (i for o in operands for i in o.axes)
