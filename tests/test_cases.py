"""Every case of matrix calculus on file: traced, derived with symbolic sizes, run at two sizes.

The cases state a function and its derivative as NumPy code.  They come from books and papers, and
were checked by finite differences and by automatic differentiation where they were written.  Here
the same code is read by `bp.trace`, and what `bp.derive` makes of it is run and compared.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

import backproof as bp

FILE = json.loads((Path(__file__).parent / "cases" / "matrix_calculus.json").read_text("utf-8"))
CASES: dict[str, Mapping[str, Any]] = {case["id"]: case for case in FILE["cases"]}
SIZES: tuple[Mapping[str, int], ...] = tuple(FILE["meta"]["dims_used"])
TOLERANCE = 1e-9  # of the largest entry, in float64
# Statements that `bp.trace` refuses today, with what each needs.  The list only shrinks: a case
# that stops working fails, and so does one that works and still stands here.
REFUSED: dict[str, str] = {}

# Inputs ------------------------------------------------------------------------------------


def spread(rows: int, columns: int, random: np.random.Generator) -> np.ndarray:
    """A matrix whose singular values lie in (0.7, 1.7), evenly spaced."""
    left = np.linalg.qr(random.normal(size=(rows, rows)))[0]
    right = np.linalg.qr(random.normal(size=(columns, columns)))[0]
    count = min(rows, columns)
    return left[:, :count] * np.linspace(0.7, 1.7, count) @ right[:, :count].T


def positive_definite(n: int, random: np.random.Generator) -> np.ndarray:
    """A symmetric matrix with eigenvalues in (0.7, 1.7)."""
    axes = np.linalg.qr(random.normal(size=(n, n)))[0]
    matrix = axes * np.linspace(0.7, 1.7, n) @ axes.T
    return (matrix + matrix.T) / 2


def one_hot(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Rows with a single one."""
    return np.eye(shape[1])[random.integers(shape[1], size=shape[0])]


Sampler = Callable[[tuple[int, ...], np.random.Generator], np.ndarray]
SAMPLERS: dict[str, Sampler] = {
    "": lambda shape, random: random.normal(size=shape),
    "symmetric": lambda shape, random: (a := random.normal(size=shape)) + a.T,
    "posdef": lambda shape, random: positive_definite(shape[0], random),
    "general": lambda shape, random: spread(*shape, random),
    "spread": lambda shape, random: spread(*shape, random),
    "positive": lambda shape, random: random.uniform(0.4, 2.0, shape),
    "prob": lambda shape, random: random.uniform(0.05, 0.95, shape),
    "simplex": lambda shape, random: random.dirichlet(np.ones(shape[0])),
    "simplex_rows": lambda shape, random: random.dirichlet(np.ones(shape[1]), shape[0]),
    "binary": lambda shape, random: random.integers(2, size=shape).astype(float),
    "pm1": lambda shape, random: 2.0 * random.integers(2, size=shape) - 1,
    "onehot": one_hot,
    "distinct": lambda shape, random: (
        random.permutation(np.arange(float(np.prod(shape)))).reshape(shape) / 3 - 0.5
    ),
}
DECLARED = {
    "symmetric": "symmetric",
    "posdef": "positive_definite",
    "positive": "positive",
    "prob": "positive",
    "simplex": "positive",
    "simplex_rows": "positive",
}


def assumption(declared: Mapping[str, Any]) -> str:
    """The one assumption of an input of the file, or the empty string."""
    (word,) = declared["assume"] or [""]
    return word


def sample(case: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Numbers for the inputs of a case, as its assumptions ask."""
    random = np.random.default_rng([len(case["id"]), *map(ord, case["id"]), *sizes.values()])
    scale = 0.3 if case["id"] == "tr_exp" else 1.0  # the file asks for small inputs there
    return {
        name: scale * SAMPLERS[assumption(declared)](extents(declared["shape"], sizes), random)
        for name, declared in case["inputs"].items()
    }


def extents(shape: list[str], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The numbers that the integer expressions of a shape stand for."""
    return tuple(int(eval(entry, {"__builtins__": {}}, dict(sizes))) for entry in shape)


# The two sides -----------------------------------------------------------------------------


def written(body: str, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """What NumPy makes of the body of a function on the file."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    names: dict[str, Any] = {"np": np, "special": special}
    exec(f"def function({', '.join(inputs)}):\n{lines}\n", names)
    return np.asarray(names["function"](**inputs))


@cache
def model(name: str) -> bp.Model | str:
    """The traced model of a case, or why it was refused."""
    case = CASES[name]
    declared = {
        given: bp.array(
            " ".join(entry.replace(" ", "") for entry in of["shape"]),
            **({DECLARED[assumption(of)]: True} if assumption(of) in DECLARED else {}),
        )
        for given, of in case["inputs"].items()
    }
    try:
        return bp.trace(case["expr"], **declared)
    except bp.UnsupportedError as error:
        return str(error)


@cache
def kernel(name: str) -> bp.Kernel:
    """The compiled derivative of a case."""
    traced, case = model(name), CASES[name]
    assert isinstance(traced, bp.Model)
    return bp.compile(bp.derive(traced, wrt=case["wrt"], order=case["order"]))


def off(found: Any, expected: np.ndarray) -> float:
    """The largest difference, in units of the largest entry; infinite for another shape or NaN."""
    if np.shape(found) != expected.shape or not np.isfinite(found).all():
        return np.inf
    difference = np.max(np.abs(found - expected), initial=0.0)
    return float(difference / max(np.max(np.abs(expected), initial=0.0), 1e-3))


# The tests ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES, ids=("first sizes", "second sizes"))
@pytest.mark.parametrize("name", CASES)
def test_case(name: str, sizes: Mapping[str, int], tally: Callable[[str, int], None]) -> None:
    case, traced = CASES[name], model(name)
    if isinstance(traced, str):
        assert name in REFUSED, f"{name} is refused: {traced}"
        pytest.skip(f"{name} ({REFUSED[name]}) is not read yet: {traced.splitlines()[0]}")
    assert name not in REFUSED, f"{name} works: take it off the list"
    inputs = sample(case, sizes)
    copies = {given: value.copy() for given, value in inputs.items()}
    out = kernel(name)(**inputs)
    value, derivative = written(case["expr"], inputs), written(case["expected"], inputs)
    assert set(out) == {"value", case["wrt"]}
    assert off(out["value"], value) <= TOLERANCE
    assert off(bp.compile(traced)(**inputs), value) <= TOLERANCE
    assert off(out[case["wrt"]], derivative) <= TOLERANCE, kernel(name).source
    assert all(np.array_equal(inputs[given], copies[given]) for given in inputs)
    tally("cases of matrix calculus that agree, at two sizes each", 1)


def test_only_cases_on_file_are_refused() -> None:
    assert set(REFUSED) <= set(CASES)


@pytest.mark.parametrize("sizes", SIZES, ids=("first sizes", "second sizes"))
def test_a_wrong_derivative_is_found(sizes: Mapping[str, int]) -> None:
    case = CASES["mc81_quad"]
    inputs = sample(case, sizes)
    derivative = kernel("mc81_quad")(**inputs)["x"]
    assert off(derivative, written("return 2*B@x", inputs)) > 1e-3
    assert off(derivative[None], written(case["expected"], inputs)) == np.inf
