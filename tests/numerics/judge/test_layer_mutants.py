"""Layers, losses and elementary functions held against specifications: wrong and right ones.

A representative sample is judged by default, one mutant of each kind; `pytest -m sweep` judges
all, and `python tests/mutants/score.py` prints the score by kind beside that of other checkers.
"""

from collections.abc import Callable

import pytest
from mutants import chance
from mutants.bases import BASES, OTHER_WAYS
from mutants.catalogue import Base, Edited, entries
from mutants.layers import LAYERS, judged
from mutants.steps import STEPS

WRONG = tuple(entries("wrong_layers.txt", LAYERS))
UNUSUAL = tuple(entries("unusual_layers.txt", LAYERS))
RIGHT: tuple[Base | Edited, ...] = (*LAYERS, *UNUSUAL)
SAMPLE = tuple({m.kind: m for m in reversed(WRONG)}.values())
DTYPES = ("float64", "float32")


def refuted(mutant: Edited, seed: int) -> None:
    result = judged(mutant, seed)
    if result.verdict == "verified":
        result = judged(mutant, seed, "float32")
    assert result.verdict != "verified"
    if mutant.wrong:
        wrong = {name for name, state in result.outputs.items() if state == "wrong"}
        assert wrong == set(mutant.wrong), str(result)


def test_the_catalogues_are_large_and_distinct() -> None:
    backward = tuple(entries("wrong.txt", BASES))
    steps = tuple(entries("wrong_steps.txt", STEPS))
    every = (*backward, *steps, *WRONG)
    assert len(every) + len(chance.WRONG) >= 300
    kinds = {m.kind or (m.causes or ("other",))[0] for m in every} | {w[1] for w in chance.WRONG}
    assert len(kinds) >= 40
    sources = [m.source() for m in every]
    assert len(set(sources)) == len(sources)
    unusual = (*entries("unusual.txt", BASES), *entries("unusual_steps.txt", STEPS), *UNUSUAL)
    assert len(unusual) + len(OTHER_WAYS) + len(chance.RIGHT) >= 90


@pytest.mark.parametrize("mutant", SAMPLE, ids=lambda m: m.name)
def test_one_mutant_of_each_kind_is_refuted(
    mutant: Edited, tally: Callable[[str, int], None]
) -> None:
    tally("mutants of layers refuted", 1)
    refuted(mutant, 11)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_every_mutant_is_refuted_at_any_seed(mutant: Edited, seed: int) -> None:
    refuted(mutant, seed)


@pytest.mark.parametrize(
    ("code", "dtype"),
    [(code, DTYPES[n % 2]) for n, code in enumerate(RIGHT) if n % 3 != 2],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_is_right_is_never_refuted(code: Base | Edited, dtype: str) -> None:
    result = judged(code, sum(map(ord, code.name)), dtype)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_what_is_right_is_never_refuted_at_any_seed(
    code: Base | Edited, dtype: str, seed: int, tally: Callable[[str, int], None]
) -> None:
    tally("right layers judged", 1)
    result = judged(code, seed, dtype)
    assert result.verdict == "verified", str(result)
