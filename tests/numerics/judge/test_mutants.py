"""The judge is judged: wrong code is refuted and its cause named, right code never is."""

from collections.abc import Callable

import numpy as np
import pytest
from mutants.bases import BASES, OTHER_WAYS
from mutants.catalogue import Base, Edited, entries, parts

from backproof.numerics.judge import verify

WRONG = tuple(entries("wrong.txt", BASES))
UNUSUAL = tuple(entries("unusual.txt", BASES))
RIGHT: tuple[Base | Edited, ...] = (*BASES, *OTHER_WAYS, *UNUSUAL)
LEAST_NAMED = 0.9  # of the causes; 60 % would do, and the end of a run prints the share
SCORES: dict[str, bool] = {}


def test_the_catalogue_is_large_and_distinct() -> None:
    assert len(WRONG) >= 40
    assert len(RIGHT) >= 15
    assert len({m.source() for m in WRONG}) == len(WRONG)
    assert len({m.name for m in WRONG}) == len(WRONG)


@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_a_mutant_is_refuted_and_its_wrong_outputs_are_named(
    mutant: Edited, tally: Callable[[str, int], None]
) -> None:
    with np.errstate(all="ignore"):
        result = verify(
            mutant.function(), mutant.base.derivation(), outputs=mutant.base.outputs, seed=11
        )
    assert result.verdict == "refuted"
    assert {name for name, state in result.outputs.items() if state == "wrong"} == set(mutant.wrong)
    causes = result.diagnosis.causes
    kinds, places = {c.kind for c in causes}, {c.place for c in causes}
    named = bool(kinds) and kinds <= set(mutant.causes)
    if mutant.place:
        named = named and places <= set(mutant.place)
    SCORES[mutant.name] = named
    tally("mutants refuted", 1)
    tally("mutants whose cause is named", int(named))
    if causes and mutant.causes and not named:
        pytest.fail(f"another cause is named: {kinds} in {places}: {causes[0].words}")


def test_most_causes_are_named() -> None:
    if len(SCORES) < len(WRONG):
        pytest.skip(f"only {len(SCORES)} of {len(WRONG)} mutants were tried in this run")
    assert sum(SCORES.values()) >= LEAST_NAMED * len(WRONG)


DTYPES = ("float64", "float32")
BOTH = [(code, dtype) for code in BASES for dtype in DTYPES]
ALTERNATING = [(code, DTYPES[n % 2]) for n, code in enumerate((*OTHER_WAYS, *UNUSUAL))]


@pytest.mark.parametrize(
    ("code", "dtype"), [*BOTH, *ALTERNATING], ids=lambda value: getattr(value, "name", value)
)
def test_right_code_is_never_refuted(code: Base | Edited, dtype: str) -> None:
    made, base = parts(code)
    seed = sum(map(ord, code.name))
    result = verify(made, base.derivation(), outputs=base.outputs, dtype=dtype, seed=seed)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_right_code_is_never_refuted_at_any_seed(
    code: Base | Edited, dtype: str, seed: int, tally: Callable[[str, int], None]
) -> None:
    made, base = parts(code)
    result = verify(made, base.derivation(), outputs=base.outputs, dtype=dtype, seed=seed)
    tally("right programs judged", 1)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_a_mutant_is_refuted_at_any_seed(mutant: Edited, dtype: str, seed: int) -> None:
    result = verify(
        mutant.function(), mutant.base.derivation(), None, mutant.base.outputs, dtype, seed
    )
    assert result.verdict == "refuted"
