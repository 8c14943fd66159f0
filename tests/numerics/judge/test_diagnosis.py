"""What is said of a refuted function: narrowing, local variables, causes, an example that runs."""

import json
import sys
from typing import Any

import numpy as np
import pytest
from mutants.bases import BASES, SOFTMAX
from mutants.catalogue import Edited, entries, function
from mutants.steps import STEPS

from backproof.numerics.judge import Verification, verify
from backproof.numerics.judge.calls.binding import bind
from backproof.numerics.judge.calls.capturing import code_of, lines_of, locals_of
from backproof.numerics.judge.calls.subject import Subject
from backproof.numerics.judge.conventions import excused
from backproof.numerics.judge.diagnosis.narrowing import suspects
from backproof.numerics.judge.diagnosis.reproduction import written
from backproof.numerics.judge.diagnosis.shrinking import PATTERN
from backproof.numerics.judge.mutations import MUTATIONS, Scene
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.points.sizes import Assignment
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.calculus.derivation import derive
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace

MUTANTS = {m.name: m for m in entries("wrong.txt", BASES)}


def judged(name: str, seed: int = 11, **options: Any) -> Verification:
    mutant = MUTANTS[name]
    return verify(
        mutant.function(),
        mutant.base.derivation(),
        outputs=mutant.base.outputs,
        seed=seed,
        **options,
    )


def run(script: str, function: Any) -> None:
    """Run a small example with a function in the place of the one under test."""
    exec(compile(script, "<example>", "exec"), {"backward": function})


@pytest.mark.parametrize(
    "name",
    ["no mean", "penalty halved", "mask the wrong way round", "softmax not shifted",
     "square forgotten", "last example forgotten", "gradient transposed", "filter not flipped"],
)  # fmt: skip
def test_the_example_runs_and_fails_until_the_fault_is_gone(name: str) -> None:
    mutant = MUTANTS[name]
    script = judged(name).diagnosis.example
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        run(script, mutant.function())
    right = Edited("right", mutant.base, ())
    run(script, right.function())


def test_the_example_is_small() -> None:
    script = judged("no mask").diagnosis.example
    assert "x = np.array([[" in script
    numbers = [
        w for w in script.replace("[", " ").replace("]", " ").split() if w[0] in "-0123456789"
    ]
    assert len(numbers) < 40


