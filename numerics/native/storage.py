"""Where the tensors of a kernel lie: arguments, results, and one space for all in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from backproof.numerics.native.preparation import Stage
from backproof.theory.notation import Tensor

ENTRY = 8  # bytes that are counted for an entry, also of a float
ALIGNMENT = 64  # bytes: a cache line, and the widest vector


@dataclass
class Slot:
    """A part of the space, for tensors of one number of entries that never live together."""

    count: sp.Expr
    tensors: list[Tensor] = field(default_factory=list)
    busy_until: int = -1


@dataclass
class Storage:
    """Slots for the tensors that are neither argument nor result."""

    slots: list[Slot]

    @classmethod
    def plan(cls, stages: Sequence[Stage], results: Sequence[Tensor], in_memory: bool) -> Storage:
        """Slots for all but the results' arrays; for scalars too, where they must be ``in_memory``.

        Slots by liveness: a slot is free again after the last stage that reads its tensor."""
        last: dict[str, int] = {}
        kept = {t.name for t in results if t.shape}
        for n, stage in enumerate(stages):
            for tensor in operands(stage):
                last[tensor.name] = n
        last |= dict.fromkeys((t.name for t in results), len(stages))
        slots: list[Slot] = []
        for n, stage in enumerate(stages):
            tensor = stage.tensor
            if tensor.name in kept or not (tensor.shape or in_memory):
                continue
            count = sp.expand(sp.Mul(*tensor.shape))
            free = (s for s in slots if s.busy_until < n and s.count == count)
            slot = next(free, None)
            if slot is None:
                slot = Slot(count)
                slots.append(slot)
            slot.tensors.append(tensor)
            slot.busy_until = max(last.get(tensor.name, n), n)
        return cls(slots)

    def places(self, sizes: Mapping[sp.Symbol, sp.Integer]) -> tuple[dict[str, int], int]:
        """Where each tensor begins, in bytes, and how long the space is (``PADDED`` in C)."""
        found: dict[str, int] = {}
        place = 0
        for slot in self.slots:
            found |= dict.fromkeys((t.name for t in slot.tensors), place)
            place += -(-int(slot.count.xreplace(sizes)) * ENTRY // ALIGNMENT) * ALIGNMENT
        return found, place


def operands(stage: Stage) -> tuple[Tensor, ...]:
    """What a stage reads."""
    return stage.operands
