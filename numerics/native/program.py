"""The C program of a kernel: one function for each run of equations between NumPy's own calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.lowering import Block as ShownBlock
from backproof.numerics.native.access import Access
from backproof.numerics.native.joining import joined
from backproof.numerics.native.lowering import Block, Lowering
from backproof.numerics.native.nests import Nest
from backproof.numerics.native.preparation import HostCall, Preparation
from backproof.numerics.native.products import Product
from backproof.numerics.native.storage import Storage
from backproof.theory.equations import Equation
from backproof.theory.notation import Tensor
from backproof.theory.printing.text import text
from backproof.theory.steps import Step

HEADER = '#include "kernel.h"\n'


@dataclass(frozen=True)
class Program:
    """What is compiled, and how it is called.

    Function number k is ``int stage<k>(const long *size, void *const *at, char *space)``; ``at``
    points to the arguments, the results that are arrays, and the results that are numbers.
    ``calls`` are what NumPy computes, one between each function and the next.
    """

    source: str
    blocks: tuple[ShownBlock, ...]
    calls: tuple[HostCall, ...]
    storage: Storage
    arrays: tuple[Tensor, ...]
    numbers: tuple[Tensor, ...]
    steps: tuple[Step, ...]


def program(
    equations: Sequence[Equation],
    arguments: Mapping[str, Tensor],
    sizes: Sequence[sp.Symbol],
    results: Sequence[Tensor],
    single: bool,
) -> Program:
    """The program of some equations."""
    names = {*arguments, *(e.tensor.name for e in equations)}
    stages = Preparation(names).prepare(equations)
    calls = tuple(s for s in stages if isinstance(s, HostCall))
    unique = {t.name: t for t in results}
    arrays = tuple(t for t in unique.values() if t.shape)
    numbers = tuple(t for t in unique.values() if not t.shape)
    in_memory = bool(calls)
    access = Access.of(sizes, arguments.values(), [s.tensor for s in stages], in_memory, single)
    storage = Storage.plan(stages, results, in_memory)
    lowering = Lowering(access)
    writer = Source(access, storage, sizes, tuple(arguments.values()), arrays, numbers)
    shown: list[ShownBlock] = []
    runs: list[list[Block]] = [[]]
    for stage in stages:
        if isinstance(stage, HostCall):
            runs.append([])
        else:
            runs[-1].append(with_few_loops(lowering.lower(stage)))
    steps = [s for run in runs for b in run for s in (*sums_in(b), *products_in(b))]
    parts = []
    for n, run in enumerate(runs):
        parts.append(writer.function(n, run, last=n == len(runs) - 1))
        shown += [ShownBlock(b.equation, writer.block(b)) for b in run]
        if n < len(calls):
            call = calls[n]
            operands = ", ".join(f"a{k} = {t.name}" for k, t in enumerate(call.operands))
            line = f"{call.tensor.name} = {call.call} with {operands}"
            parts.append(f"/* By NumPy: {text(call.equation)}\n   {line} */\n")
            shown.append(ShownBlock(call.equation, [f"/* By NumPy: {line} */"]))
    source = (("#define SINGLE\n" if single else "") + HEADER + "\n") + "\n".join(parts)
    return Program(source, tuple(shown), calls, storage, arrays, numbers, tuple(steps))


def with_few_loops(block: Block) -> Block:
    """The block, loops run as one where they can."""
    pieces = [joined(p) if isinstance(p, Nest) else p for p in block.pieces]
    return Block(block.equation, pieces, block.short)


def products_in(block: Block) -> list[Step]:
    """A step for each sum of products that is a product of matrices."""
    found = [piece for piece in block.pieces if isinstance(piece, Product)]
    equation = block.equation
    return [Step(p.rule, equation, equation.rhs, p.because, equation.tensor) for p in found]


def sums_in(block: Block) -> list[Step]:
    """A step for each sum that is written out."""
    equation = block.equation
    letters = (", ".join(i.letter for i in term.over) for term in block.short)
    because = "has few values: the loop along the result adds the products"
    return [
        Step("sum written out", equation, equation.rhs, f"{k} {because}", equation.tensor)
        for k in letters
    ]


@dataclass
class Source:
    """Writes functions: the declarations, then one block an equation."""

    access: Access
    storage: Storage
    sizes: Sequence[sp.Symbol]
    arguments: tuple[Tensor, ...]
    arrays: tuple[Tensor, ...]
    numbers: tuple[Tensor, ...]

    def function(self, number: int, run: Sequence[Block], last: bool) -> str:
        """One function."""
        lines = [f"int stage{number}(const long *size, void *const *at, char *space)", "{"]
        body = ["int bad = 0;", *self._declarations(run)]
        for block in run:
            body.append(f"/* {text(block.equation)} */".replace("*/ */", "*/"))
            body += self.block(block)
        if last:
            body += self._numbers()
        body.append("return bad;")
        return "\n".join([*lines, *(f"    {line}" for line in body), "}"]) + "\n"

    def block(self, block: Block) -> list[str]:
        """The lines of one equation."""
        return [line for piece in block.pieces for line in piece.lines(self.access)]

    def _numbers(self) -> list[str]:
        place = len(self.arguments) + len(self.arrays)
        return [
            f"((real *)at[{place}])[{n}] = {self.access.entry_of(t)};"
            for n, t in enumerate(self.numbers)
        ]

    def _declarations(self, run: Sequence[Block]) -> list[str]:
        lines = [
            f"const long {self.access.size_name[s]} = size[{n}];" for n, s in enumerate(self.sizes)
        ]
        for n, tensor in enumerate(self.arguments):
            name = self.access.code_name[tensor.name]
            if tensor.shape or self.access.in_memory:
                lines.append(f"const {self.access.pointer(tensor, name)} = at[{n}];")
            else:
                kind = "long" if tensor.dtype == "integer" else "real"
                lines.append(f"const {kind} {name} = *(const {kind} *)at[{n}];")
        for n, tensor in enumerate(self.arrays, start=len(self.arguments)):
            name = self.access.code_name[tensor.name]
            lines.append(f"{self.access.pointer(tensor, name)} = at[{n}];")
        for slot in self.storage.slots:
            for tensor in slot.tensors:
                pointer = self.access.pointer(tensor, self.access.code_name[tensor.name])
                lines.append(f"{pointer} = (void *)space;")
            lines.append(f"space += PADDED({self.access.size(slot.count)});")
        return lines
