"""A kernel: a callable that shows the equations it computes and the source it runs."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from backproof.numerics import extended, standard, tails
from backproof.numerics.arguments import Arguments
from backproof.numerics.lowering import Block, Lowering
from backproof.numerics.operand_code import Buffer
from backproof.numerics.shifting import shifted
from backproof.numerics.sizes import check_sizes
from backproof.numerics.windows import window
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from backproof.theory.printing.text import text
from backproof.theory.steps import Step


@dataclass(frozen=True)
class Kernel:
    """Compiled equations.  Call it with arrays by name.

    A kernel of a derivation returns ``{"value": …, name: …}``; a kernel of a model returns the
    value alone, or its outputs by their names where it states several. Results are the caller's
    own arrays; buffers in between are kept for each thread and each assignment of sizes.
    ``source`` is the code that runs, one block an equation; ``equations`` are what it computes
    (the derived ones, rewritten for floating point by ``steps``); ``blocks`` pairs the two.
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
    _function: Callable[..., tuple[Any, ...]] = field(repr=False)
    _buffers: tuple[Buffer, ...] = field(repr=False)
    _code_name: Mapping[str, str] = field(repr=False)
    _local: threading.local = field(default_factory=threading.local, repr=False)

    def __call__(self, /, **arrays: Any) -> Any:
        """The value, or the dictionary of results.

        Raises `BackproofError` for missing or unknown names, wrong shapes, labels out of range
        and NaN in an input.
        """
        values, sizes = self.arguments.bind(arrays)
        shared, own = self._arrays(sizes)
        try:
            returned = self._function(*values, *sizes, *shared, *own.values())
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
        scalars = map(self.dtype.type, returned)
        found = dict(zip(self._scalar_results, scalars, strict=True)) | own
        out = {key: found[self._code_name[t.name]] for key, t in self.results.items()}
        judged = [out["value"]] if "value" in out else out.values()
        if not all(np.all(np.isfinite(array)) for array in judged):
            self.arguments.refuse_nan(values)
        return out["value"] if self.alone else out

    @property
    def _scalar_results(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(self._code_name[t.name] for t in self.results.values() if not t.shape)
        )

    def _arrays(self, sizes: tuple[int, ...]) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
        """Scratch buffers of this thread for these sizes, and fresh arrays for the results."""
        cache: dict[tuple[int, ...], Any] = self._local.__dict__.setdefault("cache", {})
        if sizes not in cache:
            if len(cache) >= 16:
                cache.clear()
            cache[sizes] = self._allocate(sizes)
        shared, shapes = cache[sizes]
        return shared, {name: np.empty(shape, self.dtype) for name, shape in shapes}

    def _allocate(self, sizes: tuple[int, ...]) -> tuple[list[np.ndarray], list[tuple[str, Any]]]:
        value = dict(zip(self.arguments.sizes, sizes, strict=True))
        check_sizes(self.equations, value)
        names = {self._code_name[t.name] for t in self.results.values() if t.shape}
        shapes = {
            b.name: tuple(int(s.xreplace(_numbers(value))) for s in b.shape) for b in self._buffers
        }
        shared = [
            np.empty(shapes[b.name], np.intp if b.integer else self.dtype)
            for b in self._buffers
            if b.name not in names
        ]
        return shared, [(b.name, shapes[b.name]) for b in self._buffers if b.name in names]

    def __repr__(self) -> str:
        names = ", ".join(self.arguments.names)
        return f"<kernel({names}) -> {', '.join(self.results)}; {self.dtype}, {self.backend}>"


def _numbers(value: Mapping[sp.Symbol, int]) -> dict[sp.Symbol, sp.Integer]:
    return {symbol: sp.Integer(n) for symbol, n in value.items()}


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
    lowering = Lowering([*tensors, *(e.tensor.name for e in equations)], arguments.sizes)
    for equation in equations:
        lowering.lower(equation)
    source = _source(lowering, arguments, results)
    linalg = extended if kind.itemsize > 8 else standard
    space: dict[str, Any] = {"np": np, "special": special, "linalg": linalg, "window": window}
    space["tails"] = tails
    exec(source, space)  # our own generated source, never a user's text
    return Kernel(
        equations,
        steps,
        tuple(lowering.blocks),
        source,
        kind,
        backend,
        arguments,
        results,
        alone,
        space["kernel"],
        tuple(lowering.buffers),
        lowering.code_name,
    )


def _source(lowering: Lowering, arguments: Arguments, results: Mapping[str, Tensor]) -> str:
    own = {lowering.code_name[t.name] for t in results.values() if t.shape}
    shared = [b.name for b in lowering.buffers if b.name not in own]
    fresh = [b.name for b in lowering.buffers if b.name in own]
    inputs = [lowering.code_name[n] for n in arguments.names]
    sizes = [lowering.size_code[s].name for s in arguments.sizes]
    signature = f"def kernel({', '.join([*inputs, *sizes, *shared, *fresh])}):"
    lines = textwrap.wrap(signature, 92, subsequent_indent=" " * len("def kernel("))
    for block in lowering.blocks:
        lines.append(f"    # {text(block.equation)}")
        lines += [f"    {line}" for line in block.lines]
    scalars = dict.fromkeys(lowering.code_name[t.name] for t in results.values() if not t.shape)
    returned = ", ".join(scalars) + ("," if len(scalars) == 1 else "")
    lines.append(f"    return ({returned})")
    return "\n".join(lines) + "\n"
