"""How C reads and writes an entry: names, sizes, subscripts and strides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.native.scalar_c import TAKEN, scalar_c
from backproof.theory.notation import (
    POSITION,
    Affine,
    Entry,
    Index,
    Subscript,
    Tensor,
)

KEYWORDS = frozenset((
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
    "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
    "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "union", "unsigned", "void", "volatile", "while", "asm", "typeof", "real", "bits", "at",
    "size", "space", "bad", "acc", "best", "part", "kernel", "linux", "unix", "main", "abs", "exp",
    "log", "sqrt", "NAN", "INFINITY", "BIAS", "SHIFT", "R", "LIBM", "SINGLE", "BYTES", "SIMD",
    "LOWEST", "HIGHEST", "MANTISSA", "gemm", "inside", "reduced", "split", "number", "nearest",
    "within", "two_to", "bits_of", "real_of", "j0", "j1", "jn", "y0", "y1", "yn", "signgam",
    "gamma", "contraction", "axis", "product", "products", "link",
))  # fmt: skip

Letters = Mapping[Index, str]


class Names:
    """C identifiers, none given twice."""

    def __init__(self) -> None:
        self.taken: set[str] = {*KEYWORDS, *TAKEN}

    def free(self, wish: str) -> str:
        """A new identifier like the wish."""
        name = re.sub(r"\W", "_", wish)
        if not name or name[0].isdigit():
            name = f"_{name}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


@dataclass
class Access:
    """Where each tensor lies: its C name, and whether its labels have been checked."""

    names: Names
    size_name: Mapping[sp.Symbol, str]
    code_name: dict[str, str]
    axes: Mapping[str, int]  # how many each tensor is declared with
    checked: frozenset[str]
    in_memory: bool
    single: bool

    @classmethod
    def of(
        cls,
        sizes: Iterable[sp.Symbol],
        arguments: Iterable[Tensor],
        tensors: Iterable[Tensor],
        in_memory: bool,
        single: bool,
    ) -> Access:
        """Names for everything; scalars are variables unless they must be ``in_memory``."""
        names = Names()
        given, everything = tuple(arguments), tuple(tensors)
        code_name = {t.name: names.free(t.name) for t in (*given, *everything)}
        size_name = {s: names.free(s.name) for s in sizes}
        checked = frozenset(t.name for t in given if t.below is not None)
        axes = {t.name: len(t.shape) for t in (*given, *everything)}
        return cls(names, size_name, code_name, axes, checked, in_memory, single)

    # sizes ---------------------------------------------------------------------------------

    def size(self, expression: sp.Expr) -> str:
        """A size as a whole number; a quotient is one that comes out even."""
        above, below = sp.fraction(sp.together(expression))
        if below != 1:
            return f"{self._whole(above)}/{self._whole(below)}"
        return self._whole(above)

    def _whole(self, expression: sp.Expr) -> str:
        expression = sp.expand(expression)
        if expression.is_Integer:
            return str(int(expression)) if expression >= 0 else f"({int(expression)})"
        if expression.is_Symbol:
            return self.size_name[expression]
        if isinstance(expression, sp.Add):
            return f"({' + '.join(map(self.size, expression.args))})".replace("+ -", "- ")
        if isinstance(expression, sp.Mul):
            return "*".join(map(self.size, expression.args))
        if isinstance(expression, sp.Pow) and expression.exp.is_Integer:
            return "*".join([self.size(expression.base)] * int(expression.exp))
        if isinstance(expression, sp.Pow) and expression.base == 2:
            return f"(1L << {self.size(expression.exp)})"
        if isinstance(expression, sp.floor):
            return f"({self.size(expression.args[0])})"
        raise NotImplementedError(f"the size {expression}")

    def coefficient(self, expression: sp.Expr) -> str:
        """A number in which sizes occur, in double precision."""
        named = {s: sp.Symbol(f"(double){name}") for s, name in self.size_name.items()}
        printed = scalar_c(expression.xreplace(named))
        return f"(real)({printed})" if self.single else printed

    # entries -------------------------------------------------------------------------------

    def entry(self, entry: Entry, letters: Letters) -> str:
        """An entry as C reads or writes it."""
        if entry.tensor.name == POSITION:
            return f"(real){self._tight(self.position(entry.subscripts[0], letters))}"
        name = self.code_name[entry.tensor.name]
        if not entry.subscripts:
            return f"{name}[0]" if self.in_memory else name
        if len(entry.subscripts) != self.axes[entry.tensor.name]:  # some of its axes run as one
            name = f"(({self.pointer(entry.tensor, '')}){name})"
        return name + "".join(f"[{p}]" for p in self.places(entry, letters))

    def pointer(self, tensor: Tensor, name: str) -> str:
        """How a pointer to the rows of a tensor is declared."""
        kind = "long" if tensor.dtype == "integer" else "real"
        inner = "".join(f"[{self.size(s)}]" for s in tensor.shape[1:])
        return f"{kind} (*{name}){inner}" if inner else f"{kind} *{name}"

    def entry_of(self, tensor: Tensor) -> str:
        """A scalar."""
        return self.entry(Entry(tensor), {})

    @staticmethod
    def _tight(code: str) -> str:
        return code if re.fullmatch(r"\w+", code) else f"({code})"

    def places(self, entry: Entry, letters: Letters) -> list[str]:
        """The code of each subscript; labels that the kernel computed are checked."""
        return [
            self.place(s, size, letters)
            for s, size in zip(entry.subscripts, entry.tensor.shape, strict=True)
        ]

    def place(self, subscript: Subscript, size: sp.Expr, letters: Letters) -> str:
        """A subscript on an axis of some size."""
        code = self.position(subscript, letters)
        if self._sure(subscript, size):
            return code
        return f"inside({code}, {self.size(size)}, &bad)"

    def _sure(self, subscript: Subscript, size: sp.Expr) -> bool:
        if isinstance(subscript, Entry):
            return subscript.tensor.name in self.checked and subscript.tensor.below == size
        if isinstance(subscript, Affine):
            return all(isinstance(part, Index) for part, _ in subscript.terms)
        return True

    def position(self, subscript: Subscript, letters: Letters) -> str:
        """A subscript as a whole number."""
        if isinstance(subscript, Index):
            return letters[subscript]
        if isinstance(subscript, Entry):
            return self.entry(subscript, letters)
        parts = [
            self.position(part, letters)
            if c == 1
            else f"{self.size(c)}*{self.position(part, letters)}"
            for part, c in subscript.terms
        ]
        if subscript.offset != 0 or not parts:
            offset = self.size(subscript.offset)
            if parts and subscript.offset.is_Integer and subscript.offset < 0:
                return f"{' + '.join(parts)} - {-int(subscript.offset)}"
            parts.append(offset)
        return " + ".join(parts)


def strides(entry: Entry) -> dict[Index, sp.Expr] | None:
    """How far one step of each index goes in memory; `None` where a label tells the place."""
    found: dict[Index, sp.Expr] = {}
    step: sp.Expr = sp.S.One
    for subscript, size in zip(
        reversed(entry.subscripts), reversed(entry.tensor.shape), strict=True
    ):
        if isinstance(subscript, Index):
            found[subscript] = found.get(subscript, sp.S.Zero) + step
        elif isinstance(subscript, Affine):
            for part, coefficient in subscript.terms:
                if not isinstance(part, Index):
                    return None
                found[part] = found.get(part, sp.S.Zero) + coefficient * step
        else:
            return None
        step = sp.expand(step * size)
    return found
