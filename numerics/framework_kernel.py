"""A kernel whose equations run in a framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backproof.numerics.bound import BoundKernel, by_calls
from backproof.numerics.framework_lowering import FrameworkLowering
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.kernel import Kernel
from backproof.numerics.statement import Stated
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arrays import sizes_of
from backproof.theory.printing.text import text


class FrameworkKernel(Kernel):
    """Equations as a function of a framework's arrays.

    Called as any kernel, it returns the framework's arrays. ``function`` is the same without
    checks: arrays by name in, a dictionary of arrays out, all of it the framework's own
    operations, for ``jax.jit``, ``torch.compile`` or a device to take.
    """

    function: Callable[..., dict[str, Any]]
    _dialect: Dialect
    _compiled: Callable[..., dict[str, Any]]
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, stated: Stated, dialect: Dialect) -> None:
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
        equations = stated.equations
        names = [*arguments.names, *(e.tensor.name for e in equations)]
        lowering = FrameworkLowering(dialect, dtype, names, arguments.sizes)
        for equation in equations:
            lowering.lower(equation)
        body = _source(lowering, stated)
        exec(body, space)  # our own generated source, never a user's text
        function = space["kernel"]
        for name, value in {
            "equations": equations,
            "steps": stated.steps,
            "blocks": tuple(lowering.blocks),
            "source": f"{dialect.header}\n\n{body}",
            "dtype": arguments.dtype,
            "backend": dialect.name,
            "arguments": arguments,
            "results": stated.results,
            "alone": stated.alone,
            "_dialect": dialect,
        }.items():
            object.__setattr__(self, name, value)
        given = arguments.names

        def by_name(**arrays: Any) -> dict[str, Any]:
            sizes = self._sizes(arrays)
            return dict(function(*(arrays[n] for n in given), *sizes))

        object.__setattr__(self, "function", by_name)
        object.__setattr__(self, "_compiled", dialect.compiled(by_name))

    def _sizes(self, arrays: Mapping[str, Any]) -> tuple[int, ...]:
        tensors = self.arguments.tensors
        shapes = {tensors[n]: tuple(a.shape) for n, a in arrays.items()}
        known = sizes_of(shapes, {}, set(self.arguments.sizes))
        return tuple(known[s] for s in self.arguments.sizes)

    def __call__(self, /, **arrays: Any) -> Any:
        """The value, or the dictionary of results, as the framework's arrays.

        Raises `BackproofError` for missing or unknown names, wrong shapes and labels out of range.
        """
        self.arguments.bind({n: self._outline(n, a) for n, a in arrays.items()})
        real = str(self.dtype)
        made = {
            name: self._dialect.array(
                arrays[name], "integer" if tensor.dtype == "integer" else real
            )
            for name, tensor in self.arguments.tensors.items()
        }
        out = self._compiled(**made)
        return out["value"] if self.alone else out

    def _bound(self, arrays: dict[str, Any]) -> BoundKernel:
        return by_calls(self, arrays)

    def _outline(self, name: str, array: Any) -> Any:
        """An array of that shape whose numbers need not come from a device; labels do."""
        tensor = self.arguments.tensors.get(name)
        if tensor is None or tensor.dtype == "integer" or not hasattr(array, "shape"):
            return np.asarray(array)
        return np.broadcast_to(self.dtype.type(0), tuple(array.shape))


def _source(lowering: FrameworkLowering, stated: Stated) -> str:
    """The function of arguments and sizes."""
    arguments = stated.arguments
    names = [lowering.code_name[n] for n in arguments.names]
    sizes = [lowering.size_code[s].name for s in arguments.sizes]
    lines = [f"def kernel({', '.join([*names, *sizes])}):"]
    for block in lowering.blocks:
        lines.append(f"    # {text(block.equation)}")
        lines += [f"    {line}" for line in block.lines]
    pairs = (f"{key!r}: {lowering.code_name[t.name]}" for key, t in stated.results.items())
    return "\n".join([*lines, f"    return {{{', '.join(pairs)}}}"]) + "\n"
