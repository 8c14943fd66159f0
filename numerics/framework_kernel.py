"""A kernel whose equations run in a framework."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.arguments import Arguments
from backproof.numerics.bound import BoundKernel, by_calls
from backproof.numerics.framework_lowering import FrameworkLowering
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.kernel import Kernel
from backproof.numerics.rectified import masked_by_outputs
from backproof.numerics.sizes import check_sizes
from backproof.numerics.statement import Stated
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arrays import sizes_of
from backproof.theory.printing.text import text


class FrameworkKernel(Kernel):
    """Equations as a function of a framework's arrays, on the device where those lie.

    Called as any kernel, it returns the framework's arrays. Nothing is copied from a device but
    the smallest and the largest of labels, for which a call waits; NaN is not looked for, which
    would make every call wait. Inside ``jax.jit`` there are no labels to look at yet, and inside
    ``torch.compile`` nothing is checked.

    ``function`` is the same without checks: arrays by name in, a dictionary of arrays out, all of
    it the framework's own operations, that never wait. `differentiable` is the value alone, for
    the framework to differentiate with the derived gradient.
    """

    function: Callable[..., dict[str, Any]]
    _dialect: Dialect
    _compiled: Callable[..., dict[str, Any]]
    _gradient: tuple[str, ...]
    _checked: dict[tuple[Any, ...], Mapping[str, int]]
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, stated: Stated, dialect: Dialect, gradient: tuple[str, ...] = ()) -> None:
        arguments, dtype = stated.arguments, str(stated.arguments.dtype)
        try:
            space = dict(dialect.space())
        except ImportError as error:
            raise BackproofError(
                "bp.compile",
                f"backend {dialect.name!r} without the package: {error}",
                f"{dialect.name} installed",
                f"pip install 'backproof[{dialect.name}]', or pass backend='numpy'",
            ) from None
        move = dialect.refused(dtype)
        if move is not None:
            raise BackproofError(
                "bp.compile", f"backend {dialect.name!r} limited to float32", dtype, move
            )
        equations, masked = masked_by_outputs(stated.equations)
        names = [*arguments.names, *(e.tensor.name for e in equations)]
        owned = {t.name for t in stated.results.values()}
        lowering = FrameworkLowering(dialect, dtype, names, arguments.sizes, owned)
        for equation in equations:
            lowering.lower(equation)
        told, untold = _told(lowering, arguments)
        body = _source(lowering, stated, told, untold)
        exec(body, space)  # our own generated source, never a user's text
        function = space["kernel"]
        given = arguments.names
        tensors = arguments.tensors

        def by_name(**arrays: Any) -> dict[str, Any]:
            sizes: tuple[int, ...] = ()
            if untold:
                shapes = {tensors[n]: tuple(a.shape) for n, a in arrays.items()}
                known = sizes_of(shapes, {}, set(arguments.sizes))
                sizes = tuple(known[s] for s in untold)
            found: dict[str, Any] = function(*(arrays[n] for n in given), *sizes)
            return found

        for name, value in {
            "equations": equations,
            "steps": (*stated.steps, *masked, *lowering.orders.steps),
            "blocks": tuple(lowering.blocks),
            "source": f"{dialect.header}\n\n{body}",
            "dtype": arguments.dtype,
            "backend": dialect.name,
            "arguments": arguments,
            "results": stated.results,
            "alone": stated.alone,
            "function": by_name,
            "_dialect": dialect,
            "_compiled": dialect.compiled(by_name),
            "_gradient": gradient,
            "_checked": {},
        }.items():
            object.__setattr__(self, name, value)

    def __call__(self, /, **arrays: Any) -> Any:
        """The value, or the dictionary of results, as the framework's arrays.

        Raises `BackproofError` for missing or unknown names, wrong shapes, labels out of range,
        arrays on two devices, and for a torch array whose gradient is recorded.
        """
        if self._dialect.tracing():
            out = self.function(**arrays)
        else:
            for name, array in arrays.items():
                if self._dialect.recorded(array):
                    raise BackproofError(
                        name,
                        "a gradient to record",
                        "numbers",
                        "call inside torch.no_grad(), or pass the arrays to .differentiable, whose "
                        "gradient is the derived one, or to .function, to differentiate further",
                    )
            out = self._compiled(**self._read(arrays))
        return out["value"] if self.alone else out

    def _bound(self, arrays: dict[str, Any]) -> BoundKernel:
        return by_calls(self, arrays)

    @cached_property
    def differentiable(self) -> Callable[..., Any]:
        """The value as a function of arrays by name that the framework differentiates.

            ∂value/∂w = the derived gradient

        What ``backward()`` or ``jax.grad`` finds is what was derived, computed with the value.
        Arrays are checked as in a call. A second derivative is none of it: derive with order 2.

        Raises `BackproofError` where the kernel is not that of a gradient of a scalar, and where
        the gradient with respect to something else is asked for.
        """
        if not self._gradient:
            raise BackproofError(
                "differentiable",
                "a kernel without the gradient of its value",
                "one of bp.derive(model), of order 1, of a scalar, with free entries",
                "compile that",
            )
        names = self.arguments.names
        value = self._dialect.with_gradient(self.function, names, self._gradient)
        if self._dialect.tracing():
            return value
        return lambda **arrays: value(**(arrays if self._dialect.tracing() else self._read(arrays)))

    def _read(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as arrays of the kernel's type on one device, checked."""
        own, dialect = self.arguments, self._dialect
        if arrays.keys() != own.tensors.keys():
            own.refuse_names(arrays)
        device = self._device(arrays)
        known = {n: a if hasattr(a, "dtype") else np.asarray(a) for n, a in arrays.items()}
        seen = tuple((tuple(known[n].shape), known[n].dtype) for n in own.names)
        bounds = self._checked.get(seen)
        if bounds is None:
            bounds = self._checked_shapes(known)
            if len(self._checked) >= 256:
                self._checked.clear()
            self._checked[seen] = bounds
        kind = str(self.dtype)
        made = {
            name: dialect.array(known[name], "integer" if t.dtype == "integer" else kind, device)
            for name, t in own.tensors.items()
        }
        for name, bound in bounds.items():
            if (extremes := dialect.extremes(made[name])) is not None:
                own.check_labels(name, *extremes, bound)
        return made

    def _device(self, arrays: Mapping[str, Any]) -> Any:
        """Where the arrays of the framework lie; numbers without axes go there too."""
        found = {n: d for n, a in arrays.items() if (d := self._dialect.device(a)) is not None}
        for name, device in found.items():
            first, place = next(iter(found.items()))
            if device != place:
                raise BackproofError(
                    "kernel",
                    f"{first} on {_shown(place)} and {name} on {_shown(device)}",
                    "arrays on one device",
                    "move them to one",
                )
        device = next(iter(found.values()), None)
        if getattr(device, "type", "cpu") != "cpu":  # of torch: JAX takes arrays of NumPy along
            for name, array in arrays.items():
                if name not in found and np.ndim(array):
                    raise BackproofError(
                        name, "an array in main memory", f"one on {device}", "move it there"
                    )
        return device

    def _checked_shapes(self, arrays: Mapping[str, Any]) -> dict[str, int]:
        """The bounds of labels, after everything that shapes and types tell."""
        outlines = {n: np.broadcast_to(_kind(a), tuple(a.shape)) for n, a in arrays.items()}
        _, sizes = self.arguments.bind(outlines)
        known = dict(zip(self.arguments.sizes, sizes, strict=True))
        check_sizes(self.equations, known)
        numbers = {s: sp.Integer(n) for s, n in known.items()}
        bounds = {
            name: tensor.below.xreplace(numbers)
            for name, tensor in self.arguments.tensors.items()
            if tensor.below is not None
        }
        return {name: int(bound) for name, bound in bounds.items() if not bound.free_symbols}


