"""Factors as operands: which view, gather or buffer holds an entry, a map or a mask."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from backproof.numerics.contraction_code import Contractor, Operand, aligned
from backproof.numerics.contraction_order import Orders
from backproof.numerics.scalar_code import ScalarWriter, code
from backproof.theory.equations import Contraction
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
    extent,
    indices_in,
    slot,
)


@dataclass
class Buffer:
    """An array that the kernel writes: its name in the code, its shape, whether it holds labels."""

    name: str
    shape: tuple[sp.Expr, ...]
    integer: bool = False


class Operands:
    """Names in the generated code, the buffers it writes, and the operands it reads."""

    reserved: ClassVar[frozenset[str]] = frozenset(
        {"np", "special", "linalg", "window", "tails", "vectors", "kernel", "len"}
    )

    def __init__(self, names: Iterable[str], sizes: Iterable[sp.Symbol]) -> None:
        self.taken = set(self.reserved)
        self.code_name: dict[str, str] = {n: self.free(n) for n in names}
        self.size_code: dict[sp.Symbol, sp.Symbol] = {
            s: sp.Symbol(self.free(s.name), integer=True, positive=True) for s in sizes
        }
        self.buffers: list[Buffer] = []
        self.lines: list[str] = []
        self.orders = Orders()
        self._count = 0

    def free(self, name: str) -> str:
        """A name for the code that nothing else has."""
        while keyword.iskeyword(name) or name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def size(self, expr: sp.Expr) -> str:
        """Code of a size or coefficient."""
        printed = code(expr.xreplace(self.size_code))
        return f"({printed})" if expr.is_Add else printed

    def scratch(self, axes: tuple[Index, ...]) -> str:
        """The name of a new buffer with these axes."""
        self._count += 1
        name = self.free(f"s{self._count}")
        self.buffers.append(Buffer(name, tuple(i.size for i in axes)))
        return name

    def contracted(self, term: Contraction, out: tuple[Index, ...], target: str) -> str:
        """The product of the term's factors summed to ``out``, without its coefficient."""
        operands: list[Operand] = []
        scalars: list[Operand] = []
        for factor in term.factors:
            if isinstance(factor, Ones):
                continue
            operand = self.operand(factor)
            (operands if operand.axes else scalars).append(operand)
        prefix = "*".join(o.code for o in scalars)
        if not operands:
            if out:
                self.lines.append(f"{target}.fill({prefix or 1})")
                return target
            return prefix or ""
        result = Contractor(self.scratch, self.lines, self.orders).contract(operands, out, target)
        if not prefix:
            return result
        if not out:
            return f"{prefix}*{result}"
        self.lines.append(f"np.multiply({result}, {prefix}, out={result})")
        return result

    def operand(self, factor: Factor) -> Operand:
        """The operand of any factor but ones."""
        if isinstance(factor, Entry):
            return self.entry(factor)
        if isinstance(factor, Map):
            return self._map(factor)
        assert isinstance(factor, Delta)
        return self._mask(factor)

    def _map(self, factor: Map) -> Operand:
        """A map computed into a buffer of its own, or as an expression when it is a scalar."""
        axes = distinct(indices_in(factor))
        leaf = {slot(n): aligned(self.entry(a), axes) for n, a in enumerate(factor.arguments)}
        if not axes:
            named = {s: sp.Symbol(c, real=True) for s, c in leaf.items()}
            return Operand(f"({code(factor.expression.xreplace({**named, **self.size_code}))})", ())
        target = self.scratch(axes)
        writer = ScalarWriter(leaf, lambda: self.scratch(axes))
        self.lines += writer.write(factor.expression.xreplace(self.size_code), target)
        return Operand(target, axes)

    def _mask(self, delta: Delta) -> Operand:
        """A delta between two labels, as zeros and ones."""
        axes = distinct(indices_in(delta))
        target = self.scratch(axes)
        left, right = (self.position(s, axes) for s in (delta.left, delta.right))
        self.lines.append(f"np.equal({left}, {right}, out={target}, casting='unsafe')")
        return Operand(target, axes)

    def position(self, subscript: Subscript, axes: tuple[Index, ...]) -> str:
        """A subscript as an integer array that broadcasts against the axes."""
        if isinstance(subscript, Index):
            return aligned(Operand(f"np.arange({self.size(subscript.size)})", (subscript,)), axes)
        if isinstance(subscript, Entry):
            return aligned(self.entry(subscript), axes)
        parts = [
            f"{self.size(c)}*{self.position(i, axes)}" if c != 1 else self.position(i, axes)
            for i, c in subscript.terms
        ]
        if subscript.offset != 0 or not parts:
            parts.append(self.size(subscript.offset))
        return " + ".join(parts)

    def _windows(self, name: str, subscripts: tuple[Subscript, ...]) -> Operand:
        """Fixed positions, slices and windows as a view: one index to an axis of the result."""
        fixed = [
            self.size(s.offset) if isinstance(s, Affine) and not s.terms else ":"
            for s in subscripts
        ]
        view = f"{name}[{', '.join(fixed)}]" if any(f != ":" for f in fixed) else name
        axes: list[Index] = []
        for subscript in subscripts:
            if isinstance(subscript, Index):
                axes.append(subscript)
            elif isinstance(subscript, Affine) and subscript.terms:
                extents = [f"({self.size(extent(i))}, {self.size(c)})" for i, c in subscript.terms]
                start = self.size(subscript.offset)
                view = f"window({view}, {len(axes)}, {start}, {', '.join(extents)})"
                axes += [i for i, _ in subscript.terms if isinstance(i, Index)]
        return Operand(view, tuple(axes))

    def entry(self, entry: Entry) -> Operand:
        """The entry as a view of its tensor with one axis an index."""
        if entry.tensor.name == POSITION:
            axes = distinct(indices_in(entry))
            return Operand(f"({self.position(entry.subscripts[0], axes)}).astype(float)", axes)
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
        every = [i for s in subs for i in indices_in(s)]
        labels += [
            p for s in subs if isinstance(s, Affine) for p, _ in s.terms if isinstance(p, Entry)
        ]
        if not labels and len(every) == len(set(every)):
            return self._windows(name, subs)
        axes = distinct(i for s in subs for i in indices_in(s))
        if (
            len(labels) == 1
            and labels[0] in subs
            and not set(indices_in(labels[0])) & set(plain)
            and len(plain) == len(subs) - 1
        ):
            place = subs.index(labels[0])
            label = self.entry(labels[0])
            order = (*plain[:place], *label.axes, *plain[place:])
            return Operand(f"np.take({name}, {label.code}, axis={place})", order)
        positions = [self.position(s, axes) for s in subs]
        return Operand(f"{name}[{', '.join(positions)}]", axes)
