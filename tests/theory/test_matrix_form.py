"""Matrix notation is valid NumPy that computes the equation, or there is none.

Every matrix form of every sample and of every case on file is run on random arrays of unequal
sizes and compared with the equation's value by definition (`backproof.theory.evaluation.exact`).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pykatex
import pytest
import scipy.linalg
import sympy as sp
from scipy import special

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.declarations import array, size
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.evaluation.exact import environment
from backproof.theory.notation import Delta, Entry, Index, Ones, Tensor
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex
from backproof.theory.trace.tracing import trace
from laws.latex_reading import matrix_latex_reads_back
from laws.models import DIGITS, SAMPLES, TWICE, Sample
from laws.statements import precise, random_arguments

FILE = Path(__file__).parents[1] / "cases" / "matrix_calculus.json"
ON_FILE = json.loads(FILE.read_text("utf-8"))
SIZES = ON_FILE["meta"]["dims_used"][0]
CASES = {case["id"]: case for case in ON_FILE["cases"]}
UNREACHED = ("rbm_exact_nll_W",)  # statements that `trace` refuses


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def arrays(values: Mapping[str, Any], g: Any) -> dict[str, Any]:
    """Nested numbers as arrays, labels as integers."""
    kinds = {t.name: t.dtype for e in g.equations for t in (e.tensor, *e.operands)}
    return {
        name: np.array(value, dtype=int if kinds.get(name) == "integer" else float)
        for name, value in values.items()
    }


def forms_hold(g: Derivation, inputs: Mapping[str, Any], sizes: Mapping[str, int]) -> int:
    """Each matrix form, run as NumPy, is the equation's value; how many there were."""
    here = environment(g, inputs, sizes)
    known = arrays(here.values, g)
    count = 0
    for equation in g.equations:
        if re.search("(eigen|singular_)vectors", str(equation)):  # determined up to signs only
            continue
        printed = matrix_form(equation, g)
        if printed is None:
            assert matrix_latex(equation, g) is None
            continue
        name, expected = equation.tensor.name, known[equation.tensor.name]
        scope = {"np": np, "scipy": scipy, "special": special, **sizes, **known}
        del scope[name]
        exec(printed, scope)
        assert np.shape(scope[name]) == expected.shape, printed
        assert np.allclose(scope[name], expected, rtol=1e-9, atol=1e-11), printed
        formula = matrix_latex(equation, g)
        if formula is not None:
            pykatex.renderToString(formula, displayMode=True, strict=pykatex.STRICT_ERROR)
        count += 1
    return count


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_gradients(sample: Sample, tally: Callable[[str, int], None]) -> None:
    g = derive(sample.model())
    sizes = sample.assignments()[0]
    tally("matrix forms run", forms_hold(g, sample.inputs(g.arguments, sizes, seed=3), sizes))


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_second_derivatives(sample: Sample, tally: Callable[[str, int], None]) -> None:
    sizes = sample.assignments()[0]
    for along in (None, "direction"):
        g = derive(sample.model(), sample.twice, order=2, along=along)
        tally("matrix forms run", forms_hold(g, sample.inputs(g.arguments, sizes, seed=3), sizes))


@pytest.mark.parametrize("name", [name for name in CASES if name not in UNREACHED])
def test_cases_on_file(name: str, tally: Callable[[str, int], None]) -> None:
    case = CASES[name]
    shapes = {n: array(" ".join(v["shape"])) for n, v in case["inputs"].items()}
    m = trace(case["expr"], **shapes)
    g = derive(m, case["wrt"], order=1 if m.output.shape else case.get("order", 1))
    inputs, sizes = random_arguments(g, positive=tuple(shapes), sizes=SIZES)
    numbers = {n: precise(v) for n, v in inputs.items()}
    tally("matrix forms run", forms_hold(g, numbers, sizes))


# how it looks -------------------------------------------------------------------------------


def lines(source: str, wrt: str, **shapes: Any) -> list[str | None]:
    """The matrix forms of a derivation."""
    g = derive(trace(source, **shapes), wrt)
    return [matrix_form(e, g) for e in g.equations]