def test_a_net_of_stated_sizes_gets_a_sparse_example() -> None:
    net = derive(mlp([64, 64, 10], penalty={"l2": 1e-4}))

    def backward(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        n = len(x)
        z1 = x @ W1.T + b1
        h1 = np.maximum(z1, 0)
        z2 = h1 @ W2.T + b2
        p = np.exp(z2 - z2.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(n), y] -= 1
        p /= n
        dz1 = p @ W2 * (z1 > 0)
        return dz1.T @ x + 1e-4 * W1, dz1.sum(axis=0), p.T @ h1 + 1e-4 * W2, p.sum(axis=0)

    result = verify(backward, net, seed=1)
    assert [c.words for c in result.diagnosis.causes] == ["the penalty term halved (dW1, dW2)"]
    script = result.diagnosis.example
    assert len(script.splitlines()) < 30
    with pytest.raises(AssertionError):
        run(script, backward)


def test_suspects_are_what_only_the_wrong_need() -> None:
    statement = Statement.of(SOFTMAX.derivation(), SOFTMAX.outputs)
    assert suspects(statement, ["dW1", "db1"], ["dW2", "db2"]) == ["dh1", "dz1"]
    assert suspects(statement, ["dW1", "db1"], ["dW2", "db2"], seen=["dh1"]) == ["dz1"]
    assert suspects(statement, ["db1"], ["dW1", "dW2", "db2"]) == ["db1"]
    assert suspects(statement, ["dW1", "dW2"], ["db1", "db2"]) == ["dW1", "dW2"]
    assert suspects(statement, [], ["dW1"]) == []


def test_the_first_unexplained_local_is_named_with_its_line() -> None:
    result = judged("leaky mask")
    own = result.diagnosis.locals
    assert own.first.name == "dz1"
    assert "np.where(z1 > 0, 1, 0.01)" in own.source
    assert (
        own.first.line
        == MUTANTS["leaky mask"]
        .source()
        .splitlines()
        .index("    dz1 = dh1 * np.where(z1 > 0, 1, 0.01)")
        + 1
    )
    assert {"z1", "h1", "z2", "p", "dz2", "dh1"} <= own.seen
    assert "is the first value that no derived quantity explains" in " ".join(str(result).split())


def test_a_local_that_holds_another_quantity_is_named() -> None:
    result = judged("no mask")
    assert result.diagnosis.locals.astray.name == "dz1"
    assert result.diagnosis.locals.astray.words == "dh1"


def test_steps_on_the_way_are_not_blamed() -> None:
    """Shifted logits and their exponentials are no quantities of the equations, and innocent."""
    own = judged("bias before the mask").diagnosis.locals
    assert own.first is None or own.first.name == "db1"


def test_following_local_variables_changes_nothing() -> None:
    seen: list[Any] = []

    def function(x: Any) -> Any:
        seen.append(sys.gettrace())
        a = x * 2
        a += 1
        return a

    statement = trace("x*2 + 1", x="n")
    binding = bind(function, None, statement.arguments)
    before = sys.gettrace()
    found = locals_of(binding, {"x": np.array([1.0, 2.0])})
    assert sys.gettrace() is before
    assert [(r.name, r.value.tolist()) for r in found] == [("a", [2.0, 4.0]), ("a", [3.0, 5.0])]
    lines = lines_of(function)
    assert lines[found[1].line].text == "a += 1"
    assert lines[found[1].line].reads == {"a"}


def test_the_code_of_what_can_be_called() -> None:
    class Layer:
        def __call__(self, x: Any) -> Any:
            return x

        def backward(self, x: Any) -> Any:
            return x

    assert code_of(Layer()) is Layer.__call__.__code__
    assert code_of(Layer().backward) is Layer.backward.__code__
    assert code_of(np.add) is None


@pytest.mark.parametrize(
    ("name", "where"),
    [("softmax not shifted", "overflow"), ("activations in half precision", "precision")],
)
def test_causes_that_are_no_change_of_an_equation(name: str, where: str) -> None:
    (cause,) = judged(name).diagnosis.causes
    assert cause.kind == where


def test_separate_mistakes_are_told_apart() -> None:
    source = SOFTMAX.source.replace("db1 = dz1.sum", "db1 = dz1.mean").replace(
        "dz2.T @ h1", "dz2.T @ z1"
    )
    result = verify(function(source), SOFTMAX.derivation(), outputs=SOFTMAX.outputs, seed=4)
    assert {c.kind for c in result.diagnosis.causes} == {"factor", "operand"}
    assert {c.place for c in result.diagnosis.causes} == {"db1", "dW2"}


def test_where_nothing_explains_it_that_is_said() -> None:
    source = SOFTMAX.source.replace("dh1 * (z1 > 0)", "np.sin(7 * dh1) * np.cos(z1)")
    result = verify(function(source), SOFTMAX.derivation(), outputs=SOFTMAX.outputs, seed=4)
    assert result.diagnosis.causes == ()
    assert "Nothing tried explains the numbers" in str(result)
    assert result.diagnosis.first in ("dz1", "dh1")


def test_the_circumstances_are_named() -> None:
    def squeezed(X: Any, w: Any, y: Any) -> Any:
        r = np.atleast_1d(np.squeeze(X @ w - y))
        return 2 * X.T @ r if len(y) > 1 else X.T @ r

    squares = derive(trace("np.sum((X @ w - y)**2)", X="n d", w="d", y="n"), wrt="w")
    result = verify(squeezed, squares, seed=0)
    assert result.verdict == "refuted"
    assert result.diagnosis.when == "only where n = 1"


@pytest.mark.parametrize("base", [*BASES, *STEPS], ids=lambda b: b.name)
def test_mutations_are_equations_and_differ_from_the_derived_ones(base: Any) -> None:
    statement = Statement.of(base.derivation(), base.outputs)
    scene = Scene(statement)
    found = [m for e in statement.equations for make in MUTATIONS for m in make(e, scene)]
    assert len(found) > 8
    for mutation in found:
        for name, equation in mutation.changed.items():
            assert str(equation)
            assert equation != statement.defining.get(name)
        assert mutation.words
        assert mutation.rank >= 1


def test_every_kind_of_mutation_is_made_somewhere() -> None:
    made = set()
    for base in (*BASES, *STEPS):
        statement = Statement.of(base.derivation(), base.outputs)
        scene = Scene(statement)
        for make in MUTATIONS:
            if any(True for e in statement.equations for _ in make(e, scene)):
                made.add(make)
    assert made == set(MUTATIONS)


def test_the_result_as_data_and_as_rows() -> None:
    result = judged("penalty halved")
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert data["verdict"] == "refuted"
    assert data["diagnosis"]["causes"][0]["kind"] == "penalty"
    assert data["effort"]["seed"] == 11
    rows = result.evidence
    assert [row.verdict for row in rows] == ["refuted", "verified", "refuted", "verified"]
    assert all(row.rests_on == ("derived", "sampled") for row in rows)
    again = json.loads(json.dumps(verify(MUTANTS["penalty halved"].function(),
        SOFTMAX.derivation(), outputs=SOFTMAX.outputs, seed=11).to_dict()))  # fmt: skip
    assert again == data


def test_the_report_says_by_what() -> None:
    said = str(judged("penalty halved"))
    for words in (
        "refuted (by: derived, sampled)",
        "✗ dW1",
        "✓ db1",
        "yours    dW1[",
        "derived  dW1[",
        "A small example",
        "points in float64",
        "seed 11",
        "tolerance: 16 × the running error bound",
        "whole numbers (",
    ):
        assert words in said
    assert max(map(len, said.splitlines())) < 140


def column(n: int) -> np.ndarray:
    array = np.zeros((30, 50))
    array[:, n] = 2.5
    return array


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.0),
        np.array([[1.5, -0.0], [0.1, 1e-300]]),
        np.arange(7),
        np.zeros((20, 30)),
        np.ones(100, np.float32),
        np.full((30, 3), 0.25),
        np.eye(30)[:, ::-1],
        column(7),
        column(7).T,
        column(3).astype(np.float32),
        np.resize(PATTERN, (40, 40)),
        np.resize(PATTERN, (64, 9)).astype(np.float32),
        np.random.default_rng(0).normal(size=(15, 20)),
        np.arange(300).reshape(20, 15),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_an_argument_is_written_as_code_that_gives_it_back(array: np.ndarray) -> None:
    lines = written("a", array)
    space: dict[str, Any] = {"np": np}
    exec("\n".join(lines), space)
    given = np.asarray(space["a"])
    assert given.dtype == array.dtype
    assert np.array_equal(given, array)
    assert len(lines) <= 41


