"""autograd: functions written with `autograd.numpy`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backproof.numerics.adapters.frameworks.framework import Array, Framework


class Autograd(Framework):
    """Functions of NumPy arrays that autograd traces; gradients by ``autograd.make_vjp``."""

    name = "autograd"
    package = "autograd"

    def owns(self, function: Any) -> bool:
        return type(function).__module__.partition(".")[0] == "autograd"

    def dtype(self) -> str:
        return "float64"

    def lifted(self, array: Array) -> Any:
        return array

    def lowered(self, value: Any) -> Any:
        return value

    def pullback(
        self, function: Callable[..., Any], arrays: Sequence[Array], upstream: Array
    ) -> tuple[Any, list[Any]]:
        vjp = self.require().make_vjp(lambda given: function(*given))
        value = function(*arrays)
        back, _ = vjp(tuple(np.array(a) for a in arrays))
        return value, list(back(upstream))


autograd = Autograd()
