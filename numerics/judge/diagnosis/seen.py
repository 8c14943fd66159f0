"""What was seen of a refuted function, as the rules for plain causes read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backproof.numerics.judge.calls.subject import Trial
from backproof.numerics.judge.diagnosis.causes import Cause
from backproof.numerics.judge.diagnosis.probes import Probe
from backproof.numerics.judge.statement import Statement


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Seen:
    """All trials, generic probes with results of the right shapes, and the wrong outputs."""

    statement: Statement
    trials: Sequence[Trial]
    probes: Sequence[Probe]
    wrong: tuple[str, ...]


Rule = Callable[[Seen], Cause | None]
