"""Exact evaluation: numbers known by hand, sizes told by shapes, and what is refused."""

from typing import Any

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array, size
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.evaluation.exact import environment, evaluate, evaluate_rhs
from backproof.theory.notation import Affine, Entry, Index, Tensor
from backproof.theory.trace.tracing import trace
from laws.refusals import refused

HALF = sp.Rational(1, 2)


def value(source: str, shapes: dict[str, Any], **inputs: Any) -> Any:
    """The output of a statement at some inputs."""
    model = trace(source, **shapes)
    return evaluate(model, inputs)[model.output.name]


def test_rationals_stay_rationals() -> None:
    found = value("np.mean((x - x.mean())**2)", {"x": "n"}, x=[1, HALF, sp.Rational(1, 3)])
    assert found == sp.Rational(13, 162)


def test_elementary_numbers_stay_exact() -> None:
    found = value("special.expit(x)", {"x": "n"}, x=[0, sp.log(3)])
    assert found == (HALF, sp.Rational(3, 4))
    assert value("special.logsumexp(x)", {"x": "n"}, x=[0, 0, 0]) == sp.log(3)


def test_floating_inputs_are_evaluated_at_the_working_precision() -> None:
    with mpmath.workdps(60):
        found = value("np.sum(np.exp(x))", {"x": "n"}, x=[mpmath.mpf(1)])
        assert mpmath.nstr(found, 50) == mpmath.nstr(mpmath.e, 50)
    assert isinstance(value("np.sum(x)", {"x": "n"}, x=[0.5, 1]), mpmath.mpf)


def test_symbols_are_numbers_too() -> None:
    a, b = sp.symbols("a b", real=True)
    assert value("np.tanh(x)", {"x": "n"}, x=[a, b]) == (sp.tanh(a), sp.tanh(b))


@pytest.mark.parametrize("numbers", [[1, 3, 2, 3], [1.0, 3.0, 2.0, 3.0]], ids=["exact", "mpmath"])
def test_the_first_of_equal_maxima_counts(numbers: list[Any]) -> None:
    model = trace("np.max(x)**2", x="n")
    result = derive(model)
    values = evaluate(result, {"x": numbers})
    assert [int(x) for x in values[result.results["x"].name]] == [0, 6, 0, 0]
    smallest = derive(trace("np.min(-x)**2", x="n"))
    values = evaluate(smallest, {"x": numbers})
    assert [int(x) for x in values[smallest.results["x"].name]] == [0, 6, 0, 0]


def test_equal_numbers_of_different_form_tie() -> None:
    first = trace("X[np.arange(X.shape[0]), np.argmax(X, axis=1)]*w", X="m n", w="m")
    numbers = [[sp.log(6), sp.log(2) + sp.log(3)], [sp.sqrt(2) * sp.sqrt(3), sp.sqrt(6) - 1]]
    values = evaluate(first, {"X": numbers, "w": [1, 1]})
    assert values["a"] == (0, 0)


def test_labels_select() -> None:
    shapes = {"z": "n k", "t": array("n", dtype=int, below="k")}
    found = value("z[np.arange(z.shape[0]), t]", shapes, z=[[1, 2, 3], [4, 5, 6]], t=[2, 0])
    assert found == (3, 4)


def window() -> Equation:
    """y[i] = Σ_p x[2i + p] w[p], a convolution with stride two."""
    n, k = size("n"), size("k")
    i, p = Index("i", n), Index("p", k)
    x, w = Tensor("x", (2 * n + k - 2,), ("m",)), Tensor("w", (k,), ("p",))
    place = Affine(sp.S.Zero, ((i, sp.Integer(2)), (p, sp.S.One)))
    term = Contraction(sp.S.One, (Entry(x, (place,)), Entry(w, (p,))), (p,))
    return Equation(Tensor("y", (n,), ("i",)), (i,), Sum((term,)))


def test_windows() -> None:
    found = evaluate(window(), {"x": [1, 2, 3, 4, 5], "w": [1, 10, 100]})
    assert found == {"y": (321, 543)}


def test_sizes_are_told_by_shapes() -> None:
    model = trace("np.sum(z)/x.shape[0]", z="2*n", x="n")
    assert evaluate(model, {"z": [1, 2, 3, 4], "x": [0, 0]})["f"] == 5
    alone = trace("np.sum(z)", z="2*n+1")
    assert environment(alone, {"z": [1, 2, 3]}).sizes == {size("n"): 1}
    given = evaluate(trace("np.mean(z)", z="L-k+1"), {"z": [1, 2]}, {"L": 4, "k": 3})
    assert given["f"] == sp.Rational(3, 2)