def _kind(array: Any) -> Any:
    """A zero of the kind of an array's numbers."""
    name = str(array.dtype)
    return {"i": 0, "u": 0, "b": 0, "c": 0j}.get(name.rpartition(".")[2][0], 0.0)


def _shown(device: Any) -> str:
    return ", ".join(map(str, device)) if isinstance(device, frozenset) else str(device)


def _told(
    lowering: FrameworkLowering, arguments: Arguments
) -> tuple[dict[sp.Symbol, str], tuple[sp.Symbol, ...]]:
    """The sizes as code of the arguments' shapes, and those that it takes an equation to find."""
    told: dict[sp.Symbol, str] = {}
    axes = [
        (size, f"{lowering.code_name[name]}.shape[{axis}]")
        for name, tensor in arguments.tensors.items()
        for axis, size in enumerate(tensor.shape)
    ]
    for size, code in axes:
        if isinstance(size, sp.Symbol):
            told.setdefault(size, code)
    for size, code in axes:
        unknown = size.free_symbols - told.keys()
        if len(unknown) == 1:
            (symbol,) = unknown
            rest = sp.expand(size.xreplace({symbol: sp.S.Zero}))
            factor = sp.expand(size - rest)
            if factor == symbol or (factor / symbol).is_Integer:
                number = code if rest == 0 else f"({code} - {lowering.size(rest)})"
                told[symbol] = number if factor == symbol else f"{number} // {factor / symbol}"
    return told, tuple(s for s in arguments.sizes if s not in told)


def _source(
    lowering: FrameworkLowering,
    stated: Stated,
    told: Mapping[sp.Symbol, str],
    untold: tuple[sp.Symbol, ...],
) -> str:
    """The function of the arguments, and of sizes that their shapes do not tell at once."""
    names = [lowering.code_name[n] for n in stated.arguments.names]
    own = lowering.size_code
    pairs = (f"{key!r}: {lowering.code_name[t.name]}" for key, t in stated.results.items())
    last = f"    return {{{', '.join(pairs)}}}"
    done = _done_with(lowering, stated) if lowering.dialect.frees else {}
    body = []
    for n, block in enumerate(lowering.blocks):
        body.append(f"    # {text(block.equation)}")
        body += [f"    {line}" for line in block.lines]
        if n in done:
            body.append(f"    del {', '.join(done[n])}")
    lines = [f"def kernel({', '.join([*names, *(own[s].name for s in untold)])}):"]
    begin = lowering.dialect.begin.format(names[0]) if names else "device = None"
    if any("device" in line for line in body):
        lines.append(f"    {begin}")
    lines += [f"    {own[s].name} = {code}" for s, code in told.items()]
    return "\n".join([*lines, *body, last]) + "\n"


def _done_with(lowering: FrameworkLowering, stated: Stated) -> dict[int, list[str]]:
    """After which block nothing reads an array any more that is no result."""
    kept = {t.name for t in stated.results.values()}
    own = {b.equation.tensor.name: n for n, b in enumerate(lowering.blocks)}
    last = {lowering.code_name[name]: n for name, n in own.items() if name not in kept}
    for n, block in enumerate(lowering.blocks):
        words = set(re.findall(r"\w+", " ".join(block.lines)))
        last.update(dict.fromkeys(words & last.keys(), n))
    found: dict[int, list[str]] = {}
    for name, n in last.items():
        found.setdefault(n, []).append(name)
    return found
