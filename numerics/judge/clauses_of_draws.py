"""The clauses of something random: each test at its own α, and the promises of randomness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backproof.numerics.judge.clauses import Clause
from backproof.numerics.judge.finding import Finding

if TYPE_CHECKING:
    from backproof.numerics.judge.chance.counting import Test

PROMISED = ("raises", "arguments", "randomness", "reproducible", "used")
ONLY_BROKEN = ("shape", "support", "length")  # told where they are broken


def clauses_of_draws(
    title: str,
    findings: Sequence[Finding],
    tests: Sequence[Test],
    budget: float,
    generator: bool,
) -> tuple[Clause, ...]:
    """The rows of a sampler or an estimator; ``budget`` is shared evenly by the tests.

    Where a promise is broken for certain, nothing is drawn further; a function that is given no
    generator promises nothing about the one that everything shares.
    """
    broken = {f.clause: f for f in findings if f.clause in (*PROMISED, *ONLY_BROKEN)}
    rows = []
    for promise in (*PROMISED, *(c for c in ONLY_BROKEN if c in broken)):
        own = broken.get(promise)
        unknown = own is None and (bool(broken) or (promise == "randomness" and not generator))
        verdict = "refuted" if own else "not checked" if unknown else "verified"
        level = "not checked" if unknown else "exact"
        detail = f"found {own.found}, expected {own.expected}" if own else ""
        rows.append(Clause(promise, title, verdict, level, detail))
    for test in tests:
        level = f"statistical at {budget / len(tests):.1e}"
        verdict = "refuted" if test.rejects else "verified"
        told = (test.detail, "held against exact enumeration", test.power)
        rows.append(
            Clause("distribution", test.words, verdict, level, "; ".join(filter(None, told)))
        )
    if not tests:
        rows.append(Clause("distribution", title, "not checked", "not checked"))
    return tuple(rows)
