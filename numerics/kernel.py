"""A kernel: a callable that shows the equations it computes and the source it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from backproof.numerics import extended, standard, tails, vectors
from backproof.numerics.arguments import Arguments
from backproof.numerics.bound import BoundKernel, in_place
from backproof.numerics.contraction_order import Extents, Order, Orders
from backproof.numerics.entrance import Entrance, entrance
from backproof.numerics.foreign import as_numpy, in_kind, namespace
from backproof.numerics.lowering import Block, Lowering
from backproof.numerics.operand_code import Buffer
from backproof.numerics.planning.pool import Pool
from backproof.numerics.planning.program import Decision, Program, program
from backproof.numerics.planning.rewrites import rewritten
from backproof.numerics.planning.targets import targets
from backproof.numerics.shifting import shifted
from backproof.numerics.sizes import check_sizes
from backproof.numerics.source import source
from backproof.numerics.windows import window
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Kernel:
    """Compiled equations.  Call it with arrays by name.

    A kernel of a derivation returns ``{"value": …, name: …}``; a kernel of a model returns the
    value alone, or its outputs by their names where it states several. Results are the caller's
    own arrays (in C order, but for outer products of each example, where the examples lie
    innermost), or those of ``out={name: array}``; buffers in between are kept for each assignment
    of sizes, and no two calls use the same ones at one time.
    ``source`` is the code of the equations, one block each; ``equations`` are what it computes
    (the derived ones, rewritten for floating point by ``steps``); ``blocks`` pairs the two.
    ``buffers`` are the arrays that the code writes to, and ``filled`` those that are results.
    `program` is the code as the planner lets it run.
    """

    equations: tuple[Equation, ...]
    steps: tuple[Step, ...]
    blocks: tuple[Block, ...]
    source: str
    dtype: np.dtype[Any]
    backend: str
    arguments: Arguments
    results: Mapping[str, Tensor]
    alone: bool
    buffers: tuple[Buffer, ...] = field(repr=False)
    filled: tuple[Buffer, ...] = field(repr=False)
    _code_name: Mapping[str, str] = field(repr=False)
    _orders: Orders = field(repr=False, compare=False)
    _written: Callable[[Extents], Program] = field(repr=False, compare=False)
    _quick: Entrance = field(repr=False, compare=False)
    _programs: dict[tuple[Order, ...], dict[Decision, Program]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _pools: dict[tuple[int, ...], Pool] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, /, **arrays: Any) -> Any:
        """The value, or the dictionary of results.

        ``out={name: array}`` has results written to arrays of the caller's, in C order. Called
        with arrays of another library, such as torch or JAX, it answers with that library's.
        Raises `BackproofError` for missing or unknown names, wrong shapes, labels out of range
        and NaN in an input.
        """
        found = self._quick.enter(arrays)
        return self._explained(arrays) if found is None else found

    def _explained(self, arrays: dict[str, Any]) -> Any:
        """The call with every check, and with inputs converted."""
        own = arrays.pop("out", None) if "out" not in self.arguments.tensors else None
        if (library := namespace(arrays)) is not None:
            given = {n: as_numpy(n, array, library) for n, array in arrays.items()}
            return in_kind(self(**given, **({"out": own} if own is not None else {})), library)
        values, sizes = self.arguments.bind(arrays)
        pool = self._pools.get(sizes)
        try:
            if pool is None:
                pool = self._pool(sizes)
            try:
                call = pool.free.pop()
            except IndexError:  # the first call of these sizes, or another thread is in one
                call = pool.program.prepared(self._sized(sizes))
            if own is None:
                filled = [result.new() for result in pool.results]
            else:
                filled = targets(own, self._arrays, pool.results, values)
            scalars = call(*values, *filled)
            pool.free.append(call)
        except ZeroDivisionError:
            pairs = zip(self.arguments.sizes, sizes, strict=True)
            facts = ", ".join(f"{size} = {extent}" for size, extent in pairs)
            raise BackproofError(
                "kernel",
                f"a division by zero with {facts}",
                "sizes that leave no denominator zero",
                "pass more rows (a variance with ddof=1 needs two)",
            ) from None
        except IndexError:  # a position that was computed: no label is one of a NaN
            self.arguments.refuse_nan(values)
            raise
        kind = self.dtype.type
        out = {
            name: filled[place] if shaped else kind(scalars[place])
            for name, shaped, place in self._returned
        }
        if "value" in out:
            value = out["value"]
            finite = np.isfinite(value).all() if value.shape else isfinite(value)
        else:
            finite = all(np.isfinite(array).all() for array in out.values())
        if not finite:
            self.arguments.refuse_nan(values)
        known = self.arguments.known(values)
        if known is not None:
            self._quick.seats.learn(tuple(v.shape for v in values), known, pool)
        return out["value"] if self.alone else out

    def bound(self, /, **arrays: Any) -> BoundKernel:
        """The kernel on arguments whose memory stays: ``run()`` computes the results anew.

        Raises `BackproofError` as a call does, and for what is no array of the kernel's type in
        C order.

        >>> from backproof.theory.trace.tracing import trace
        >>> x = np.array([1.0, 2.0])
        >>> square = compile(trace("np.sum(x**2)", x="n")).bound(x=x)
        >>> x[0] = 3.0
        >>> square.run()
        >>> float(square.results["value"])
        13.0
        """
        tensors = self.arguments.tensors
        in_place(arrays, {n: t.dtype == "integer" for n, t in tensors.items()}, self.dtype)
        return self._bound(arrays)

    def _bound(self, arrays: dict[str, Any]) -> BoundKernel:
        self(**arrays)  # with every check
        values = [np.asarray(arrays[name]).view() for name in self.arguments.names]
        _, sizes = self.arguments.bind(arrays)
        pool = self._pool(sizes)
        program = pool.program.prepared(self._sized(sizes))
        filled = [result.new() for result in pool.results]
        numbers = {n: np.empty((), self.dtype) for n, t in self.results.items() if not t.shape}
        places = [(numbers[n], place) for n, shaped, place in self._returned if not shaped]
        bounds, refuse_labels = self.arguments.bounds(sizes), self.arguments.refuse_labels

        def run() -> None:
            refuse_labels(values, bounds)
            try:
                scalars = program(*values, *filled)
            except IndexError:  # a position that was computed: no label is one of a NaN
                self.arguments.refuse_nan(values)
                raise
            for number, place in places:
                number[()] = scalars[place]

        run()
        results = {n: filled[at] if shaped else numbers[n] for n, shaped, at in self._returned}
        return BoundKernel(results, run)

    @property
    def entrance(self) -> str:
        """The source of the quick way in, for arguments as they should be of shapes seen before."""
        return self._quick.source

    @cached_property
    def program(self) -> Program:
        """The program for nominal sizes."""
        return self.planned({})

    @cached_property
    def _arrays(self) -> tuple[str, ...]:
        """The results that are arrays, each by one of its names, as the program fills them."""
        name = {self._code_name[t.name]: n for n, t in self.results.items()}
        return tuple(name[b.name] for b in self.filled)

    @cached_property
    def _returned(self) -> tuple[tuple[str, bool, int], ...]:
        """Each result: its name, whether it is an array, and its place among its kind."""
        arrays = [b.name for b in self.filled]
        scalars = list(
            dict.fromkeys(self._code_name[t.name] for t in self.results.values() if not t.shape)
        )
        return tuple(
            (name, bool(t.shape), (arrays if t.shape else scalars).index(self._code_name[t.name]))
            for name, t in self.results.items()
        )

    def _sized(self, sizes: tuple[int, ...]) -> dict[sp.Symbol, int]:
        return dict(zip(self.arguments.sizes, sizes, strict=True))

    def _pool(self, sizes: tuple[int, ...]) -> Pool:
        """The pool of some sizes, which are checked."""
        check_sizes(self.equations, self._sized(sizes))
        if len(self._pools) >= 16:
            self._pools.clear()
            self._quick.seats.of.clear()
        program = self.planned(self._sized(sizes))
        results = program.results(self._sized(sizes))
        return self._pools.setdefault(sizes, Pool(results, program))

    def planned(self, sizes: Mapping[sp.Symbol, int]) -> Program:
        """The program for some sizes, that of before where the same is cheapest for them."""
        known = self._programs.setdefault(self._orders.at(sizes), {})
        if known:
            choice = next(iter(known.values())).choice
            if (found := known.get(choice.decided(sizes))) is not None:
                return found
        written = self._written(sizes)
        if len(self._programs) + len(known) >= 32:
            self._programs.clear()
        known[written.choice.decided(sizes)] = written
        return written

    def __repr__(self) -> str:
        names = ", ".join(self.arguments.names)
        return f"<kernel({names}) -> {', '.join(self.results)}; {self.dtype}, {self.backend}>"


BACKENDS = ("numpy",)


def compile(  # the public verb is called so
    statement: Model | Derivation, dtype: str | type = "float64", backend: str = "numpy"
) -> Kernel:
    """Compile a model or a derivation to a NumPy kernel.

    The source is generated from the equations, in their order: a chain of two-operand products
    with ``out=`` buffers and the stable functions that the maps name.

    Raises `BackproofError` for an unknown backend or a dtype that is not a real floating type.

    >>> from backproof.theory.trace.tracing import trace
    >>> kernel = compile(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"))
    >>> print(kernel.source)
    def kernel(W, x, y, m, n, t1):
        # t1[i] = Σ_j W[i,j] x[j] - y[i]
        np.matmul(W, x, out=t1)
        np.subtract(t1, y, out=t1)
        # f = Σ_i t1[i]**2
        f = np.dot(t1, t1)
        return (f,)
    <BLANKLINE>
    >>> float(kernel(W=[[1.0, 2.0]], x=[3.0, 4.0], y=[1.0]))
    100.0
    """
    if backend not in BACKENDS:
        raise BackproofError(
            "bp.compile", f"backend {backend!r}", f"one of {', '.join(BACKENDS)}", "pick one"
        )
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise BackproofError(
            "bp.compile", f"dtype {dtype!r}", "a real floating type", "pass 'float64' or 'float32'"
        ) from None
    if kind.kind != "f":
        raise BackproofError(
            "bp.compile", f"dtype {kind}", "a real floating type", "pass 'float64' or 'float32'"
        )
    alone = isinstance(statement, Model) and not statement.outputs
    results = dict(statement.results)
    if isinstance(statement, Derivation):
        results = {"value": statement.value, **results}
    tensors = statement.arguments
    arguments = Arguments(tensors, kind)
    taken = {*tensors, *(e.tensor.name for e in statement.equations)}
    equations, steps = shifted(statement.equations, results.values(), taken)
    equations, further = rewritten(equations, results.values(), taken)
    linalg = extended if kind.itemsize > 8 else standard
    space: dict[str, Any] = {"np": np, "special": special, "linalg": linalg, "window": window}
    space |= {"tails": tails, "vectors": vectors}

    def lowered(extents: Extents) -> Lowering:
        found = Lowering([*tensors, *(e.tensor.name for e in equations)], arguments.sizes)
        found.orders.extents = extents
        for equation in equations:
            found.lower(equation)
        return found

    lowering = lowered({})
    shown, buffers = source(lowering, arguments, results), tuple(lowering.buffers)
    own = {lowering.code_name[t.name] for t in results.values() if t.shape}
    filled = tuple(b for b in buffers if b.name in own)
    return Kernel(
        equations,
        (*steps, *further, *lowering.orders.steps),
        tuple(lowering.blocks),
        shown,
        kind,
        backend,
        arguments,
        results,
        alone,
        buffers,
        filled,
        lowering.code_name,
        lowering.orders,
        lambda extents: program(lowered(extents), arguments, results, space),
        entrance(arguments, results, lowering, filled, alone),
    )
