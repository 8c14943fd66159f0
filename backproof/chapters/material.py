"""What a document is about: everything that its chapters may draw on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from backproof.numerics.kernel import Kernel, compile
from backproof.theory.derivation import Derivation
from backproof.theory.equations import Equation, Model


class Verification(Protocol):
    """What a judge found: rows of (statement, verdict, rests_on, detail), and a report."""

    @property
    def evidence(self) -> Sequence[tuple[str, str, Sequence[str], str]]: ...


@dataclass(frozen=True)
class Material:
    """A model, what was derived from it, what was judged, and pictures (caption, figure)."""

    model: Model
    derivation: Derivation | None = None
    verifications: Sequence[Verification] = ()
    figures: Sequence[tuple[str, Any]] = ()
    given_kernel: Kernel | None = field(default=None, repr=False)

    @property
    def statement(self) -> Model | Derivation:
        """The derivation if there is one, else the model."""
        return self.derivation or self.model

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All equations, the model's own and the derived ones."""
        return tuple(self.statement.equations)

    @cached_property
    def kernel(self) -> Kernel:
        """The kernel that was passed, or one compiled for the document."""
        return self.given_kernel or compile(self.statement)
