"""A model of several quantities: traced, run, judged, and derived one at a time."""

import numpy as np
import pytest
import sympy as sp

from backproof.numerics.judge import verify
from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Tensor
from backproof.theory.trace.tracing import trace

SOURCE = """
shift = np.mean(x, axis=0)
centred = x - shift
return {"centred": centred, "spread": np.sum(centred**2), "x": 2 * x}
"""


def whitened() -> Model:
    """Three quantities, one of them under the name of the input."""
    return trace(SOURCE, x="n d")


def test_outputs_are_named_by_keys_or_by_what_is_returned() -> None:
    model = whitened()
    assert list(model.outputs) == list(model.results) == ["centred", "spread", "x"]
    assert [t.name for t in model.outputs.values()] == ["centred", "spread", "x_2"]
    assert model.output == model.outputs["centred"]
    assert model["x"].tensor.name == "x_2"
    listed = trace("y = x + 1\nreturn y, x * x", x="n")
    assert list(listed.outputs) == ["y", "f2"]
    assert trace("x + 1", x="n").results.keys() == {"value"}


def test_a_kernel_returns_them_by_name() -> None:
    x = np.random.default_rng(3).normal(size=(4, 3))
    found = compile(whitened())(x=x)
    expected = x - x.sum(axis=0) / 4
    np.testing.assert_allclose(found["centred"], expected, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found["spread"], np.vdot(expected, expected), rtol=1e-14)
    np.testing.assert_array_equal(found["x"], x + x)
    assert set(found) == {"centred", "spread", "x"}


def test_nan_in_any_output_is_traced_to_the_input() -> None:
    with pytest.raises(BackproofError, match="NaN"):
        compile(trace("x + 1, y + 1", x="n", y="n"))(x=[1.0], y=[np.nan])


def test_a_function_with_several_results_is_judged() -> None:
    def right(x: np.ndarray) -> tuple[np.ndarray, np.floating, np.ndarray]:
        centred = x - x.mean(axis=0)
        return centred, np.vdot(centred, centred), x + x

    def wrong(x: np.ndarray) -> dict[str, np.ndarray | np.floating]:
        centred = x - x.mean(axis=0)
        return {"x": x + x, "spread": np.vdot(x, x), "centred": centred}

    assert verify(right, against=whitened(), seed=2).verdict == "verified"
    found = verify(wrong, against=whitened(), seed=2)
    assert found.verdict == "refuted"
    assert found.outputs == {"x_2": "right", "spread": "wrong", "centred": "right"}


def test_one_of_them_is_derived() -> None:
    with pytest.raises(BackproofError, match=r"up_to\('centred'\)"):
        derive(whitened())
    gradient = derive(whitened().up_to("spread"), wrt="x")
    x = np.random.default_rng(4).normal(size=(3, 2))
    expected = 2 * (x - x.mean(axis=0))
    np.testing.assert_allclose(compile(gradient)(x=x)["x"], expected, atol=1e-14)


def test_an_output_without_an_equation_is_refused() -> None:
    x, y = Tensor("x"), Tensor("y")
    equation = Equation(y, (), Sum((Contraction(sp.Integer(2), (Entry(x),)),)))
    with pytest.raises(BackproofError, match="no equation for z"):
        Model((equation,), {"x": x}, {}, y, outputs={"z": Tensor("z")})


def test_an_output_that_is_another_array_turned_stays() -> None:
    model = trace("return {'s': np.sum(x), 'turned': x.T, 'same': x}", x="n d")
    x = np.random.default_rng(5).normal(size=(3, 2))
    found = compile(model)(x=x)
    np.testing.assert_array_equal(found["turned"], x.T)
    np.testing.assert_array_equal(found["same"], x)
