"""The comparison in the docs is current: the page is what was measured, and the verdicts stand.

backproof's answers are derived and judged anew. Those of SymPy and tensorgrad are judged anew where
the version is the one that was measured.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from oracles.page_program import modules
from sympy.tensor.array import expressions as arrays

from backproof.pages import render

DOCS = Path(__file__).resolve().parents[1] / "docs"
MEASURED = json.loads((DOCS / "comparison.json").read_text("utf-8"))
LOSSES = sorted(MEASURED["answers"])


@pytest.fixture(scope="module")
def program() -> Iterator[Any]:
    """Gives a module of docs/comparison by its name; they are not part of the package."""
    with modules("comparison") as found:
        yield found


@pytest.fixture(scope="module")
def truth(program: Any) -> Any:
    """Gives the derivative of a loss at both sizes, by its name."""
    losses, judgement = program("losses"), program("judgement")
    return cache(lambda name: judgement.truths(losses.BY_NAME[name]))


def judged_again(program: Any, truth: Any, tool: str, name: str) -> dict[str, Any]:
    """The attempt that the page shows, once more."""
    loss = program("losses").BY_NAME[name]
    place = MEASURED["answers"][name][tool]["shown"]
    stated, make = program(f"by_{tool}").writings(loss)[place]
    return dict(program("judgement").judged(loss, stated, make, truth(name)))


def committed(tool: str, name: str) -> dict[str, Any]:
    answer = MEASURED["answers"][name][tool]
    return answer["attempts"][answer["shown"]]


def test_the_page_is_what_was_measured(program: Any) -> None:
    page = program("page").page(MEASURED)
    shown = (DOCS / "comparison.md").read_text("utf-8")
    assert render(page, ".md") == shown, "run python docs/comparison --page"


def test_another_measurement_is_another_page(program: Any) -> None:
    other = copy.deepcopy(MEASURED)
    attempts = other["answers"]["ridge"]["tensorgrad"]
    attempts["attempts"][attempts["shown"]]["verdict"] = "wrong"
    shown = (DOCS / "comparison.md").read_text("utf-8")
    changed = render(program("page").page(other), ".md")
    assert changed != shown
    assert "**✗ wrong**" in changed
    assert "| **right, of ten** | **6** | **9** | **10** |" in changed


def test_the_formulas_are_typeset(program: Any) -> None:
    shown = render(program("page").page(MEASURED), ".html")
    assert shown.count('<div class="equation"') > 30


def test_ten_losses_by_three_tools_each_judged_at_two_sizes(program: Any) -> None:
    assert sorted(loss.name for loss in program("losses").LOSSES) == LOSSES
    assert len(LOSSES) == 10
    tolerance = program("judgement").TOLERANCE
    for answers in MEASURED["answers"].values():
        assert set(answers) == {"backproof", "sympy", "tensorgrad"}
        for attempt in (one for answer in answers.values() for one in answer["attempts"]):
            assert attempt["stated"]
            if attempt["verdict"] == "error":
                assert attempt["problem"]
            else:
                assert len(attempt["off"]) == 2
                assert (max(attempt["off"]) < tolerance) == (attempt["verdict"] == "right")


@pytest.mark.parametrize("name", LOSSES)
def test_our_answer_is_derived_again(program: Any, truth: Any, name: str) -> None:
    found, told = judged_again(program, truth, "backproof", name), committed("backproof", name)
    for key in ("text", "latex", "nodes", "stated", "verdict"):
        assert found[key] == told[key], "run python docs/comparison"
    assert found["verdict"] == "right"


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("tool", ["sympy", "tensorgrad"])
def test_their_answer_is_judged_again(program: Any, truth: Any, tool: str, name: str) -> None:
    try:
        here = version(tool)
    except PackageNotFoundError:
        pytest.skip(f"{tool} is not installed: pip install '.[docs]'")
    if here != MEASURED["versions"][tool]:
        pytest.skip(f"{tool} {here} is not the {MEASURED['versions'][tool]} that was measured")
    found, told = judged_again(program, truth, tool, name), committed(tool, name)
    assert (found["verdict"], found["stated"]) == (told["verdict"], told["stated"])


# The judge itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mutate", "word"),
    [
        (lambda value: value, "right"),
        (lambda value: -value, "wrong"),
        (lambda value: value * (1 + 1e-7), "wrong"),
        (lambda value: value.T, "wrong"),
        (lambda value: value[:-1], "wrong"),
        (
            lambda value: np.where(np.arange(value.size).reshape(value.shape) == 0, 0, value),
            "wrong",
        ),
        (np.zeros_like, "silent zero"),
    ],
)
def test_a_wrong_answer_is_judged_wrong(program: Any, truth: Any, mutate: Any, word: str) -> None:
    """A sign, a factor, a transpose, a lost row, a lost entry, and nothing at all."""
    judgement, ours = program("judgement"), program("by_backproof")
    loss = program("losses").BY_NAME["softmax"]

    class Mutant(ours.Writing):  # type: ignore[name-defined, misc]
        def value(self, which: int) -> Any:
            return mutate(super().value(which))

    found = judgement.judged(loss, "", lambda: Mutant(loss), truth("softmax"))
    assert found["verdict"] == word


def test_right_at_one_size_alone_is_wrong(program: Any) -> None:
    truths = [np.ones(2), np.ones(3)]
    assert program("judgement").verdict([truths[0], 2 * truths[1]], truths)[0] == "wrong"


def test_a_loss_that_is_stated_wrong_is_refused(program: Any, truth: Any) -> None:
    judgement, theirs = program("judgement"), program("by_sympy")
    loss = program("losses").BY_NAME["ridge"]
    half = "(X*w - y).T * (X*w - y) / 2 + lam * w.T*w"
    with pytest.raises(AssertionError, match="half"):
        judgement.judged(
            loss, "half", lambda: theirs.Writing(loss, half, theirs.diff), truth("ridge")
        )


def test_array_expressions_are_evaluated_as_sympy_evaluates_them(program: Any) -> None:
    a, b = sp.MatrixSymbol("A", 2, 3), sp.MatrixSymbol("B", 3, 3)
    product = arrays.ArrayTensorProduct(a, b)
    numbers = {"A": np.arange(6.0).reshape(2, 3), "B": np.arange(9.0).reshape(3, 3) ** 2 + 1}
    matrices = {a: sp.ImmutableMatrix(numbers["A"]), b: sp.ImmutableMatrix(numbers["B"])}
    evaluated = program("explicit").Evaluation(numbers, {})
    for expression in (
        arrays.PermuteDims(product, (2, 0, 3, 1)),
        arrays.ArrayContraction(product, (1, 2)),
        arrays.ArrayDiagonal(product, (1, 2)),
        arrays.PermuteDims(arrays.ArrayDiagonal(product, (1, 3)), (2, 0, 1)),
        arrays.ArrayContraction(product, (1, 2, 3)),
    ):
        explicit = sp.Array(expression.as_explicit()).subs(matrices).doit()
        assert np.array_equal(evaluated(expression), np.array(explicit.tolist(), dtype=float))
