"""What a training leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Arrays = Mapping[str, Array]
Progress = Callable[[str, int, int], Any]


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class History:
    """The last ``parameters``, and of every step the value and the norm of the gradient.

    Both belong to the point where that step's gradient was taken; ``state`` continues the run.
    """

    parameters: Arrays
    values: Array
    gradient_norms: Array
    state: Any
    evaluations: int
    message: str

    def __str__(self) -> str:
        if not len(self.values):
            return "no steps"
        first, last = self.values[0], self.values[-1]
        return f"{len(self.values)} steps, value {first:.6g} → {last:.6g}: {self.message}"
