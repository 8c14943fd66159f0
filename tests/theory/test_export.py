"""Equations in plain SymPy have the value of the equations, and expansions are explicit."""

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array, size
from backproof.theory.evaluation.exact import environment
from backproof.theory.evaluation.export import scalar_expansion, to_sympy
from backproof.theory.trace.tracing import trace
from laws.meaning import export_says_the_same, has_indexed_form
from laws.models import DIGITS, SAMPLES, Sample
from laws.refusals import refused

LABELS = array("n", dtype=int, below="k")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_exported_equations(sample: Sample) -> None:
    with mpmath.workdps(DIGITS):
        sizes = sample.assignments()[1]
        result = derive(sample.model())
        here = environment(result, sample.inputs(result.arguments, sizes, seed=12), sizes)
        for equation in result.equations:
            if has_indexed_form(equation):
                export_says_the_same(equation, here)


def test_sums_and_deltas() -> None:
    equation = derive(trace("np.sum(x[:, None]*y) - x[0]", x="n", y="m"), "x")["x"]
    i, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")
    y = sp.IndexedBase("y", shape=(size("m"),), real=True)
    dx = sp.IndexedBase("dx", shape=(size("n"),), real=True)
    total = sp.Sum(y[j], (j, 0, size("m") - 1)) - sp.KroneckerDelta(i, 0)
    assert to_sympy(equation) == sp.Eq(dx[i], total)


def test_a_maximum_is_a_function_of_its_range() -> None:
    model = trace("X.max(axis=1)", X="n d")
    assert str(to_sympy(model[model.output.name])) == "Eq(m[i], max(X[i, j], (j, 0, d - 1)))"


def test_labels_are_subscripts() -> None:
    model = trace("z[np.arange(z.shape[0]), t]", z="n k", t=LABELS)
    assert str(to_sympy(model["f"])) == "Eq(f[i], z[i, t[i]])"


def test_an_expansion_is_in_sympy_functions() -> None:
    expression, symbols = scalar_expansion(
        trace("special.expit(W @ x)", W="m n", x="n"), {"m": 1, "n": 2}
    )
    (row,), (x0, x1) = symbols["W"], symbols["x"]
    assert [s.name for s in row] == ["W_0_0", "W_0_1"]
    assert expression == (1 / (1 + sp.exp(-row[0] * x0 - row[1] * x1)),)


def test_an_expansion_with_labels() -> None:
    model = trace("z[np.arange(z.shape[0]), t]", z="n k", t=LABELS)
    expression, symbols = scalar_expansion(model, {"n": 2, "k": 3}, {"t": [2, 0]})
    assert expression == (symbols["z"][0][2], symbols["z"][1][0])
    refused(lambda: scalar_expansion(model, {"n": 2, "k": 3}), "t:", "labels", "integers")
    refused(lambda: scalar_expansion(model, {"n": 2, "k": 3}, {"t": [3, 0]}), "t:", "label 3")


def test_expansions_that_are_refused() -> None:
    refused(lambda: scalar_expansion(trace("x @ x", x="n"), {}), "no value for n")
    clash = trace("x @ x + x_0", x="n", x_0="")
    refused(lambda: scalar_expansion(clash, {"n": 2}), "x_0", "rename")
    position = trace("X[np.arange(X.shape[0]), np.argmax(X, axis=1)]", X="n d")
    refused(lambda: scalar_expansion(position, {"n": 1, "d": 2}), "comparison", "X_0_1")
