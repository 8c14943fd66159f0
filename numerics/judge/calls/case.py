"""One point, the calls there, and their results: what the clauses of the contract look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.calling import Call
from backproof.numerics.judge.calls.unpacking import Unpacked
from backproof.numerics.judge.points.point import Point
from backproof.numerics.judge.reference.running import EXTENDED, Array
from backproof.theory.notation import Tensor


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Case:
    """One point, the call there, further calls with the same numbers, and the results by name.

    ``again`` passes read-only arrays, ``viewed`` views of larger ones, and ``poisoned`` fills
    what np.empty returns.
    """

    title: str
    point: Point
    first: Call
    again: Call
    results: Unpacked
    results_again: Unpacked
    outputs: Mapping[str, Tensor]
    earlier: Call | None = None
    viewed: Call | None = None
    results_viewed: Unpacked = field(default_factory=Unpacked)
    poisoned: Call | None = None
    results_poisoned: Unpacked = field(default_factory=Unpacked)

    def expected_shape(self, name: str) -> tuple[int, ...]:
        """The shape that an output must have at this point."""
        here = self.point.reference
        return tuple(here.size(size) for size in self.outputs[name].shape)

    def array(self, name: str) -> Array | None:
        """A result in extended precision, when it is an array of numbers of the right shape."""
        return numbers(self.results.found.get(name), self.expected_shape(name))


def numbers(raw: Any, shape: tuple[int, ...] | None = None) -> Array | None:
    """A result in extended precision, or `None` when it is no array of real numbers."""
    if raw is None or isinstance(raw, str | bytes):
        return None
    try:
        array = np.asarray(raw)
    except Exception:
        return None
    if array.dtype.kind not in "fiub" or (shape is not None and array.shape != shape):
        return None
    return array.astype(EXTENDED)


def label(case: Case, name: str) -> str:
    """An output as the equations call it."""
    return case.outputs[name].name