def test_a_network() -> None:
    source = """
    Z = X @ W1 + c1
    H = np.tanh(Z)
    S = H @ W2 + c2
    return -np.mean(special.log_softmax(S, axis=1)[np.arange(X.shape[0]), t])"""
    t = array("N", dtype=int, below="k")
    m = trace(source, X="N d", W1="d h", c1="h", W2="h k", c2="k", t=t)
    g = derive(m, ("W1", "c1", "W2", "c2"))
    assert [matrix_form(e, g) for e in g.equations] == [
        "Z = X @ W1 + c1",
        "H = np.tanh(Z)",
        "S = H @ W2 + c2",
        "L = special.logsumexp(S, axis=1)",
        "t1 = S - L[:, None]",
        "f = -np.sum(t1[np.arange(len(t)), t]) / N",
        "p = special.softmax(S, axis=1)",
        "dS = (p - np.eye(k)[t]) / N",
        "dH = dS @ W2.T",
        "dZ = (1 - H**2) * dH",
        "dW1 = X.T @ dZ",
        "dc1 = np.sum(dZ, axis=0)",
        "dW2 = H.T @ dS",
        "dc2 = np.sum(dS, axis=0)",
    ]
    assert [matrix_latex(g[name], g) for name in ("S", "W2", "c2", "dZ")] == [
        r"S = H W^{(2)} + \mathbf{1} c^{(2)\top}",
        r"\bar{W}^{(2)} = H^{\top} \bar{S}",
        r"\bar{c}^{(2)} = \bar{S}^{\top} \mathbf{1}",
        r"\bar{Z} = (1 - H^{\odot 2}) \odot \bar{H}",
    ]


@pytest.mark.parametrize(
    ("source", "wrt", "shapes", "expected"),
    [
        ("np.trace(X @ X @ X @ X)", "X", {"X": "n n"}, "dX = 4 * (X @ X @ X).T"),
        ("x @ A @ y", "x", {"x": "m", "A": "m n", "y": "n"}, "dx = A @ y"),
        ("x @ A @ y", "y", {"x": "m", "A": "m n", "y": "n"}, "dy = A.T @ x"),
        ("np.sum(X @ w)", "X", {"X": "n m", "w": "m"}, "dX = np.outer(np.ones(n), w)"),
        ("np.sum(X)", "X", {"X": "n m"}, "dX = np.ones((n, m))"),
        ("np.sum(x) + 0*np.sum(y)", "x", {"x": "n", "y": "n"}, "dx = np.ones(n)"),
        ("np.sum(x) + 0*np.sum(y)", "y", {"x": "n", "y": "n"}, "dy = np.zeros(n)"),
        ("np.sum(A * B)", "A", {"A": "m n", "B": "m n"}, "dA = B"),
        ("np.sum(A * B.T)", "A", {"A": "m n", "B": "n m"}, "dA = B.T"),
        ("np.trace(A @ B)", "A", {"A": "m n", "B": "n m"}, "dA = B.T"),
        ("np.trace(A)", "A", {"A": "n n"}, "dA = np.eye(n)"),
        ("np.sum(np.diag(A)*x)", "x", {"A": "n n", "x": "n"}, "dx = np.diag(A)"),
        ("np.sum(np.diag(A)*x)", "A", {"A": "n n", "x": "n"}, "dA = np.diag(x)"),
        ("np.sum(w*(X @ v))", "X", {"w": "n", "X": "n m", "v": "m"}, "dX = np.outer(w, v)"),
        (
            "np.trace(X.T @ np.diag(w) @ X @ B)",
            "B",
            {"w": "n", "X": "n m", "B": "m m"},
            "dB = X.T @ (w[:, None] * X)",
        ),
        ("np.sum(X[0]*v)", "v", {"X": "n m", "v": "m"}, "dv = X[0]"),
        ("np.sum(X[:, 0]*v)", "v", {"X": "n m", "v": "n"}, "dv = X[:, 0]"),
    ],
)
def test_forms(source: str, wrt: str, shapes: dict[str, str], expected: str) -> None:
    assert lines(source, wrt, **shapes)[-1] == expected


