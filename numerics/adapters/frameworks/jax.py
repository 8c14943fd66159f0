"""JAX: functions, jitted ones, and those with derivatives of their own (`custom_vjp`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from backproof.numerics.adapters.frameworks.framework import Array, Framework


class Jax(Framework):
    """Functions of JAX arrays; gradients by ``jax.vjp``.

    XLA on a processor takes numbers below the least normal one for zero.
    """

    name = "jax"
    package = "jax"
    flushes = True

    def owns(self, function: Any) -> bool:
        return type(function).__module__.partition(".")[0] in ("jax", "jaxlib")

    def dtype(self) -> str:
        return "float64" if self.require().config.read("jax_enable_x64") else "float32"

    def lifted(self, array: Array) -> Any:
        return self.require().numpy.asarray(np.array(array))  # asarray alone may share memory

    def lowered(self, value: Any) -> Any:
        jax = self.require()
        if isinstance(value, jax.core.Tracer) or not isinstance(value, jax.Array):
            return value
        return np.array(value)

    def precision(self, arrays: Iterable[Array]) -> contextlib.AbstractContextManager[Any]:
        wide = any(array.dtype == np.float64 for array in arrays)
        jax = self.require()
        return jax.enable_x64(True) if wide else contextlib.nullcontext()

    def pullback(
        self, function: Callable[..., Any], arrays: Sequence[Array], upstream: Array
    ) -> tuple[Any, list[Any]]:
        jax = self.require()
        value = function(*map(self.lifted, arrays))
        traced, back = jax.vjp(function, *map(self.lifted, arrays))
        return value, list(back(self.lifted(upstream).astype(traced.dtype)))


jax = Jax()
