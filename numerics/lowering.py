"""Lowering: each equation becomes a block of NumPy lines that write into named buffers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sympy as sp

from backproof.numerics.contraction_code import Operand, aligned, permuted
from backproof.numerics.operand_code import Buffer, Operands
from backproof.numerics.placement import Spot, apart, covered, place, sliced, spot, write
from backproof.numerics.scalar_code import ScalarWriter, code
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.maps import as_expression
from backproof.theory.notation import Affine, Delta, Entry, Index, Map, Ones, Subscript, indices_in

FOLDED = {"max": "np.maximum", "min": "np.minimum"}


@dataclass
class Block:
    """The lines that compute one equation."""

    equation: Equation
    lines: list[str] = field(default_factory=list)


class Lowering(Operands):
    """Lowers equations one by one; ``blocks`` holds the lines of each."""

    def __init__(self, names: Iterable[str], sizes: Iterable[sp.Symbol]) -> None:
        super().__init__(names, sizes)
        self.blocks: list[Block] = []

    # equations -----------------------------------------------------------------------------

    def lower(self, equation: Equation) -> Block:
        """The block of one equation."""
        block = Block(equation)
        self.blocks.append(block)
        self.lines = block.lines
        target = self.code_name[equation.tensor.name]
        if equation.indices:
            integer = equation.tensor.dtype == "integer"
            self.buffers.append(Buffer(target, equation.tensor.shape, integer))
        if isinstance(equation.rhs, Reduction):
            self._reduction(equation, equation.rhs, target)
        elif isinstance(equation.rhs, MatrixValue):
            self._matrix(equation, equation.rhs, target)
        elif not equation.indices:
            self._scalar_sum(equation.rhs, target)
        elif equation.tensor.dtype == "integer":  # whole numbers, computed as reals
            place = self.scratch(equation.indices)
            self._array_sum(equation, equation.rhs, place)
            self.lines.append(f"{target}[...] = {place}")
        else:
            self._array_sum(equation, equation.rhs, target)
        return block

    # reductions ----------------------------------------------------------------------------

    def _reduction(self, equation: Equation, reduction: Reduction, target: str) -> None:
        operand = self.entry(reduction.operand)
        axes = [operand.axes.index(i) for i in reduction.over]
        axis = axes[0] if len(axes) == 1 else tuple(axes)
        kept = tuple(i for i in operand.axes if i not in reduction.over)
        if len(axes) > 1 and reduction.kind in ("argmax", "argmin"):
            flat = permuted(operand, (*equation.indices, *reduction.over))
            out = f".reshape(*{target}.shape, -1), axis=-1, out={target}" if kept else ""
            assign = "" if kept else f"{target} = "
            self.lines.append(f"{assign}np.{reduction.kind}({flat}{out})")
            return
        if kept and reduction.kind in FOLDED and _overlaps(reduction.operand):
            self._folded(equation, reduction, operand, target)
            return
        view = permuted(Operand(target, equation.indices), kept)
        out = f", out={view}" if kept else ""
        assign = "" if kept else f"{target} = "
        self.lines.append(f"{assign}np.{reduction.kind}({operand.code}, axis={axis}{out})")

    def _folded(
        self, equation: Equation, reduction: Reduction, operand: Operand, target: str
    ) -> None:
        """An extreme of windows, one place of all windows after the other: long inner loops."""
        view = self.free("view")
        self.lines.append(f"{view} = {permuted(operand, (*reduction.over, *equation.indices))}")
        self.lines.append(f"np.copyto({target}, {view}[{', '.join('0' for _ in reduction.over)}])")
        names = [self.free(f"at{n}") for n in range(len(reduction.over))]
        for depth, (name, i) in enumerate(zip(names, reduction.over, strict=True)):
            self.lines.append(f"{'    ' * depth}for {name} in range({self.size(i.size)}):")
        step = f"{FOLDED[reduction.kind]}({target}, {view}[{', '.join(names)}], out={target})"
        self.lines.append(f"{'    ' * len(names)}{step}")

    def _matrix(self, equation: Equation, value: MatrixValue, target: str) -> None:
        operand = self.entry(value.operand)
        stack = tuple(i for i in equation.indices if i not in value.out)
        matrix = permuted(operand, (*stack, *value.over))
        call = BY_NAME[value.function].numpy.format(matrix)
        if equation.indices:
            view = permuted(Operand(target, equation.indices), (*stack, *value.out))
            self.lines.append(f"np.copyto({view}, {call})")
        else:
            self.lines.append(f"{target} = {call}")

    # sums ----------------------------------------------------------------------------------

    def _scalar_sum(self, total: Sum, target: str) -> None:
        parts = []
        for term in total.terms:
            body = self.contracted(term, (), "")
            scale = self.size(term.coefficient)
            if not body:
                parts.append(scale)
            else:
                parts.append(body if term.coefficient == 1 else f"{scale}*{body}")
        self.lines.append(f"{target} = {' + '.join(parts) if parts else '0.0'}")

    def _array_sum(self, equation: Equation, total: Sum, target: str) -> None:
        out = equation.indices
        shared = shared_coefficient(total)
        terms = [Contraction(t.coefficient / shared, t.factors, t.over) for t in total.terms]
        placed = [t for t in terms if any(isinstance(f, Delta) for f in t.factors)]
        pointwise = [t for t in terms if t not in placed and not t.over and self._is_pointwise(t)]
        sums = [t for t in terms if t not in placed and t not in pointwise]
        if placed and len(pointwise) == 1 and not sums:  # instead of a copy, a multiple
            placed, pointwise = ([_times(shared, t) for t in some] for some in (placed, pointwise))
            shared = sp.S.One
        negated = bool(pointwise) and len(sums) == 1 and sums[0].coefficient == -1
        if negated:  # the sum is taken from the first entries that follow
            sums[0] = _times(-sp.S.One, sums[0])
        started = False
        for term in sums:
            self._add_contraction(term, out, target, started)
            started = True
        if pointwise:
            self._add_pointwise(pointwise, out, target, started, negated)
            started = True
        spots = [found for t in placed if (found := spot(t, out)) is not None]
        if not started and placed and len(spots) == len(placed) and apart(spots):
            if not covered(spots, out):
                self.lines.append(f"{target}.fill(0)")
            for term, at in zip(placed, spots, strict=True):
                self._write(term, at, out, target)
        else:
            alone = not started and len(placed) == 1
            if not started and not alone:
                self.lines.append(f"{target}.fill(0)")
            for term in placed:
                place(self, term, out, target, alone)
        if shared != 1:
            self.lines.append(f"np.multiply({target}, {self.size(shared)}, out={target})")

    def _write(self, term: Contraction, at: Spot, out: tuple[Index, ...], target: str) -> None:
        """The values of a term as a slice of the target, computed where they belong."""
        slice_, loops, rest = sliced(term, at, out, target)
        whole = {i for f in rest.factors if not isinstance(f, Ones) for i in indices_in(f)}
        if not loops or rest.over or whole != {*loops} or not self._is_pointwise(rest):
            write(self, rest, loops, slice_)
            return
        place = self.scratch(loops)
        first = len(self.lines)
        self._add_pointwise([rest], loops, place, False)
        *before, last = self.lines[first:]
        copied = f"{place}[...] = "
        last = last.replace(copied, f"{slice_} = ").replace(f"out={place})", f"out={slice_})")
        self.lines[first:] = [*before, last]

    @staticmethod
    def _is_pointwise(term: Contraction) -> bool:
        entries = [f for f in term.factors if isinstance(f, Entry)]
        entries += [a for f in term.factors if isinstance(f, Map) for a in f.arguments]
        return all(_simple(s) for e in entries for s in e.subscripts)

    def _add_contraction(
        self, term: Contraction, out: tuple[Index, ...], target: str, started: bool
    ) -> None:
        carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
        core = tuple(i for i in out if i in carried)
        direct = core == out and not started
        place = target if direct else (self.scratch(core) if core else "")
        body = self.contracted(term, core, place)
        less = started and term.coefficient == -1
        if term.coefficient != 1 and not less:
            scale = self.size(term.coefficient)
            if core:
                self.lines.append(f"np.multiply({place}, {scale}, out={place})")
            else:
                body = f"{scale}*{body}"
        if direct:
            return
        wide = aligned(Operand(place, core), out) if core else body
        if started:
            name = "np.subtract" if less else "np.add"
            self.lines.append(f"{name}({target}, {wide}, out={target})")
        else:
            self.lines.append(f"np.copyto({target}, {wide})")

    def _add_pointwise(
        self,
        terms: list[Contraction],
        out: tuple[Index, ...],
        target: str,
        started: bool,
        negated: bool = False,
    ) -> None:
        """Add terms to what the target holds, or to its negative."""
        arguments: dict[Entry, sp.Symbol] = {}
        expr = as_expression(terms, arguments)
        leaf = {s: aligned(self.entry(e), out) for e, s in arguments.items()}
        alone = {s for e, s in arguments.items() if not list(indices_in(e))}  # scalars stay scalar
        expr = expr.xreplace({s: sp.Symbol(leaf.pop(s), real=True) for s in alone})
        expr = expr.xreplace(self.size_code)
        if not started:
            writer = ScalarWriter(leaf, lambda: self.scratch(out))
            self.lines += writer.write(expr, target)
            return
        parts = list(sp.Add.make_args(expr))
        if negated and (first := next((p for p in parts if p in leaf), None)) is not None:
            self.lines.append(f"np.subtract({leaf[first]}, {target}, out={target})")
            parts.remove(first)
        elif negated:
            self.lines.append(f"np.negative({target}, out={target})")
        for part in parts:
            sign, name = (
                (1, "np.add") if not part.could_extract_minus_sign() else (-1, "np.subtract")
            )
            body = sign * part
            if body in leaf:
                self.lines.append(f"{name}({target}, {leaf[body]}, out={target})")
                continue
            if not body.free_symbols & leaf.keys():
                self.lines.append(f"{name}({target}, {code(body)}, out={target})")
                continue
            place = self.scratch(out)
            self.lines += ScalarWriter(leaf, lambda: self.scratch(out)).write(body, place)
            self.lines.append(f"{name}({target}, {place}, out={target})")

    # factors -------------------------------------------------------------------------------


def _times(number: sp.Expr, term: Contraction) -> Contraction:
    return Contraction(number * term.coefficient, term.factors, term.over)


def _simple(subscript: Subscript) -> bool:
    """An index, or a fixed position."""
    return isinstance(subscript, Index) or (isinstance(subscript, Affine) and not subscript.terms)


def _overlaps(entry: Entry) -> bool:
    """Whether the entry is read in windows."""
    return any(isinstance(s, Affine) and len(s.terms) > 1 for s in entry.subscripts)


def shared_coefficient(total: Sum) -> sp.Expr:
    """A coefficient of all terms up to sign, applied once at the end."""
    if len(total.terms) < 2:
        return sp.S.One
    first = total.terms[0].coefficient
    if first.could_extract_minus_sign():
        first = -first
    same = all(t.coefficient in (first, -first) for t in total.terms)
    return first if same else sp.S.One
