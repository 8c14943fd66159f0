"""What equations keep: their indices (trap 1), sizes of absent indices (2), sharing (3)."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.declarations import array, size
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.notation import Affine, Delta, Entry, Index, Ones, Tensor
from backproof.theory.trace.tracing import trace
from laws.equations import (
    both_sides_carry_the_same_indices,
    length,
    letters_are_unambiguous,
    names_have_one_meaning,
)
from laws.models import SAMPLES, TWICE, Sample
from laws.refusals import refused


def derivations(sample: Sample) -> list[Derivation]:
    """The gradient, and the second derivatives where they are asked."""
    model = sample.model()
    if not sample.twice:
        return [derive(model)]
    twice = [derive(model, sample.twice, order=2, along=along) for along in (None, "direction")]
    return [derive(model), *twice]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_every_equation_is_well_formed(sample: Sample, tally: Callable[[str, int], None]) -> None:
    names_have_one_meaning(sample.model())
    for result in derivations(sample):
        names = {*result.arguments, *(e.tensor.name for e in result.equations)}
        for equation in result.equations:
            both_sides_carry_the_same_indices(equation)
            letters_are_unambiguous(equation, names)
        tally("equations checked", len(result.equations))


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_every_equation_in_a_step_is_well_formed(sample: Sample) -> None:
    for result in derivations(sample):
        for step in result.steps:
            for side in (step.before, step.after):
                if isinstance(side, Equation):
                    both_sides_carry_the_same_indices(side)


def test_letters_avoid_the_names_of_inputs() -> None:
    """The batch index n of a network gives way to a penalty of that name."""
    result = derive(mlp(["d", "h", "c"], activation="tanh", penalty={"l2": "n"}))
    for equation in result.equations:
        letters_are_unambiguous(equation, {*result.arguments, "n"})


# Trap 1: a delta rule that loses a sum ------------------------------------------------------

N, M = size("n"), size("m")
I, J = Index("i", N), Index("j", M)
A, V = Tensor("A", (N, M), ("i", "j")), Tensor("v", (N,), ("i",))


def term(*factors: Any, over: tuple[Index, ...] = ()) -> Sum:
    return Sum((Contraction(sp.S.One, factors, over),))


@pytest.mark.parametrize(
    ("rhs", "words"),
    [
        (term(Entry(A, (I, J))), ["v[i]", "{i, j}", "same free indices", "sum"]),
        (term(Entry(A, (I, J)), over=(I,)), ["v[i]", "{j}"]),
        (term(Entry(A, (I, J)), over=(I, J)), ["v[i]", "{}", "ones"]),
        (term(Entry(A, (I, J)), Delta(I, Index("k", N)), over=(J,)), ["v[i]", "{i, k}"]),
        (Reduction("max", Entry(A, (I, J)), (I,)), ["v[i]", "{j}"]),
        (term(Entry(A, (I, I))), ["A", "index i of size n", "size m"]),
        (term(Entry(A, (I,))), ["A", "1 subscripts", "2"]),
        (term(Entry(A, (I, Entry(V, (I,))))), ["A", "real tensor v", "dtype=int"]),
        (term(Entry(A, (I, Affine(sp.Integer(-1))))), ["A", "-1", "inside"]),
        (term(Entry(A, (I, Affine(M)))), ["A", "m", "size m", "inside"]),
    ],
)
def test_unbalanced_equations_cannot_be_built(rhs: Any, words: list[str]) -> None:
    refused(lambda: Equation(V, (I,), rhs), *words)


def test_left_hand_sides_that_are_refused() -> None:
    refused(lambda: Equation(V, (J,), term(Ones(J))), "v", "(m)", "(n)")
    square = Tensor("s", (N, N))
    refused(lambda: Equation(square, (I, I), term(Ones(I))), "s[i, i]", "free indices")


def test_models_that_are_refused() -> None:
    x, y = Tensor("x", (N,), ("i",)), Tensor("y", (N,), ("i",))
    first = Equation(y, (I,), term(Entry(x, (I,))))
    unknown = Equation(V, (I,), term(Entry(A, (I, J)), over=(J,)))
    refused(lambda: Model((unknown,), {"x": x}, {}, V), "v", "unknown name A", "one of x")
    refused(lambda: Model((first, first), {"x": x}, {}, y), "y", "second definition")
    i = Tensor("i")
    clash = Equation(y, (I,), term(Entry(x, (I,)), Entry(i)))
    refused(lambda: Model((clash,), {"x": x, "i": i}, {}, y), "i as an index and as a tensor")
    model = Model((first,), {"x": x}, {}, y)
    refused(lambda: model["z"], "no equation for z", "one of y")


# Trap 2: an index that no operand carries ---------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shapes", "expected"),
    [
        ("np.sum(x[:, None] + np.zeros((x.shape[0], y.shape[0])))", {"x": "n", "y": "m"}, "m"),
        ("np.sum(np.ones(y.shape)*np.sum(x))", {"x": "n", "y": "m"}, "m"),
        ("np.sum(x) + np.sum(y*0 + 3)", {"x": "n", "y": "m"}, "1"),
        ("np.mean(x[:, None] + y[None, :])", {"x": "n", "y": "m"}, "1/n"),
        ("np.trace(np.eye(y.shape[0]))*np.sum(x)", {"x": "n", "y": "m"}, "m"),
    ],
)
def test_sums_count_absent_indices(source: str, shapes: dict[str, str], expected: str) -> None:
    sizes = {"n": 3, "m": 5}
    result = derive(trace(source, **shapes), "x")
    values = evaluate(result, {"x": [1, 2, 3], "y": [0] * 5})
    number = sp.sympify(expected).subs(sizes)
    assert values[result.results["x"].name] == (number,) * 3


def test_deltas_between_output_axes_survive() -> None:
    result = derive(trace("x**2", x="n"))
    assert evaluate(result, {"x": [1, 2, 3]})["dx"] == ((2, 0, 0), (0, 4, 0), (0, 0, 6))
    rows = derive(trace("X @ w", X="n d", w="d"), "X")
    found = evaluate(rows, {"X": [[1, 2], [3, 4]], "w": [5, 7]})["dX"]
    assert found == (((5, 7), (0, 0)), ((0, 0), (5, 7)))


# Trap 3: sharing ----------------------------------------------------------------------------


def deep(depth: int) -> Model:
    """h ← tanh(W h) + h, ``depth`` times."""
    lines = [f"h = np.tanh(W{n} @ h) + h" for n in range(depth)]
    source = "\n".join(["h = x", *lines, "return np.sum(h**2)"])
    return trace(source, x="n", **{f"W{n}": "n n" for n in range(depth)})


def test_derivations_grow_linearly_with_depth() -> None:
    lengths = [length(derive(deep(depth)).equations) for depth in (2, 4, 6, 8)]
    steps = [b - a for a, b in itertools.pairwise(lengths)]
    assert len(set(steps)) == 1, lengths


def test_squaring_again_and_again_stays_short() -> None:
    """x^(2^k), in which a flattened product would have 2^k factors."""
    counts = []
    for depth in (10, 20):
        source = "\n".join(["y = np.tanh(x)", *["y = y*y + x"] * depth, "return np.sum(y)"])
        counts.append(length(derive(trace(source, x="n")).equations))
    assert counts[1] <= 2.2 * counts[0]


def test_equal_subexpressions_are_written_once() -> None:
    model = trace("np.sum(np.tanh(W @ x)) + np.sum((W @ x)**2)", W="m n", x="n")
    products = [e for e in model.equations if {"W", "x"} <= {t.name for t in e.operands}]
    assert len(products) == 1


def test_symmetric_inputs_are_taken_as_unconstrained() -> None:
    """Trap 7: all entries are independent, G and not G + Gᵀ − diag G."""
    result = derive(trace("np.sum(S*C)", S=array("n n", symmetric=True), C="n n"), "S")
    found = evaluate(result, {"S": [[1, 2], [2, 3]], "C": [[1, 2], [3, 4]]})
    assert found["dS"] == ((1, 2), (3, 4))
