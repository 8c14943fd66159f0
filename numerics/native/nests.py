"""Loops in C: a nest writes entries, perhaps of a sum over further loops, or folds a maximum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from backproof.numerics.native.access import Access, strides
from backproof.numerics.native.scalar_c import scalar_c
from backproof.theory.notation import Delta, Entry, Index, indices_in, row_major

# A number that is read, a mask, or a coefficient with sizes in it.
Load: TypeAlias = "Entry | Delta | sp.Expr"
NARROW = 4  # a loop of fewer rounds is unrolled inside the one that becomes vectors
SIMD = "#pragma omp simd"
START = {"prod": "1", "max": "-INFINITY", "min": "INFINITY"}
TOTAL = sp.Symbol("acc", real=True)  # the sum over the inner loops, in what is written


@dataclass
class Write:
    """``target = expression`` or, where it ``adds``, ``target += expression``."""

    target: Entry
    expression: sp.Expr
    adds: bool = False


@dataclass
class Nest:
    """Loops over ``loops``, outer to inner; ``summand`` is summed over ``over`` inside them."""

    loops: tuple[Index, ...]
    writes: list[Write]
    loads: dict[sp.Symbol, Load]
    over: tuple[Index, ...] = ()
    summand: sp.Expr | None = None
    independent: bool = True  # no two rounds of the innermost loop write the same entry
    declares: bool = False  # the first write of a scalar variable

    def lines(self, access: Access) -> list[str]:
        """The C code."""
        return Printed(self, access).lines

    @property
    def entries(self) -> Iterator[Entry]:
        """Every entry that is read."""
        yield from (load for load in self.loads.values() if isinstance(load, Entry))


@dataclass
class Fold:
    """``target = max, min, argmax, argmin or prod over one or more loops``."""

    kind: str
    target: Entry
    operand: Entry
    loops: tuple[Index, ...]
    over: tuple[Index, ...]
    declares: bool = False

    @property
    def along(self) -> Index | None:
        """The loop along which operand and target both lie, so that its rounds fill vectors."""
        steps = [strides(e) for e in (self.operand, self.target)] if self.kind in START else []
        both = (i for i in self.loops if steps and all((s or {}).get(i) == 1 for s in steps))
        return next(both, None)

    def lines(self, access: Access) -> list[str]:
        """The C code."""
        writer = Writer(access, (*self.loops, *self.over))
        if self.along is not None:
            return self._accumulated(writer, self.along)
        for index in self.loops:
            writer.open(index)
        value = access.entry(self.operand, writer.letters)
        if self.kind in START:
            writer.put(f"real acc = {START[self.kind]};")
            for index in self.over:
                writer.open(index)
            writer.put(f"acc = {self._step('acc', value)};")
        else:
            first = {**writer.letters, **dict.fromkeys(self.over, "0")}
            writer.put("long acc = 0;")
            writer.put(f"real best = {access.entry(self.operand, first)};")
            for index in self.over:
                writer.open(index)
            at = access.position(row_major(self.over), writer.letters)
            better = ">" if self.kind == "argmax" else "<"
            nan = f"({value} != {value} && best == best)"
            writer.put(f"if ({value} {better} best || {nan}) {{ acc = {at}; best = {value}; }}")
        writer.close(len(self.over))
        place = access.entry(self.target, writer.letters)
        kind = "real " if self.declares else ""
        writer.put(f"{kind}{place} = acc;")
        return writer.closed() if self.loops else _braced(writer.closed(), place, self.declares)

    def _step(self, before: str, value: str) -> str:
        named = {"max": f"larger({before}, {value})", "min": f"smaller({before}, {value})"}
        return named.get(self.kind, f"{before}*{value}")

    def _accumulated(self, writer: Writer, along: Index) -> list[str]:
        """The results in memory, the innermost loop along them."""
        value, place = (writer.access.entry(e, writer.letters) for e in (self.operand, self.target))
        for index in self.loops:
            if index != along:
                writer.open(index)
        depth = len(writer.depth)
        writer.open(along, SIMD)
        writer.put(f"{place} = {START[self.kind]};")
        writer.close(1)
        for index in self.over:
            writer.open(index)
        writer.open(along, SIMD)
        writer.put(f"{place} = {self._step(place, value)};")
        writer.close(len(writer.depth) - depth)
        return writer.closed()


def _braced(lines: list[str], place: str, declares: bool) -> list[str]:
    """A scalar result declared outside, the accumulator inside braces."""
    if declares:
        lines = [*lines[:-1], lines[-1].removeprefix("real ")]
    head = [f"real {place};"] if declares else []
    return [*head, "{", *(f"    {line}" for line in lines), "}"]


class Writer:
    """Lines of C with loops that open and close."""

    def __init__(self, access: Access, indices: Sequence[Index]) -> None:
        self.access = access
        self.body: list[str] = []
        self.depth: list[bool] = []  # whether each open index has a loop
        self.letters: dict[Index, str] = {}
        used: set[str] = set()
        for index in indices:
            letter = index.letter if index.letter.isidentifier() else "i"
            while letter in used or letter in access.names.taken:
                letter += "_"
            self.letters[index] = "0" if index.size == 1 else letter
            used.add(letter)

    @property
    def indent(self) -> str:
        """The indentation of the next line."""
        return "    " * sum(self.depth)

    def put(self, line: str) -> None:
        """Add a line."""
        self.body.append(self.indent + line)

    def open(self, index: Index, pragma: str = "") -> None:
        """Begin a loop; an index with one value needs none."""
        letter = self.letters[index]
        if letter != "0":
            if pragma:
                self.put(pragma)
            extent = self.access.size(index.size)
            self.put(f"for (long {letter} = 0; {letter} < {extent}; {letter}++) {{")
        self.depth.append(letter != "0")

    def close(self, count: int) -> None:
        """End the innermost loops."""
        for _ in range(count):
            if self.depth.pop():
                self.put("}")

    def closed(self) -> list[str]:
        """All lines, every loop ended."""
        self.close(len(self.depth))
        return self.body


class Printed:
    """One nest as lines."""

    def __init__(self, nest: Nest, access: Access) -> None:
        self.nest, self.access = nest, access
        chain = (*nest.loops, *nest.over)
        self.writer = writer = Writer(access, chain)
        self.code: dict[sp.Symbol, str] = {}
        real = [i for i in chain if writer.letters[i] != "0"]
        self.innermost = len(real)
        self.level = {i: real.index(i) + 1 if i in real else 0 for i in chain}
        real_loops = [i for i in nest.loops if i in real]
        plain = not nest.over and nest.independent
        wide = [i for i in real if not (i.size.is_Integer and i.size < NARROW)] or real
        self._hoist(0)
        for index in nest.loops:
            last = bool(real) and index == wide[-1]
            writer.open(index, SIMD if plain and last else "")
            self._hoist(self.level[index])
        if nest.summand is not None:
            self._sum(nest.summand)
        for write in nest.writes:
            self._write(write)
        self.lines = writer.closed()
        if self.lines[0].startswith("const ") or (nest.summand is not None and not real_loops):
            self.lines = self._around(self.lines)

    def _around(self, lines: list[str]) -> list[str]:
        """What is only declared for this nest inside braces."""
        write = self.nest.writes[0]
        place = self.access.entry(write.target, self.writer.letters)
        head = [f"real {place};"] if self.nest.declares else []
        lines = [
            line.removeprefix("real ") if line.startswith(f"real {place} =") else line
            for line in lines
        ]
        return [*head, "{", *(f"    {line}" for line in lines), "}"]

    def _level(self, load: Load) -> int:
        if isinstance(load, sp.Expr):
            return 0
        return max((self.level[i] for i in indices_in(load)), default=0)

    def _hoist(self, level: int) -> None:
        """Read what stays the same inside this loop, so that no store can seem to change it."""
        for symbol, load in self.nest.loads.items():
            if symbol in self.code or self._level(load) != level:
                continue
            code = self._load(load)
            if isinstance(load, Entry) and load.tensor.dtype == "integer":
                code = code if code.startswith("(real)") else f"(real){code}"
            short = isinstance(load, Entry) and not load.subscripts and not self.access.in_memory
            if level < self.innermost and not short:
                name = f"k{len(self.code)}"
                while name in self.access.names.taken or name in self.writer.letters.values():
                    name += "_"
                self.writer.put(f"const real {name} = {code};")
                code = name
            self.code[symbol] = code

    def _load(self, load: Load) -> str:
        if isinstance(load, sp.Expr):
            return self.access.coefficient(load)
        if isinstance(load, Entry):
            return self.access.entry(load, self.writer.letters)
        left, right = (
            self.access.position(s, self.writer.letters) for s in (load.left, load.right)
        )
        return f"(real)({left} == {right})"

    def _printed(self, expression: sp.Expr) -> str:
        named = {s: sp.Symbol(c, real=True) for s, c in self.code.items()}
        return scalar_c(expression.xreplace(named), self.access.single)

    def _sum(self, summand: sp.Expr) -> None:
        """acc = Σ summand, by partial sums where there are several loops."""
        over = [i for i in self.nest.over if self.writer.letters[i] != "0"]
        names = ["acc", *(f"part{n}" if n else "part" for n in range(len(over) - 1))]
        for n, index in enumerate(over):
            self.writer.put(f"real {names[n]} = 0;")
            last = n == len(over) - 1
            self.writer.open(index, f"#pragma omp simd reduction(+:{names[n]})" if last else "")
            self._hoist(self.level[index])
        if not over:
            self.writer.put(f"const real acc = {self._printed(summand)};")
            return
        self.writer.put(f"{names[len(over) - 1]} += {self._printed(summand)};")
        for n in range(len(over) - 1, -1, -1):
            self.writer.close(1)
            if n:
                self.writer.put(f"{names[n - 1]} += {names[n]};")

    def _write(self, write: Write) -> None:
        place = self.access.entry(write.target, self.writer.letters)
        kind = "real " if self.nest.declares and not write.adds else ""
        printed = self._printed(write.expression)
        if write.target.tensor.dtype == "integer":
            kind, printed = kind.replace("real", "long"), f"(long)({printed})"
        if write.adds and printed.startswith("-") and write.expression.is_Mul:
            self.writer.put(f"{place} -= {printed[1:]};")
        else:
            self.writer.put(f"{kind}{place} {'+=' if write.adds else '='} {printed};")
