"""Names are the user's: none of them changes what a kernel computes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import backproof as bp

# Names that generated code, printed equations or SymPy might want for themselves.
NAMES = (
    "f", "g", "h", "t", "t1", "t2", "s", "s1", "L", "L_max", "p", "q", "m", "a", "b", "i", "j", "k",
    "l", "n", "x", "y", "z", "A", "W", "E", "I", "N", "O", "Q", "S", "J", "nll", "dx", "dW", "df",
    "dL", "dh", "d2x", "kernel", "out", "self", "cls", "result", "results",
    "sp", "sum", "max", "min", "abs", "len", "range", "int", "float", "bool", "print",
    "inputs", "sizes", "shape", "name", "names", "dtype", "source", "function", "statement", "wrt",
    "order", "along", "v", "pi", "e", "nan", "inf", "beta", "gamma", "zeta", "lamda", "exp", "log",
    "tanh", "relu", "sigmoid", "softplus", "erf", "argmax", "x_", "_x", "__x", "x__", "_", "x1",
    "x10", "θ", "λ", "Δx", "δ", "Σ", "σ", "ñ", "x_max", "a_2", "f_2", "m_2",
)  # fmt: skip
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
    found = (*names.items(), ("value", "value"))
    return {letter: out[name] for letter, name in found if name in out}


EXPECTED = {order: run(NEUTRAL, {"r": "rr", "s": "ss"}, order) for order in (1, 2)}


@settings(max_examples=150)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=6, max_size=6, unique=True),
    sizes=st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True),
    order=st.sampled_from((1, 2)),
)
def test_names_do_not_matter(names: list[str], sizes: list[str], order: int) -> None:
    chosen = dict(zip(NEUTRAL, names, strict=True))
    assume(chosen["d"] not in sizes)  # a number and a size of one name are refused, below
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
    np.testing.assert_allclose(out[name], gradient, rtol=1e-12)
    np.testing.assert_allclose(out["value"], np.sum(np.tanh(x) ** 2), rtol=1e-12)


def test_an_input_called_value_is_refused() -> None:
    """Its derivative and the value would be one key of the results."""
    with pytest.raises(bp.BackproofError, match="value"):
        bp.compile(bp.derive(bp.trace("value**2", value=""), wrt="value"))


@pytest.mark.parametrize("name", ["np", "special", "numpy"])
def test_the_modules_cannot_be_inputs(name: str) -> None:
    with pytest.raises(bp.BackproofError, match=name):
        bp.trace(f"np.sum({name})", **{name: "n"})


def test_a_number_and_a_size_of_one_name_are_refused() -> None:
    with pytest.raises(bp.BackproofError, match="n"):
        bp.trace("np.sum(x)*n", x="n", n="")


@pytest.mark.parametrize(("written", "read"), [("µ", "μ"), ("ſ", "s"), ("ª", "a")])
def test_letters_that_python_reads_as_others(written: str, read: str) -> None:
    """Python reads identifiers in the normal form NFKC; names given as strings follow it."""
    try:
        model = bp.trace(f"{written}**2", **{written: ""})
    except bp.BackproofError as error:
        told = str(error)
        assert read in told, told
        return
    out = bp.compile(bp.derive(model))(**{next(iter(model.inputs)): 3.0})
    assert sorted(map(float, out.values())) == [6, 9]


@pytest.mark.parametrize("name", ["1x", "a b", "", "x-y", "x.y", "lambda", "None", "x;import os"])
def test_names_that_no_source_can_say_are_refused(name: str) -> None:
    with pytest.raises(bp.BackproofError):
        bp.trace("1 + x", x="", **{name: ""})


UNREADABLE = ("n-", "n m]", "n;m", "f(n)", "-1", "0.5", "n/2", "1e3", "'n'", "lambda", "n+-", "()")


@pytest.mark.parametrize("shape", UNREADABLE)
def test_shapes_that_cannot_be_read_are_refused(shape: str) -> None:
    with pytest.raises(bp.BackproofError):
        bp.trace("np.sum(x)", x=shape)


KEYWORDS = ("lambda", "in", "class", "None", "np", "special", "x", "y", "W1", "b1", "z1", "J", "N")


def network(widths: list[str], penalty: str) -> bp.Model | str:
    """A linear network with these names, or why it is refused."""
    try:
        return bp.networks.mlp(widths, likelihood="gaussian", penalty={"l2": penalty})
    except bp.BackproofError as error:
        return str(error)


PAIRS = [*((name, "λ") for name in KEYWORDS), *(("k", name) for name in KEYWORDS)]


@pytest.mark.parametrize(("width", "penalty"), PAIRS)
def test_names_of_widths_and_penalties_are_right_or_refused(width: str, penalty: str) -> None:
    model = network(["d", width], penalty)
    if isinstance(model, str):
        assert (width if penalty == "λ" else penalty) in model
        return
    numbers = {"x": np.ones((2, 3)), "y": np.zeros((2, 2)), "W1": np.ones((2, 3))}
    out = bp.compile(bp.derive(model))(**numbers, b1=np.zeros(2), **{penalty: 0.5})
    # z = 3 and J = 2·3²/2 + log(2π) + λ·6
    np.testing.assert_allclose(out["b1"], [3.0, 3.0])
    np.testing.assert_allclose(out["W1"], np.full((2, 3), 4.0))
    np.testing.assert_allclose(out["value"], 12 + np.log(2 * np.pi))


def test_a_name_of_a_model_may_be_that_of_a_module_of_the_code() -> None:
    source = "vectors = 2 * x\nreturn np.logaddexp(0, vectors) + vectors"
    kernel = bp.compile(bp.trace(source, x="n"))
    assert "vectors." in kernel.program.source
    x = np.linspace(-3, 3, 600)
    np.testing.assert_allclose(kernel(x=x), np.log1p(np.exp(2 * x)) + 2 * x, rtol=1e-14)


@pytest.mark.parametrize("name", ["kernel", "len"])
def test_names_that_the_code_itself_needs(name: str) -> None:
    kernel = bp.compile(bp.trace(f"{name} = 2 * x\nreturn {name} * np.tanh({name})", x="n"))
    given = bp.compile(bp.trace(f"{name} * np.tanh({name})", **{name: "n"}))
    x = np.linspace(-3, 3, 7)
    for _ in range(2):
        np.testing.assert_allclose(kernel(x=x), 2 * x * np.tanh(2 * x), rtol=1e-14)
        np.testing.assert_allclose(given(**{name: x}), x * np.tanh(x), rtol=1e-14)