@pytest.mark.parametrize(
    ("source", "shapes", "expected"),
    [
        ("np.trace(A @ B @ C)", {"A": "m n", "B": "n k", "C": "k m"}, "f = np.trace(A @ B @ C)"),
        ("np.sum(A * B)", {"A": "m n", "B": "m n"}, "f = np.sum(A * B)"),
        ("np.sum(A**2)", {"A": "m n"}, "f = np.sum(A**2)"),
        ("np.sum(A @ B)", {"A": "m n", "B": "n k"}, "f = np.sum(A, axis=0) @ np.sum(B, axis=1)"),
        ("x @ x / 2", {"x": "n"}, "f = x @ x / 2"),
        ("A @ B @ x", {"A": "m n", "B": "n k", "x": "k"}, "f = A @ B @ x"),
        ("np.sum(A @ B, axis=1)", {"A": "m n", "B": "n k"}, "f = A @ np.sum(B, axis=1)"),
        ("np.trace(A)", {"A": "n n"}, "f = np.trace(A)"),
        ("np.sum(A, axis=0)", {"A": "m n"}, "f = np.sum(A, axis=0)"),
        ("A * (B @ C)", {"A": "m k", "B": "m n", "C": "n k"}, "f = A * (B @ C)"),
        ("x[:, None] - y", {"x": "m", "y": "n"}, "f = x[:, None] - y"),
        ("np.max(A, axis=0)", {"A": "m n"}, "f = np.max(A, axis=0)"),
        ("np.exp(T)", {"T": "a b c"}, "f = np.exp(T)"),
        ("np.kron(A, B)", {"A": "m n", "B": "k l"}, None),
        ("np.einsum('bij,bjk->bik', A, B)", {"A": "b m n", "B": "b n k"}, None),
    ],
)
def test_statements(source: str, shapes: dict[str, str], expected: str | None) -> None:
    m = trace(source, **shapes)
    found = [matrix_form(e, m) for e in m.equations]
    if expected is None:
        assert found[-1] is None
    else:
        value, name = expected.partition(" = ")[2], m.output.name
        assert found[-1] == f"{name} = {value}"


def test_a_jacobian_keeps_its_identity() -> None:
    assert lines("np.tanh(W @ x)", "x", W="m n", x="n")[-2:] == [
        "dt1 = np.diag(1 - f**2)",
        "dx = dt1 @ W",
    ]
    assert lines("3*x", "x", x="n")[-1] == "dx = 3 * np.eye(n)"


N, M = size("N"), size("M")
n, m = Index("n", N), Index("m", M)
one = sp.S.One


def form(tensor: Tensor, at: tuple[Index, ...], *terms: Contraction) -> str | None:
    equation = Equation(tensor, at, Sum(terms))
    assert (matrix_latex(equation) is None) == (matrix_form(equation) is None)
    return matrix_form(equation)


def test_what_only_indices_can_say_has_no_matrix_form() -> None:
    f = Tensor("f", (N, M))
    cube = Tensor("T", (N, M, N))
    k = Index("k", N)
    assert form(f, (n, m), Contraction(one, (Entry(cube, (n, m, k)),), (k,))) is None
    X = Tensor("X", (N, M))
    three = tuple(Entry(X, (i, m)) for i in (n, k, Index("l", N)))
    box = Tensor("f", (N, N, N))
    assert form(box, (n, k, Index("l", N)), Contraction(one, three, (m,))) is None


def test_a_size_called_like_a_tensor_is_not_written_down() -> None:
    f = Tensor("N", (N,))
    assert matrix_form(Equation(f, (n,), Sum((Contraction(one, (Ones(n),)),)))) is None


def test_broadcasting_fills_every_axis() -> None:
    f = Tensor("f", (N, M))
    u, v = Entry(Tensor("u", (N,)), (n,)), Entry(Tensor("v", (M,)), (m,))
    row, column = Contraction(one, (u, Ones(m))), Contraction(-one, (v, Ones(n)))
    assert form(f, (n, m), row, column) == "f = u[:, None] - v"
    assert form(f, (n, m), row) == "f = np.outer(u, np.ones(M))"
    assert form(f, (n, m), column) == "f = -np.outer(np.ones(N), v)"
    assert form(f, (n, m), Contraction(N, (Ones(n), Ones(m)))) == "f = N * np.ones((N, M))"
    other = Index("k", N)
    square = Tensor("f", (N, N))
    identity = Contraction(2 / N, (Delta(n, other),))
    assert form(square, (n, other), identity) == "f = 2 * np.eye(N) / N"


def test_the_latex_of_a_matrix_form_reads_back() -> None:
    g = derive(trace("x @ (A + B.T) @ x/3", x="n", A="n n", B="n n"), ("x", "A"))
    inputs, sizes = random_arguments(g)
    here = environment(g, {name: precise(v) for name, v in inputs.items()}, sizes)
    assert all(matrix_latex_reads_back(e, g, here) for e in g.equations)
