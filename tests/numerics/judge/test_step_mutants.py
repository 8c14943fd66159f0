"""Steps of optimisers are judged: wrong ones refuted and explained, right ones never refuted."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mutants.catalogue import Base, Edited, entries, function, parts
from mutants.steps import ADAM, STEPS

from backproof.numerics import optimisers
from backproof.numerics.judge import verify
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.errors import BackproofError

WRONG = tuple(entries("wrong_steps.txt", STEPS))
UNUSUAL = tuple(entries("unusual_steps.txt", STEPS))
RIGHT: tuple[Base | Edited, ...] = (*STEPS, *UNUSUAL)
LEAST_NAMED = 0.8  # of the causes; 60 % would do, and the end of a run prints the share
SCORES: dict[str, bool] = {}


def test_the_catalogue_of_steps_is_large_and_distinct() -> None:
    assert len(WRONG) >= 45
    assert len(UNUSUAL) >= 10
    assert len({m.source() for m in WRONG}) == len(WRONG)
    assert len({m.name for m in WRONG}) == len(WRONG)


@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_a_wrong_step_is_refuted_and_its_wrong_outputs_are_named(
    mutant: Edited, tally: Callable[[str, int], None]
) -> None:
    result = verify(
        mutant.function(), mutant.base.derivation(), outputs=mutant.base.outputs, seed=11
    )
    assert result.verdict == "refuted"
    assert {name for name, state in result.outputs.items() if state == "wrong"} == set(mutant.wrong)
    causes = result.diagnosis.causes
    kinds, places = {c.kind for c in causes}, {c.place for c in causes}
    if not mutant.wrong:  # a promise is broken, and the finding says which
        kinds = {f.clause for f in result.findings if f.weight == "wrong"}
    named = bool(kinds) and kinds <= set(mutant.causes)
    if mutant.place:
        named = named and places <= set(mutant.place)
    SCORES[mutant.name] = named
    tally("wrong steps refuted", 1)
    tally("wrong steps whose cause is named", int(named))
    if causes and not named:
        pytest.fail(f"another cause is named: {kinds} in {places}: {causes[0].words}")


def test_most_causes_of_steps_are_named() -> None:
    if len(SCORES) < len(WRONG):
        pytest.skip(f"only {len(SCORES)} of {len(WRONG)} steps were tried in this run")
    assert sum(SCORES.values()) >= LEAST_NAMED * len(WRONG)


DTYPES = ("float64", "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_a_right_step_is_never_refuted(code: Base | Edited, dtype: str) -> None:
    made, base = parts(code)
    seed = sum(map(ord, code.name))
    result = verify(made, base.derivation(), outputs=base.outputs, dtype=dtype, seed=seed)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_a_right_step_is_never_refuted_at_any_seed(
    code: Base | Edited, dtype: str, seed: int, tally: Callable[[str, int], None]
) -> None:
    made, base = parts(code)
    result = verify(made, base.derivation(), outputs=base.outputs, dtype=dtype, seed=seed)
    tally("right steps judged", 1)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_a_wrong_step_is_refuted_at_any_seed(mutant: Edited, seed: int) -> None:
    result = verify(
        mutant.function(), mutant.base.derivation(), None, mutant.base.outputs, seed=seed
    )
    assert result.verdict == "refuted"


def test_hyperparameters_are_drawn_as_they_were_declared() -> None:
    statement = Statement.of(ADAM.derivation(), ADAM.outputs)
    points = Points(statement, Format.of("float64"), 7, {})
    drawn = [point.values for point in points.all()]
    assert len(drawn) > 15
    counts = {float(values["t"]) for values in drawn}
    assert min(counts) >= 1
    assert all(count == round(count) for count in counts)
    assert len(counts) > 3
    for values in drawn:
        assert 0 < values["beta1"] < 1
        assert 0 < values["beta2"] < 1
        assert values["lr"] > 0
        assert values["eps"] > 0
        assert np.all(values["v"] >= 0)
    assert any(np.any(values["v"] == 0) for values in drawn)


# What an optimiser states for a function -------------------------------------------------------


def own(theta: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, t: float) -> Any:
    """Adam with the numbers of its paper."""
    return function(ADAM.source)(theta, g, m, v, t)


def test_hyperparameters_that_a_function_does_not_take_are_numbers() -> None:
    assert verify(own, against=optimisers.adam(), seed=3).verdict == "verified"
    assert verify(own, against=optimisers.adam(lr=0.001), seed=3).verdict == "verified"
    assert verify(own, against=optimisers.adam(lr=0.002), seed=3).verdict == "refuted"
    taken = optimisers.adam(beta1=0.8).statement_for(("theta", "g", "m", "v", "t", "lr", "beta1"))
    assert set(taken.arguments) == {"theta", "g", "m", "v", "t", "lr"}


def test_a_state_in_a_dictionary_is_taken_apart() -> None:
    def step(theta: np.ndarray, g: np.ndarray, state: dict[str, Any]) -> Any:
        moved, m, v = own(theta, g, state["m"], state["v"], state["t"])
        return moved, {"m": m, "v": v}

    result = verify(
        step,
        against=optimisers.adam(),
        inputs=("theta", "g", {"m": "m", "v": "v", "t": "t"}),
        outputs=("theta", {"m": "m", "v": "v"}),
        seed=4,
    )
    assert result.verdict == "verified"


def test_a_hyperparameter_without_a_number_has_to_be_taken() -> None:
    def step(theta: np.ndarray, g: np.ndarray) -> np.ndarray:
        return theta - 0.1 * g

    with pytest.raises(BackproofError, match="no parameter for lr"):
        verify(step, against=optimisers.gradient_descent())
    assert verify(step, against=optimisers.gradient_descent(lr=0.1), seed=5).verdict == "verified"


def test_a_matrix_is_updated_as_a_vector_is() -> None:
    def step(theta: np.ndarray, g: np.ndarray, v: np.ndarray, lr: float, beta: float) -> Any:
        return function(STEPS[3].source)(theta, g, v, lr, beta)

    assert verify(step, against=optimisers.momentum().model("h d"), seed=6).verdict == "verified"
