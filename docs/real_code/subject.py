"""What is judged: a function of somebody else's library, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FLOATS = ("float64", "float32")


@dataclass(frozen=True)
class Subject:
    """A function of a library, judged against a specification or equations.

    ``make`` returns the function as `bp.verify` takes it; ``against`` is the text of a
    specification ("softmax:axis=-1"), or a function that returns a model or a derivation.
    ``outcome`` is how a deviation is to be read: "defect", "limit" (documented, or of the format)
    or "convention"; ``words`` say so soberly, and ``confirmed`` names the function of `oracle` that
    shows it without the judge.
    """

    name: str
    make: Callable[[], Any]
    against: str | Callable[[], Any]
    dtypes: tuple[str, ...] = FLOATS
    inputs: Any = None
    outputs: Any = None
    outcome: str = ""
    words: str = ""
    confirmed: str = ""

    @property
    def library(self) -> str:
        """The package that it comes from."""
        return self.name.partition(".")[0]
