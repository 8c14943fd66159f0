"""Pair moments: in the order of the couplings, or by two names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backproof.theory.energy.literal import Literal, feature_name
from backproof.theory.errors import BackproofError


class Pairs(Sequence[float]):
    """E[f f′] for each coupling, a sequence; ``pairs["v0", "h1"]`` for two features by name."""

    def __init__(self, machine: Literal, second: np.ndarray, products: np.ndarray) -> None:
        self._places = {feature_name(end): n for n, end in enumerate(machine.features)}
        self._second, self._products = second, [float(x) for x in products]

    def __len__(self) -> int:
        return len(self._products)

    def __iter__(self) -> Iterator[float]:
        return iter(self._products)

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, tuple):
            return self._products[at]
        for name in at:
            if name not in self._places:
                known = ", ".join(self._places)
                raise BackproofError("pair", f"the feature {name!r}", f"one of {known}", "check it")
        first, second = at
        return float(self._second[self._places[first], self._places[second]])

    def __repr__(self) -> str:
        return f"Pairs({self._products})"
