"""Mutants generated from derived equations: refuted, the right outputs named, equivalent ones out.

A small drawn sample by default; `pytest -m sweep` judges a large one, and `python
tests/mutants/score.py --generated 200` prints a score by kind.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from mutants.generated import Generated, Source, sample, sources

from backproof.theory.declarations import array
from backproof.theory.trace.tracing import trace

KEPT, EQUIVALENT, UNCOMPILED = sample(14, 20)
LEAST_KILLED = 0.99
LEAST_NAMED = 0.85


def changed(mutant: Generated) -> set[str]:
    """The outputs that the change can reach."""
    statement = mutant.source.statement
    own = set(mutant.mutation.names)
    names = [t.name for t in statement.outputs.values()]
    return {name for name in names if own & statement.ancestors(name)}


def refuted(mutant: Generated, seed: int) -> bool:
    """Whether it is refuted, and no output is named that the change cannot reach."""
    result = mutant.judged(seed)
    wrong = {name for name, state in result.outputs.items() if state == "wrong"}
    new = mutant.mutation.names  # a quantity of the change's own reaches what reads it
    known = set(mutant.source.statement.defining)
    assert not wrong - changed(mutant) or not set(new) <= known, mutant.name
    return result.verdict != "verified"


@pytest.mark.parametrize("mutant", KEPT, ids=lambda m: m.name[:70])
def test_a_drawn_mutant_is_refuted(mutant: Generated, tally: Callable[[str, int], None]) -> None:
    tally("generated mutants refuted", 1)
    assert refuted(mutant, 5)


def test_there_are_thousands_of_many_kinds_from_every_source() -> None:
    every = {source.name: list(source.mutants()) for source in sources()}
    assert sum(map(len, every.values())) >= 5000
    assert sum(map(bool, every.values())) >= 0.9 * len(every)
    assert len({m.kind for own in every.values() for m in own}) >= 14


def test_equivalent_mutants_are_found_without_the_judge() -> None:
    """The transpose of a symmetric matrix is no mutant; any other change is one."""
    model = trace("np.sum(S @ x)", S=array("n n", symmetric=True), x="n")
    mutants = list(Source("symmetric", model).mutants())
    same = [m for m in mutants if m.equivalent()]
    assert same
    assert all("transposed" in m.name for m in same)
    for mutant in mutants:
        verdict = mutant.judged(1).verdict
        assert (verdict == "verified") == (mutant in same), mutant.name


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(5))
def test_a_large_sample_is_refuted_and_explained(
    seed: int, tally: Callable[[str, int], None]
) -> None:
    kept, equivalent, uncompiled = sample(200, seed)
    tally("equivalent mutants left out", equivalent)
    score = Counter[str]()
    alive = []
    for mutant in kept:
        result = mutant.judged(seed)
        causes = result.diagnosis.causes if result.diagnosis else ()
        score["killed"] += result.verdict != "verified"
        score["named"] += any(
            c.kind == mutant.kind or c.place in mutant.mutation.names for c in causes
        )
        alive += [mutant.name] * (result.verdict == "verified")
    tally("generated mutants refuted", score["killed"])
    assert score["killed"] >= LEAST_KILLED * len(kept), alive
    assert score["named"] >= LEAST_NAMED * len(kept)
    assert uncompiled <= len(kept) // 4
