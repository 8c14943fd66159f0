"""Names are the user's: none of them changes what a kernel computes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp

# Names that generated code, printed equations or SymPy might want for themselves.
NAMES = (
    "f", "g", "h", "t", "t1", "t2", "s", "s1", "L", "L_max", "p", "q", "m", "a", "b", "i", "j", "k",
    "l", "n", "x", "y", "z", "A", "W", "E", "I", "N", "O", "Q", "S", "J", "nll", "dx", "dW", "df",
    "dL", "dh", "d2x", "value", "kernel", "out", "self", "cls", "result", "results", "numpy",
    "scipy", "sp", "sum", "max", "min", "abs", "len", "range", "int", "float", "bool", "print",
    "inputs", "sizes", "shape", "name", "names", "dtype", "source", "function", "statement", "wrt",
    "order", "along", "v", "pi", "e", "nan", "inf", "beta", "gamma", "zeta", "lamda", "exp", "log",
    "tanh", "relu", "sigmoid", "softplus", "erf", "argmax", "x_", "_x", "__x", "x__", "_", "x1",
    "x10", "θ", "λ", "Δx", "δ", "Σ", "σ", "∂x"[1:], "ñ", "x_max", "a_2", "f_2", "m_2",
)  # fmt: skip
SIZES = (*NAMES, "lambda", "in", "class", "def", "None", "for", "np", "special")
SOURCE = """
{h} = np.tanh({A} @ {b} + {c})
{q} = special.softmax({h})
return special.logsumexp({h}*{c}) + np.max({q})*{d} - np.sum({q}*{c})*np.log(1 + np.exp({d}))
"""
NEUTRAL = {"A": "uA", "b": "ub", "c": "uc", "d": "ud", "h": "uh", "q": "uq"}
SHAPES = {"A": "{r} {s}", "b": "{s}", "c": "{r}", "d": ""}
NUMBERS = {
    "A": np.array([[0.3, -1.1], [0.7, 0.2], [-0.4, 0.9]]), "b": np.array([0.8, -0.6]),
    "c": np.array([0.1, -0.7, 1.2]), "d": np.asarray(0.4),
}  # fmt: skip


def run(names: dict[str, str], sizes: dict[str, str], order: int) -> dict[str, Any]:
    """Value and derivatives of SOURCE under some names, given back under the letters of SOURCE."""
    shapes = {names[letter]: shape.format(**sizes) for letter, shape in SHAPES.items()}
    model = bp.trace(SOURCE.format(**names), **shapes)
    wrt = names["b"] if order == 2 else [names[letter] for letter in SHAPES]
    derivation = bp.derive(model, wrt=wrt, order=order)
    assert str(derivation)
    out = bp.compile(derivation)(**{names[letter]: array for letter, array in NUMBERS.items()})
    return {letter: out[name] for letter, name in (*names.items(), ("value", "value")) if name in out}


EXPECTED = {order: run(NEUTRAL, {"r": "rr", "s": "ss"}, order) for order in (1, 2)}


@settings(max_examples=150)
@given(
    names=st.lists(st.sampled_from([n for n in NAMES if n != "value"]), min_size=6, max_size=6, unique=True),
    sizes=st.lists(st.sampled_from(SIZES), min_size=2, max_size=2, unique=True),
    order=st.sampled_from((1, 2)),
)  # fmt: skip
def test_names_do_not_matter(names: list[str], sizes: list[str], order: int) -> None:
    chosen = dict(zip(NEUTRAL, names, strict=True))
    out = run(chosen, dict(zip("rs", sizes, strict=True)), order)
    assert out.keys() == EXPECTED[order].keys()
    for letter, expected in EXPECTED[order].items():
        np.testing.assert_allclose(out[letter], expected, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_for_input_size_and_intermediate(name: str) -> None:
    model = bp.trace(f"{name}_b = np.tanh({name})\nreturn np.sum({name}_b**2)", **{name: name})
    x = np.array([0.3, -0.5])
    derivation = bp.derive(model, wrt=name)
    out = bp.compile(derivation)(**{name: x})
    gradient = 2 * np.tanh(x) * (1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(np.asarray(derivation[name] is not None), True)
    if name == "value":  # the one name that a result has already
        pytest.fail("an input called value and the value are one key: refuse one")
    np.testing.assert_allclose(out[name], gradient, rtol=1e-12)
    np.testing.assert_allclose(out["value"], np.sum(np.tanh(x) ** 2), rtol=1e-12)


def test_an_input_called_value_is_refused_or_kept_apart() -> None:
    try:
        out = bp.compile(bp.derive(bp.trace("value**2", value=""), wrt="value"))(value=3.0)
    except bp.BackproofError as error:
        assert "value" in str(error)
    else:
        pytest.fail(f"value and its derivative are one key of {out}")


@pytest.mark.parametrize("name", ["np", "special"])
def test_the_two_modules_cannot_be_inputs(name: str) -> None:
    with pytest.raises(bp.BackproofError, match=name):
        bp.trace(f"np.sum({name})", **{name: "n"})


@pytest.mark.parametrize("written", ["µ", "ſ", "ª"])
def test_letters_that_python_reads_as_others(written: str) -> None:
    """Python reads identifiers in the normal form NFKC; names given as strings must follow."""
    model = bp.trace(f"{written}**2", **{written: ""})
    (name,) = model.inputs
    out = bp.compile(bp.derive(model))(**{name: 3.0})
    assert float(out["value"]) == 9
    assert float(out[name]) == 6


@pytest.mark.parametrize("name", ["1x", "a b", "", "x-y", "x.y", "lambda", "None", "x;import os"])
def test_names_that_no_source_can_say_are_refused(name: str) -> None:
    with pytest.raises(bp.BackproofError):
        bp.trace("1 + x", x="", **{name: ""})


@pytest.mark.parametrize("shape", ["n-", "n m]", "n;m", "f(n)", "n**n", "-1", "0.5", "n/2", "1e3", "'n'"])
def test_shapes_that_cannot_be_read_are_refused(shape: str) -> None:
    with pytest.raises(bp.BackproofError):
        bp.compile(bp.trace("np.sum(x)", x=shape))