def test_a_pullback_is_evaluated_without_rules() -> None:
    result = derive(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m"), "W")
    step = next(s for s in result.steps if s.about is not None and s.about.name == "W")
    inputs = {"W": [[1, 2, 0], [0, 1, 1]], "x": [1, HALF, 3], "y": [0, 1]}
    here = environment(result, inputs)
    i, j = step.before.wrt.subscripts
    found = [[evaluate_rhs(step.before, here, {i: a, j: b}) for b in range(3)] for a in range(2)]
    assert found == [[4, 2, 12], [5, sp.Rational(5, 2), 15]]


MODEL = trace("z[np.arange(z.shape[0]), t] @ v", z="n k", t=array("n", dtype=int, below="k"), v="n")
GOOD = {"z": [[1, 2], [3, 4], [5, 6]], "t": [0, 1, 0], "v": [1, 2, 3]}


def test_the_good_inputs_are_good() -> None:
    assert evaluate(MODEL, GOOD)["f"] == 1 + 8 + 15


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"z": [[1, 2], [3], [5, 6]]}, ["z:", "(2)", "(1)", "one shape"]),
        ({"z": [[1, 2], [3, 4]]}, ["t:", "3 entries", "axis n", "2"]),
        ({"z": [1, 2, 3]}, ["z:", "shape (3)", "(n, k)", "2 axes"]),
        ({"v": [[1], [2], [3]]}, ["v:", "(3, 1)", "(n)"]),
        ({"v": []}, ["v:", "empty"]),
        ({"t": [0, 2, 0]}, ["t:", "label 2", "0 to 1"]),
        ({"t": [0, -1, 0]}, ["t:", "label -1", "0 to 1"]),
        ({"t": [0, 1.0, 0]}, ["t:", "label 1.0", "integers"]),
        ({"t": [0, True, 0]}, ["t:", "label True", "integers"]),
        ({"v": [1, float("nan"), 3]}, ["v:", "nan", "finite"]),
        ({"v": [1, float("inf"), 3]}, ["v:", "inf", "finite"]),
        ({"v": [1, sp.zoo, 3]}, ["v:", "zoo", "finite"]),
        ({"v": [1, sp.I, 3]}, ["v:", "I", "real"]),
        ({"v": [1, "2", 3]}, ["v:", "'2'", "numbers"]),
        ({"v": [1, True, 3]}, ["v:", "True", "numbers"]),
        ({"w": [1]}, ["name w", "t, v, z"]),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, list) else "",
)
def test_bad_inputs(changed: dict[str, Any], words: list[str]) -> None:
    refused(lambda: evaluate(MODEL, {**GOOD, **changed}), *words)


def test_a_missing_input() -> None:
    inputs = {name: v for name, v in GOOD.items() if name != "v"}
    refused(lambda: evaluate(MODEL, inputs), "no value for v", "'v'")


def test_sizes_that_cannot_be_told() -> None:
    model = trace("np.sum(z)", z="L-k+1")
    refused(lambda: evaluate(model, {"z": [1, 2]}), "z", "L - k + 1", "L, k")
    refused(lambda: evaluate(model, {"z": [1, 2]}, {"L": 4, "k": 2}), "z", "2 entries", "3")
    refused(lambda: evaluate(model, {"z": [1, 2]}, {"L": 4, "j": 2}), "j=2", "L, k", "name")
    refused(lambda: evaluate(model, {"z": [1, 2]}, {"L": 4, "k": 0}), "k=0", "positive")


@pytest.mark.parametrize("kind", [sp.Integer, mpmath.mpf], ids=["exact", "mpmath"])
def test_values_outside_of_a_domain(kind: Any) -> None:
    model = trace("np.log(x) + 1/y", x="n", y="n")
    for bad, good in (("x", "y"), ("y", "x")):
        inputs = {bad: [kind(1), kind(0)], good: [kind(1), kind(1)]}
        refused(lambda given=inputs: evaluate(model, given), "f[1]", "real number")
    negative = {"x": [kind(1), kind(-1)], "y": [kind(1), kind(1)]}
    refused(lambda: evaluate(model, negative), "f[1]", "real number")


def test_a_position_outside_of_an_axis_is_never_wrapped_around() -> None:
    refused(lambda: evaluate(trace("x[-3]*x[1]", x="n"), {"x": [1, 2]}), "x:", "-1", "size 2")


@pytest.mark.parametrize("kind", [sp.Integer, mpmath.mpf], ids=["exact", "mpmath"])
def test_sizes_inside_of_a_function(kind: Any) -> None:
    """A size is a number in a map as it is in a coefficient."""
    model = trace("np.minimum(x, x.shape[0])/2", x="n")
    (found,) = evaluate(model, {"x": [kind(1), kind(5)]}).values()
    assert [float(entry) for entry in found] == [0.5, 1.0]
