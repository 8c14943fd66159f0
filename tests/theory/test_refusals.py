"""Bad input: one clear error that names the object, what was found and expected, the next move."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace
from laws.refusals import refused

SHAPES = {"x": "n", "y": "m", "A": "m n"}
LABELS = array("n", dtype=int, below="k")


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("A @ y", 1, ["sizes n and m", "transpose"]),
        ("A.T @ x", 1, ["sizes m and n"]),
        ("x + y", 1, ["broadcast", "sizes n and m", "equal sizes or one"]),
        ("np.exp(A * y)", 8, ["broadcast", "sizes n and m"]),
        ("np.sum(A, axis=2)", 1, ["axis", "found 2", "-2 … 1"]),
        ("np.sum(A, axis='rows')", 1, ["axis", "'rows'", "integer"]),
        ("np.max(A, axis=(0, 0))", 1, ["axis", "(0, 0)", "once"]),
        ("A[0, 0, 0]", 1, ["3 subscripts", "at most 2"]),
        ("np.trace(A)", 1, ["(m, n)", "square"]),
        ("np.outer(A, x)", 1, ["np.outer", "two vectors"]),
        ("np.einsum('ij,i->j', A, x)", 1, ["np.einsum", "i of sizes m and n"]),
        ("np.einsum('ij,j->k', A, x)", 1, ["np.einsum", "output k"]),
        ("np.einsum('ij,j->ii', A, x)", 1, ["np.einsum", "output ii"]),
        ("np.einsum('ij', A, x)", 1, ["np.einsum", "2 operands", "1"]),
        ("np.einsum('ijk', A)", 1, ["np.einsum", "ijk for 2 axes"]),
        ("np.einsum('i...', A)", 1, ["np.einsum", "'i...'"]),
        ("np.einsum(A, x)", 1, ["np.einsum", "string"]),
        ("np.transpose(A, (0, 0))", 1, ["transpose", "each axis once"]),
    ],
)
def test_wrong_shapes(source: str, column: int, words: list[str]) -> None:
    refused(lambda: trace(source, **SHAPES), *words, place=(1, column))


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("np.sum(z)", 8, ["unknown name z", "x, y, A", "declare"]),
        ("x @ X.T", 5, ["unknown name X", "declare"]),
        ("x + wieght", 5, ["unknown name wieght"]),
        ("math.exp(1)*x", 1, ["unknown name math", "np, special"]),
        ("open('file')", 1, ["unknown name open"]),
        ("__import__('os').system('ls')", 1, ["unknown name __import__"]),
        ("x[n]", 3, ["unknown name n"]),
    ],
)
def test_unknown_names(source: str, column: int, words: list[str]) -> None:
    refused(lambda: trace(source, **SHAPES), *words, place=(1, column))


def test_a_close_name_is_offered() -> None:
    refused(lambda: trace("np.sum(weigth)", weight="n"), "did you mean weight?", place=(1, 8))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("np.summ(x)", ["numpy.summ", "use numpy.sum"]),
        ("np.sort(x)", ["sort", "np.max"]),
        ("np.fft.fft(x)", ["numpy.fft.fft"]),
        ("special.beta(x, x)", ["scipy.special.beta"]),
        ("x.foo()", [".foo", ".sum()"]),
        ("x.real", [".real"]),
        ("x(3)", ["call", "function"]),
        ("x and y", ["test on data", "np.where"]),
        ("0 < x < 1", ["chained", "split it"]),
        ("f'{x}'", ["JoinedStr"]),
        ("x + {'a': x}", ["a dict", "a real array"]),
        ("np.sum(x, out=y)", ["out=", "drop out="]),
        ("np.sum(*[x])", ["Starred"]),
        ("x*1j", ["1j", "real number"]),
        ("x*np.nan", ["numpy.nan"]),
        ("x*np.inf", ["the value oo"]),
        ("np.sum(x) if np.sum(x) > 0 else x", ["test on data", "np.where"]),
        ("x[x > 0]", ["index"]),
        ("x['a']", ["index", "integer"]),
        ("x[0.5]", ["index", "1/2", "integer"]),
        ("np.where(x, x, x)", ["np.where", "comparison", "z > 0"]),
        ("np.linalg.svd(A)", ["np.linalg.svd", "full_matrices=True", "compute_uv=False"]),
        ("np.linalg.cond(A, p=1)", ["inverse", "(m, n)", "a square matrix"]),
        ("np.linalg.cond(A @ A.T, p=3)", ["np.linalg.norm", "ord=3 of a matrix"]),
        ("scipy.linalg.solve_triangular(A @ A.T, x, trans=2)", ["solve_triangular", "trans=2"]),
        ("scipy.linalg.cho_solve(A @ A.T, x)", ["cho_solve", "no pair", "cho_factor"]),
        ("np.linalg.norm(A, ord=3)", ["np.linalg.norm", "ord=3 of a matrix", "'fro', 'nuc', 1, 2"]),
    ],
)
def test_unsupported_operations(source: str, words: list[str]) -> None:
    message = refused(lambda: trace(source, **SHAPES), *words)
    assert "line 1, column" in message


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("np.sum(x, initial=5)", "initial"),
        ("np.sum(x, where=x > 0)", "where"),
        ("np.max(x, initial=5)", "initial"),
        ("np.mean(A, where=A > 0)", "where"),
        ("special.logsumexp(x, b=x)", "'b'"),
        ("np.pad(x, 1, constant_values=3)", "3"),
        ("np.pad(x, 1, mode='edge')", "edge"),
        ("np.ravel(A, order='K')", "'K'"),
        ("np.reshape(A, (-1,), order='A')", "'A'"),
        ("np.zeros(3, dtype=int) + np.sum(x)", "int"),
        ("x.astype(int)", "int"),
        ("np.cov(A, fweights=x)", "fweights"),
        ("np.median(A)", "np.max"),
        ("np.sum(x)*10**10**10", "usual"),
        ("np.take(A, np.arange(2))", "axis"),
    ],
)
def test_no_argument_is_dropped_in_silence(source: str, word: str) -> None:
    """What NumPy would take into account and the library does not is refused by its name."""
    refused(lambda: trace(source, **SHAPES), word, place=(1, 1))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x*1e400", "inf"),
        ("x/0", "zoo"),
        ("x*(1/0)", "zoo"),
        ("np.log(0)*x", "zoo"),
        ("np.log(-1)*x", "I"),
        ("x + np.sqrt(-1)", "I"),
        ("np.var(x, ddof=3)", "zoo"),
    ],
)
def test_constants_that_are_no_numbers(source: str, value: str) -> None:
    message = refused(
        lambda: trace(source, x="3"),
        "number",
        f"found {'' if value == 'inf' else 'the value '}{value}",
    )
    assert "line 1, column" in message


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("A[0, 0] = 1\nreturn A", 1, ["in-place change of A", "caller's array", "A.copy()"]),
        ("z = x.T\nz[0] = 1\nreturn z", 2, ["in-place change of z", "also be x", "z.copy()"]),
        ("z = x*2\nw = z[1:]\nz[0] = 1\nreturn np.sum(w)", 3, ["also be w"]),
        ("z = x*2\nw = [z]\nz += 1\nreturn w[0]", 3, ["also be w"]),
        ("z = x*2\nz[np.arange(2)*0] = 1\nreturn z", 2, ["written twice", "np.add.at"]),
        ("z = x*2\nz += A\nreturn z", 2, ["shape", "larger array"]),
        ("x += 1\nreturn np.sum(x)", 1, ["in-place change of x", "caller's array", "x = x"]),
        ("z = x\nz += 1\nreturn np.sum(z)", 2, ["in-place change of z", "also be x"]),
        ("z = x*2\nw = z\nz *= 3\nreturn w", 3, ["in-place change of z", "also be w"]),
        ("if x[0] > 0:\n    return x\nreturn -x", 1, ["test on data", "np.where"]),
        ("z = x\nwhile True:\n    z = z + 1\nreturn z", 2, ["'While'"]),
        ("for q in x:\n    x = x + 1\nreturn x", 1, ["build on each other", "array operations"]),
        ("try:\n    return x\nexcept ValueError:\n    pass", 1, ["'Try'"]),
        ("with x:\n    return x", 1, ["'With'"]),
        ("x + 1\nreturn x", 1, ["dropped", "assign"]),
        ("z = np.array([0, 0])\nz[0] = x[0]\nreturn z", 2, ["whole numbers", "0.0"]),
        ("b = np.zeros(3)\nfor q in range(len(x)):\n    b[0] = x[q]\nreturn b", 2, ["build on"]),
        (
            "b = x*1\nfor q in range(len(x)):\n    b[q] = x[q]\n    b[q] = 2*x[q]\nreturn b",
            2,
            ["build on each other", "bind the size"],
        ),
        ("a, b = x\nreturn a", 1, ["rows for 2 names", "index it"]),
        ("z = x\nreturn", 2, ["no value", "return an expression"]),
    ],
)
def test_statements_that_are_refused(source: str, line: int, words: list[str]) -> None:
    refused(lambda: trace(source, **SHAPES), *words, place=(line, 1))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("z = x + 1", ["no return statement", "add 'return …'"]),
        ("x +", ["line 1", "Python syntax"]),
        ("z = x\nz = = x\nreturn z", ["line 2", "Python syntax"]),
        ("", ["line 1"]),
        ("return x, 3", ["result 2", "the constant 3", "a real array"]),
        ("z = 2 * x\nreturn z, z", ["twice", "return each once"]),
        ("()", ["nothing", "different arrays"]),
        ("return {'a': x, 'a': y}", ["dictionary", "name each"]),
        ("return {'a': x, 'b': x > 0}", ["source, b", "Condition", "a real array"]),
        ("{}", ["dictionary"]),
        ("3", ["the constant 3", "a real array"]),
        ("x > 0", ["a real array"]),
        ("np.argmax(x)", ["a real array"]),
        ("lambda q: q", ["a real array"]),
    ],
)
def test_results_that_are_refused(source: str, words: list[str]) -> None:
    refused(lambda: trace(source, **SHAPES), *words)


def test_a_position_off_the_axis() -> None:
    for source in ("x[5]", "x[-4]", "x[3]"):
        refused(lambda source=source: trace(source, x="3"), "size 3", "from 0", place=(1, 1))


def test_labels() -> None:
    z = "z[np.arange(z.shape[0]), t]"
    other = {"z": "n k", "t": array("n", dtype=int, below="j")}
    refused(lambda: trace(z, **other), "below j", "size k", place=(1, 1))
    longer = {"z": "n k", "t": array("m", dtype=int, below="k")}
    refused(lambda: trace(z, **longer), "sizes n and m", place=(1, 1))
    refused(lambda: derive(trace(z, z="n k", t=LABELS), "t"), "t, an integer array", "drop it")


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"x": "n", "n": ""}, ["n as a number and as a size", "rename n"]),
        ({"x": "n", "np": "n"}, ["the name np", "rename"]),
        ({"x": "n m)"}, ["'m)'", "size names"]),
        ({"x": "0"}, ["the size 0", "positive"]),
        ({"x": "-1"}, ["'-1'"]),
        ({"x": "2.5"}, ["'2.5'"]),
        ({"x": "n/2"}, ["'n/2'"]),
        ({"x": "n-n"}, ["the size 0"]),
        ({"x": "__import__('os')"}, ["integers and size names"]),
        ({"x": 3}, ["the shape 3", "'b n'"]),
        ({"x": None}, ["the shape None"]),
    ],
)
def test_declarations_in_a_trace(shapes: dict[str, Any], words: list[str]) -> None:
    refused(lambda: trace("x", **shapes), *words)


@pytest.mark.parametrize(
    ("declare", "words"),
    [
        (lambda: array("n", dtype=complex), ["dtype", "float or int"]),
        (lambda: array("n", dtype=int), ["without below", "below='k'"]),
        (lambda: array("n", below="k"), ["below=k", "dtype=int"]),
        (lambda: array("n", dtype=int, below=0), ["the size 0"]),
        (lambda: array("n", dtype=int, below="k k"), ["'k k'"]),
        (lambda: array("n n", diagonal=True), ["assumption diagonal", "symmetric"]),
        (lambda: array((3.5, "n")), ["'3.5'"]),
        (lambda: array(None), ["None"]),
        (lambda: array("m n", positive_definite=True), ["(m, n)", "'n n'"]),
        (lambda: array("n", symmetric=True), ["symmetric", "'n n'"]),
        (lambda: array("T= n"), ["'T='", "'T=8'"]),
        (lambda: array("T=n"), ["'T=n'"]),
        (lambda: array("2=n"), ["'2=n'"]),
        (lambda: trace("x @ y", x="T=2", y="T=3"), ["T=3 and T=2", "bind it once"]),
    ],
)
def test_declarations_of_arrays(declare: Callable[[], Any], words: list[str]) -> None:
    refused(declare, *words)


def two(x: Any, y: Any) -> Any:
    return np.sum(x * y)


OUTSIDE = np.ones(3)


def with_array(x: Any) -> Any:
    return np.sum(x * OUTSIDE)


def starred(*xs: Any) -> Any:
    return np.sum(xs[0])


def test_functions() -> None:
    refused(lambda: trace(two, x="n"), "no shape for the argument y", "y='…'")
    refused(lambda: trace(two, x="n", y="n", z="n"), "shape for z", "x, y")
    refused(lambda: trace(with_array, x="n"), "OUTSIDE", "ndarray", "declare OUTSIDE")
    refused(lambda: trace(starred, x="n"), "starred")
    refused(lambda: trace(np.sin, x="n"), "ufunc", "Python function")
    refused(lambda: trace(3), "int", "source string")  # type: ignore[arg-type]


def loss() -> Model:
    return trace("np.sum((A @ x - y)**2)", **SHAPES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"wrt": "z"}, ["unknown name z", "x, y, A, t1"]),
        ({"wrt": 3}, ["unknown name 3"]),
        ({"wrt": ()}, ["no names", "wrt='name'"]),
        ({"wrt": "x", "order": 3}, ["order=3", "order 1, or 2"]),
        ({"wrt": "x", "order": 0}, ["order=0"]),
        ({"wrt": "x", "along": "v"}, ["order=1 with along", "order=2"]),
        ({"wrt": "x", "order": 2, "along": "A"}, ["name A", "free name"]),
        ({"wrt": "x", "order": 2, "along": "n"}, ["name n", "free name"]),
        ({"wrt": "x", "order": 2, "along": "t1"}, ["name t1", "free name"]),
        ({"wrt": "x", "order": 2, "along": "v w"}, ["name v w"]),
        ({"wrt": ("x", "A"), "order": 2, "along": {"x": "v"}}, ["no direction for A"]),
        ({"wrt": "x", "order": 2, "along": {"x": "v", "A": "w"}}, ["direction for A", "drop"]),
        ({"wrt": ("x", "A"), "order": 2, "along": {"x": "v", "A": "v"}}, ["name v"]),
    ],
)
def test_derivations_that_are_refused(arguments: dict[str, Any], words: list[str]) -> None:
    refused(lambda: derive(loss(), **arguments), *words)


def test_a_hessian_of_a_vector() -> None:
    vector = trace("A @ x", **SHAPES)
    refused(lambda: derive(vector, "x", order=2), "order=2", "shape (m)", "a scalar", "sum")
    refused(lambda: derive(vector, "x", order=2, along="v"), "shape (m)", "a scalar")


def test_results_by_name() -> None:
    refused(lambda: derive(loss(), "x")["A"], "no result for A", "one of x", "'A'")
