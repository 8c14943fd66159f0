"""A program: the lines of a kernel as they run, and the memory in which they run.

It is a function of the sizes and buffers that computes the preamble and returns the kernel proper,
a function of the arguments and of the arrays for the results.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.arguments import Arguments
from backproof.numerics.lowering import Lowering
from backproof.numerics.operand_code import Buffer
from backproof.numerics.planning.argument_copies import with_copies
from backproof.numerics.planning.arrays import Array, root
from backproof.numerics.planning.calls import Cheaper, Context
from backproof.numerics.planning.lifetimes import Lifetime, lifetimes
from backproof.numerics.planning.lines import cheaper_lines
from backproof.numerics.planning.matrix_lines import Turned
from backproof.numerics.planning.matrix_orders import Extents, MatrixOrders, matrix_orders
from backproof.numerics.planning.memory import ALIGNMENT, places
from backproof.numerics.planning.moving import Mover
from backproof.numerics.planning.orders import merged, orders, outer_orders
from backproof.numerics.planning.preamble import Preamble
from backproof.numerics.planning.stacks import Stacks, Way
from backproof.numerics.planning.targets import Result
from backproof.theory.equations import Reduction
from backproof.theory.notation import Tensor
from backproof.theory.printing.text import text

Call = Callable[..., tuple[Any, ...]]
Decision = tuple[Turned, frozenset[str], tuple[Way, ...]]


@dataclass(frozen=True)
class Choice:
    """What is chosen by sizes: which matrices lie by columns, and how products over axes run."""

    matrices: MatrixOrders
    products: Stacks

    def decided(self, extents: Extents) -> Decision:
        """The choice for some sizes; programs of the same choice are the same."""
        return self.matrices.at(extents), self.matrices.small(extents), self.products.at(extents)


@dataclass(frozen=True)
class Program:
    """What runs: its source, the buffers it keeps, their lives, and the arrays it fills.

    ``choice`` is what decided how matrices lie and products run, and would for other sizes.
    """

    source: str
    kept: tuple[Buffer, ...]
    lives: Mapping[str, Lifetime]
    filled: tuple[Buffer, ...]
    orders: Mapping[str, tuple[int, ...]]
    dtype: np.dtype[Any]
    function: Callable[..., Call]
    choice: Choice = field(repr=False)

    def prepared(self, sizes: Mapping[sp.Symbol, int]) -> Call:
        """The kernel for some sizes, with memory of its own."""
        shapes = {b.name: shape(b, sizes) for b in self.kept}
        kinds = {b.name: self.kind(b) for b in self.kept}
        lengths = {n: kinds[n].itemsize * int(np.prod(s, dtype=int)) for n, s in shapes.items()}
        lives = {n: life for n, life in self.lives.items() if n in shapes}
        offsets, total = places(lives, lengths)
        block = np.empty(total + ALIGNMENT, np.uint8)
        start = -block.ctypes.data % ALIGNMENT
        buffers = []
        for b in self.kept:
            order = self.orders.get(b.name, range(len(b.shape)))
            lying = [shapes[b.name][n] for n in order]
            array = np.ndarray(lying, kinds[b.name], block, start + offsets[b.name])
            buffers.append(array.transpose(np.argsort(order)) if b.name in self.orders else array)
        return self.function(self.dtype, *sizes.values(), *buffers)

    def kind(self, buffer: Buffer) -> np.dtype[Any]:
        """The dtype of a buffer."""
        return np.dtype(np.intp) if buffer.integer else self.dtype

    def results(self, sizes: Mapping[sp.Symbol, int]) -> list[Result]:
        """The arrays that a call fills."""
        return [Result(shape(b, sizes), self.kind(b), self.orders.get(b.name)) for b in self.filled]


def shape(buffer: Buffer, sizes: Mapping[sp.Symbol, int]) -> tuple[int, ...]:
    """The shape of a buffer in numbers."""
    known = {symbol: sp.Integer(n) for symbol, n in sizes.items()}
    return tuple(int(s if s.is_Integer else s.xreplace(known)) for s in buffer.shape)


def program(
    lowering: Lowering,
    arguments: Arguments,
    results: Mapping[str, Tensor],
    space: Mapping[str, Any],
) -> Program:
    """The program of lowered equations; ``space`` are the names that their lines use."""
    extents = lowering.orders.extents
    own = {lowering.code_name[t.name] for t in results.values() if t.shape}
    arrays = {a.name: a for a in _arrays(lowering, arguments, own)}
    inside = [b for b in lowering.buffers if b.name not in own]
    trees = [ast.parse("\n".join(block.lines)) for block in lowering.blocks]
    found = {n: o for n, o in orders(inside, trees, arrays).items() if n not in merged(trees)}
    found |= outer_orders([b for b in lowering.buffers if b.name in own], trees)
    arrays |= {n: replace(arrays[n], order=o) for n, o in found.items()}
    choice = _choice(lowering, arguments, inside, trees, arrays)
    by_columns = (n for n in choice.at(extents) if arrays[n].kept)
    arrays |= {n: replace(arrays[n], order=(1, 0)) for n in by_columns}
    sizes = [lowering.size_code[s].name for s in arguments.sizes]
    names_of_sizes = dict(zip(arguments.sizes, sizes, strict=True))
    stacks = Stacks(names_of_sizes, arguments.dtype.itemsize, extents)
    preamble = Preamble(lowering.taken)
    lowering.buffers += with_copies(trees, choice, extents, arrays, preamble.free)

    def scratch(like: Array) -> ast.expr:
        (model,) = (b for b in lowering.buffers if b.name == like.name)
        name = preamble.free("s")
        lowering.buffers.append(replace(model, name=name))
        arrays[name] = replace(like, name=name, kept=True)
        return ast.Name(name, ast.Load())

    single = arguments.dtype.itemsize == 4
    context = Context(arrays, preamble, scratch, stacks, single, choice.small(extents))
    cheaper, mover = Cheaper(context), Mover(arrays, {*sizes}, preamble)
    blocks: list[tuple[str, list[ast.stmt]]] = []
    for block, tree in zip(lowering.blocks, trees, strict=True):
        lines = tree.body
        lines = [new for line in lines for new in cheaper_lines(line, context)]
        planned = [mover.visit(cheaper.visit(line)) for line in lines]
        blocks.append((text(block.equation), planned))
        rhs = block.equation.rhs
        if isinstance(rhs, Reduction) and rhs.kind == "max":
            operand = lowering.entry(rhs.operand)
            stay = tuple(operand.axes.index(i) for i in block.equation.indices)
            context.maxima[operand.code, stay] = lowering.code_name[block.equation.tensor.name]
    statements = [s for _, planned in blocks for s in planned]
    views = {**preamble.view_of, **dict(_aliases(statements))}
    buffers = {n: a for n, a in arrays.items() if a.kept}
    entrywise = {
        name
        for code, name in preamble.name_of.items()
        if code.startswith("np.")
        and isinstance(function := getattr(np, code[3:], None), np.ufunc)
        and function.signature is None
    }
    lives = lifetimes(statements, buffers, views, entrywise)
    kept = tuple(b for b in lowering.buffers if b.name in lives)
    filled = tuple(b for b in lowering.buffers if b.name in own)
    scalars = dict.fromkeys(lowering.code_name[t.name] for t in results.values() if not t.shape)
    inputs = [lowering.code_name[n] for n in arguments.names]
    source = _source(
        [preamble.kind, *sizes, *(b.name for b in kept)],
        preamble.lines,
        [*inputs, *(b.name for b in filled)],
        blocks,
        list(scalars),
    )
    names = dict(space)
    exec(source, names)  # our own generated source, never a user's text
    lying = {n: a.order for n, a in arrays.items() if a.order is not None}
    chosen = Choice(choice, stacks)
    return Program(source, kept, lives, filled, lying, arguments.dtype, names["plan"], chosen)


def _choice(
    lowering: Lowering,
    arguments: Arguments,
    inside: Sequence[Buffer],
    trees: Sequence[ast.Module],
    arrays: Mapping[str, Array],
) -> MatrixOrders:
    fixed = merged(trees)
    shapes = {lowering.code_name[n]: t.shape for n, t in arguments.tensors.items()}
    shapes |= {b.name: b.shape for b in lowering.buffers}
    free = [b.name for b in inside if len(b.shape) == 2 and not b.integer and b.name not in fixed]
    return matrix_orders(shapes, free, trees, arrays, arguments.dtype)


def _arrays(lowering: Lowering, arguments: Arguments, own: set[str]) -> Iterator[Array]:
    for name, tensor in arguments.tensors.items():
        sizes = tuple(lowering.size(s) for s in tensor.shape)
        labels = tensor.dtype == "integer"
        below = lowering.size(tensor.below) if tensor.below is not None else None
        yield Array(lowering.code_name[name], sizes, False, labels, True, below)
    for buffer in lowering.buffers:
        sizes = tuple(lowering.size(s) for s in buffer.shape)
        yield Array(buffer.name, sizes, buffer.name not in own, buffer.integer)


def _aliases(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Names that a statement gives to a view."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                owner = root(node.value)
                if owner is not None:
                    yield node.targets[0].id, owner


def _source(
    outer: Sequence[str],
    preamble: Sequence[str],
    inner: Sequence[str],
    blocks: Sequence[tuple[str, list[ast.stmt]]],
    returned: Sequence[str],
) -> str:
    lines = _signature("plan", outer, "")
    lines += [f"    {line}" for line in preamble]
    lines += [""] * bool(preamble)
    lines += _signature("kernel", inner, "    ")
    for equation, statements in blocks:
        lines.append(f"        # {equation}")
        for statement in statements:
            code = ast.unparse(ast.fix_missing_locations(statement))
            lines.append(textwrap.indent(code, " " * 8))
    scalars = ", ".join(returned) + ("," if len(returned) == 1 else "")
    lines += [f"        return ({scalars})", "", "    return kernel"]
    return "\n".join(lines) + "\n"


def _signature(name: str, parameters: Sequence[str], indent: str) -> list[str]:
    head = f"{indent}def {name}("
    return textwrap.wrap(
        f"{head}{', '.join(parameters)}):", 96, subsequent_indent=" " * len(head),
        drop_whitespace=True, break_long_words=False,
    )  # fmt: skip