def test_arrays_too_large_to_print_are_kept() -> None:
    (line,) = written("a", np.random.default_rng(0).normal(size=(64, 64)))
    assert "too large to print" in line
    result = judged("no mean")
    assert set(result.diagnosis.arguments) == {"x", "y", "W1", "b1", "W2", "b2"}


def test_conventions_excuse_only_what_they_give() -> None:
    rectified = derive(trace("np.sum(np.maximum(x, 0)*w)", x="n", w="n"), wrt="x")
    statement = Statement.of(rectified, ["x"])
    points = Points(statement, Format.of("float64"), 0, {})
    (n,) = statement.sizes
    point = points.at(
        Assignment("", {n: 2}), "", {"x": np.array([0.0, 1.0]), "w": np.array([1.0, 3.0])}
    )
    assert point is not None
    for made, expected in (
        (lambda x, w: w * (x >= 0), True),
        (lambda x, w: w * np.heaviside(x, 0.5), True),
        (lambda x, w: w * np.heaviside(x, 2.0), False),
        (lambda x, w: 2 * w * (x > 0), False),
    ):
        binding = bind(made, None, statement.arguments)
        trial = Subject(binding, ("x",), statement).once(point)
        assert trial.wrong == ["x"]
        assert excused(statement, trial) is expected
