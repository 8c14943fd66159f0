"""Lowering: each equation becomes a block of NumPy lines that write into named buffers."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from backproof.numerics.contraction_code import Contractor, Operand, aligned, permuted
from backproof.numerics.scalar_code import ScalarWriter, code
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.errors import UnsupportedError
from backproof.theory.maps import as_expression
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    distinct,
    indices_in,
    slot,
)


@dataclass
class Buffer:
    """An array that the kernel writes: its name in the code, its shape, whether it holds labels."""

    name: str
    shape: tuple[sp.Expr, ...]
    integer: bool = False


@dataclass
class Block:
    """The lines that compute one equation."""

    equation: Equation
    lines: list[str] = field(default_factory=list)


class Lowering:
    """Lowers a list of equations; collects blocks and the buffers they write."""

    def __init__(self, names: Iterable[str], sizes: Iterable[sp.Symbol]) -> None:
        self.taken = {"np", "special"}
        self.code_name: dict[str, str] = {n: self._free(n) for n in names}
        self.size_code: dict[sp.Symbol, sp.Symbol] = {
            s: sp.Symbol(self._free(s.name), integer=True, positive=True) for s in sizes
        }
        self.buffers: list[Buffer] = []
        self.blocks: list[Block] = []
        self._scratch = 0

    def _free(self, name: str) -> str:
        while keyword.iskeyword(name) or name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def size(self, expr: sp.Expr) -> str:
        """Code of a size or coefficient."""
        return code(expr.xreplace(self.size_code))

    # equations -----------------------------------------------------------------------------

    def lower(self, equation: Equation) -> Block:
        """The block of one equation."""
        block = Block(equation)
        self.blocks.append(block)
        self._lines = block.lines
        target = self.code_name[equation.tensor.name]
        if equation.indices:
            integer = equation.tensor.dtype == "integer"
            self.buffers.append(Buffer(target, equation.tensor.shape, integer))
        if isinstance(equation.rhs, Reduction):
            self._reduction(equation, equation.rhs, target)
        elif not equation.indices:
            self._scalar_sum(equation.rhs, target)
        else:
            self._array_sum(equation, equation.rhs, target)
        return block

    def _scratch_buffer(self, axes: tuple[Index, ...]) -> str:
        self._scratch += 1
        name = self._free(f"s{self._scratch}")
        self.buffers.append(Buffer(name, tuple(i.size for i in axes)))
        return name

    # reductions ----------------------------------------------------------------------------

    def _reduction(self, equation: Equation, reduction: Reduction, target: str) -> None:
        operand = self._entry(reduction.operand)
        axes = [operand.axes.index(i) for i in reduction.over]
        axis = axes[0] if len(axes) == 1 else tuple(axes)
        kept = tuple(i for i in operand.axes if i not in reduction.over)
        view = permuted(Operand(target, equation.indices), kept)
        out = f", out={view}" if kept else ""
        assign = "" if kept else f"{target} = "
        if reduction.kind != "logsumexp":
            self._lines.append(f"{assign}np.{reduction.kind}({operand.code}, axis={axis}{out})")
            return
        shifted = self._scratch_buffer(operand.axes)
        top = self._scratch_buffer(kept) if kept else f"{target}_max"
        top_out = f", out={top}" if kept else ""
        self._lines.append(
            f"{'' if kept else top + ' = '}np.max({operand.code}, axis={axis}{top_out})"
        )
        wide = aligned(Operand(top, kept), operand.axes)
        self._lines.append(f"np.subtract({operand.code}, {wide}, out={shifted})")
        self._lines.append(f"np.exp({shifted}, out={shifted})")
        self._lines.append(f"{assign}np.sum({shifted}, axis={axis}{out})")
        if kept:
            self._lines.append(f"np.log({target}, out={target})")
            self._lines.append(f"np.add({view}, {top}, out={view})")
        else:
            self._lines.append(f"{target} = {top} + np.log({target})")

    # sums ----------------------------------------------------------------------------------

    def _scalar_sum(self, total: Sum, target: str) -> None:
        parts = []
        for term in total.terms:
            body = self._contracted(term, (), "")
            scale = self.size(term.coefficient)
            parts.append(body if term.coefficient == 1 else f"{scale}*{body}" if body else scale)
        self._lines.append(f"{target} = {' + '.join(parts) if parts else '0.0'}")

    def _array_sum(self, equation: Equation, total: Sum, target: str) -> None:
        out = equation.indices
        shared = _shared_coefficient(total)
        terms = [Contraction(t.coefficient / shared, t.factors, t.over) for t in total.terms]
        placed = [t for t in terms if any(isinstance(f, Delta) for f in t.factors)]
        pointwise = [t for t in terms if t not in placed and not t.over and self._is_pointwise(t)]
        sums = [t for t in terms if t not in placed and t not in pointwise]
        started = False
        for term in sums:
            self._add_contraction(term, out, target, started)
            started = True
        if pointwise:
            self._add_pointwise(pointwise, out, target, started)
            started = True
        if not started:
            self._lines.append(f"{target}.fill(0)")
        for term in placed:
            self._place(term, out, target)
        if shared != 1:
            self._lines.append(f"np.multiply({target}, {self.size(shared)}, out={target})")

    @staticmethod
    def _is_pointwise(term: Contraction) -> bool:
        entries = [f for f in term.factors if isinstance(f, Entry)]
        entries += [a for f in term.factors if isinstance(f, Map) for a in f.arguments]
        return all(isinstance(s, Index) for e in entries for s in e.subscripts)

    def _add_contraction(
        self, term: Contraction, out: tuple[Index, ...], target: str, started: bool
    ) -> None:
        carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
        core = tuple(i for i in out if i in carried)
        direct = core == out and not started
        place = target if direct else (self._scratch_buffer(core) if core else "")
        body = self._contracted(term, core, place)
        if term.coefficient != 1:
            scale = self.size(term.coefficient)
            if core:
                self._lines.append(f"np.multiply({place}, {scale}, out={place})")
            else:
                body = f"{scale}*{body}"
        if direct:
            return
        wide = aligned(Operand(place, core), out) if core else body
        if started:
            self._lines.append(f"np.add({target}, {wide}, out={target})")
        else:
            self._lines.append(f"np.copyto({target}, {wide})")

    def _add_pointwise(
        self, terms: list[Contraction], out: tuple[Index, ...], target: str, started: bool
    ) -> None:
        arguments: dict[Entry, sp.Symbol] = {}
        expr = as_expression(terms, arguments)
        leaf = {s: aligned(self._entry(e), out) for e, s in arguments.items()}
        expr = expr.xreplace(self.size_code)
        if not started:
            writer = ScalarWriter(leaf, lambda: self._scratch_buffer(out))
            self._lines += writer.write(expr, target)
            return
        for part in sp.Add.make_args(expr):
            sign, name = (
                (1, "np.add") if not part.could_extract_minus_sign() else (-1, "np.subtract")
            )
            body = sign * part
            if body in leaf:
                self._lines.append(f"{name}({target}, {leaf[body]}, out={target})")
                continue
            if not body.free_symbols & leaf.keys():
                self._lines.append(f"{name}({target}, {code(body)}, out={target})")
                continue
            place = self._scratch_buffer(out)
            self._lines += ScalarWriter(leaf, lambda: self._scratch_buffer(out)).write(body, place)
            self._lines.append(f"{name}({target}, {place}, out={target})")

    # factors -------------------------------------------------------------------------------

    def _contracted(self, term: Contraction, out: tuple[Index, ...], target: str) -> str:
        """The product of the term's factors summed to ``out``, without its coefficient."""
        operands, scalars = [], []
        for factor in term.factors:
            if isinstance(factor, Ones):
                continue
            operand = self._operand(factor)
            (operands if operand.axes else scalars).append(operand)
        prefix = "*".join(o.code for o in scalars)
        if not operands:
            if out:
                self._lines.append(f"{target}.fill({prefix or 1})")
                return target
            return prefix or ""
        result = Contractor(self._scratch_buffer, self._lines).contract(operands, out, target)
        if not prefix:
            return result
        if not out:
            return f"{prefix}*{result}"
        self._lines.append(f"np.multiply({result}, {prefix}, out={result})")
        return result

    def _operand(self, factor: Factor) -> Operand:
        if isinstance(factor, Entry):
            return self._entry(factor)
        if isinstance(factor, Map):
            return self._map(factor)
        assert isinstance(factor, Delta)
        return self._mask(factor)

    def _map(self, factor: Map) -> Operand:
        """A map computed into a buffer of its own, or as an expression when it is a scalar."""
        axes = distinct(indices_in(factor))
        leaf = {slot(n): aligned(self._entry(a), axes) for n, a in enumerate(factor.arguments)}
        if not axes:
            named = {s: sp.Symbol(c, real=True) for s, c in leaf.items()}
            return Operand(f"({code(factor.expression.xreplace({**named, **self.size_code}))})", ())
        target = self._scratch_buffer(axes)
        writer = ScalarWriter(leaf, lambda: self._scratch_buffer(axes))
        self._lines += writer.write(factor.expression.xreplace(self.size_code), target)
        return Operand(target, axes)

    def _mask(self, delta: Delta) -> Operand:
        """A delta between two labels, as zeros and ones."""
        axes = distinct(indices_in(delta))
        target = self._scratch_buffer(axes)
        left, right = (self._position(s, axes) for s in (delta.left, delta.right))
        self._lines.append(f"np.equal({left}, {right}, out={target}, casting='unsafe')")
        return Operand(target, axes)

    def _position(self, subscript: Subscript, axes: tuple[Index, ...]) -> str:
        """A subscript as an integer array that broadcasts against the axes."""
        if isinstance(subscript, Index):
            return aligned(Operand(f"np.arange({self.size(subscript.size)})", (subscript,)), axes)
        if isinstance(subscript, Entry):
            return aligned(self._entry(subscript), axes)
        if subscript.terms:
            raise UnsupportedError(
                "kernel", "an affine subscript", "an index or a label", "rewrite it"
            )
        return self.size(subscript.offset)

    def _entry(self, entry: Entry) -> Operand:
        """The entry as a view of its tensor with one axis an index."""
        name = self.code_name[entry.tensor.name]
        subs = entry.subscripts
        plain = [s for s in subs if isinstance(s, Index)]
        if len(plain) == len(subs) == len(set(plain)):
            return Operand(name, tuple(plain))
        if len(plain) == len(subs):
            axes = distinct(plain)
            letters = {i: chr(ord("a") + n) for n, i in enumerate(axes)}
            spec = "".join(letters[i] for i in plain) + "->" + "".join(letters.values())
            return Operand(f"np.einsum('{spec}', {name})", axes)
        labels = [s for s in subs if isinstance(s, Entry)]
        if not labels and len(plain) == len(set(plain)):
            parts = [":" if isinstance(s, Index) else self._position(s, ()) for s in subs]
            return Operand(f"{name}[{', '.join(parts)}]", tuple(plain))
        axes = distinct(i for s in subs for i in indices_in(s))
        if (
            len(labels) == 1
            and not set(indices_in(labels[0])) & set(plain)
            and len(plain) == len(subs) - 1
        ):
            place = subs.index(labels[0])
            label = self._entry(labels[0])
            order = (*plain[:place], *label.axes, *plain[place:])
            return Operand(f"np.take({name}, {label.code}, axis={place})", order)
        positions = [self._position(s, axes) for s in subs]
        return Operand(f"{name}[{', '.join(positions)}]", axes)

    # deltas --------------------------------------------------------------------------------

    def _place(self, term: Contraction, out: tuple[Index, ...], target: str) -> None:
        """Add a term with deltas: its core goes to the diagonal or labelled places of the target."""
        deltas = [f for f in term.factors if isinstance(f, Delta)]
        rest = Contraction(
            term.coefficient, tuple(f for f in term.factors if not isinstance(f, Delta)), term.over
        )
        where: dict[Index, Subscript] = {}
        left_over: list[Factor] = []
        for delta in deltas:
            solved = _solved(delta, out, where)
            if solved is None:
                left_over.append(delta)
            else:
                where[solved[0]] = solved[1]
        inner = [i for s in where.values() for i in indices_in(s)]
        loops = distinct(
            [*(i for i in out if i not in where), *(i for i in inner if i not in where)]
        )
        core_term = Contraction(sp.S.One, (*rest.factors, *left_over)).renamed(where)
        core_term = Contraction(sp.S.One, core_term.factors, term.over)
        carried = {i for f in core_term.factors if not isinstance(f, Ones) for i in indices_in(f)}
        core = tuple(i for i in loops if i in carried)
        buffer = self._scratch_buffer(core) if core else ""
        body = self._contracted(core_term, core, buffer)
        scale = self.size(term.coefficient)
        value = aligned(Operand(body, core), loops) if core else body
        amount = (
            value if term.coefficient == 1 and value else f"{scale}*{value}" if value else scale
        )
        repeated = any(i in term.over for i in inner)
        if not repeated and all(isinstance(s, Index) for s in where.values()):
            letters = {i: chr(ord("a") + n) for n, i in enumerate(loops)}
            spec = "".join(letters[where.get(i, i)] for i in out)  # type: ignore[index]
            self._lines.append(
                f"np.einsum('{spec}->{''.join(letters.values())}', {target})[...] += {amount}"
            )
            return
        places = ", ".join(self._position(where.get(i, i), loops) for i in out)
        if repeated:
            self._lines.append(f"np.add.at({target}, ({places},), {amount})")
        else:
            self._lines.append(f"{target}[{places}] += {amount}")


def _solved(
    delta: Delta, out: tuple[Index, ...], where: Mapping[Index, Subscript]
) -> tuple[Index, Subscript] | None:
    """An output index that the delta fixes, and to what."""
    sides = (delta.right, delta.left), (delta.left, delta.right)
    for index, target in sides:
        if not isinstance(index, Index) or index not in out or index in where:
            continue
        if isinstance(target, Index) and target in where:
            continue
        if any(index in indices_in(s) for s in where.values()):
            continue
        return index, target
    return None


def _shared_coefficient(total: Sum) -> sp.Expr:
    """A coefficient of all terms up to sign, applied once at the end."""
    if len(total.terms) < 2:
        return sp.S.One
    first = total.terms[0].coefficient
    if first.could_extract_minus_sign():
        first = -first
    same = all(t.coefficient in (first, -first) for t in total.terms)
    return first if same else sp.S.One


__all__ = ["Affine", "Block", "Buffer", "Lowering", "Tensor"]
