"""What all kernels of one precision call, compiled the first time on a machine."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from backproof.numerics.native.entrance import entrance_type
from backproof.numerics.native.matrix_products import matrix_products


@dataclass(frozen=True)
class Shared:
    """The parts that are being compiled, or come from the cache, while a kernel is written.

    ``products`` are the addresses of ``product`` and ``contraction``, ``entrance`` the type
    ``Entrance`` or `None`.
    """

    products: Future[tuple[int, int]]
    entrance: Future[Any]

    @classmethod
    def begun(cls, pool: Executor, single: bool) -> Shared:
        """All parts, the one that takes longest first."""
        return cls(pool.submit(matrix_products, single), pool.submit(entrance_type))
