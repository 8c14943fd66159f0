"""Losses at logits of ±1000, however they are written: right to a few ulp, in both precisions.

The reference is the definition, evaluated by mpmath with enough digits that nothing cancels.  What
is compared is the rounded kernel with the exact value at the same floating-point inputs.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import backproof as bp

DTYPES = ("float64", "float32")
ULPS = 8
mpmath.mp.dps = 60


def sigma(z: Any) -> Any:
    """1/(1 + exp(−z))"""
    return 1 / (1 + mpmath.exp(-mpmath.mpf(float(z))))


def softplus(z: Any) -> Any:
    """log(1 + exp z), where 1 + exp z may need a thousand digits."""
    z = mpmath.mpf(float(z))
    return max(z, 0) + mpmath.log1p(mpmath.exp(-abs(z)))


def exactly(values: list[Any]) -> np.ndarray:
    """The nearest doubles, in which results are compared."""
    return np.array([float(value) for value in values])


def assert_close(found: Any, exact: Any, dtype: str, scale: Any = 0.0, ulps: float = ULPS) -> None:
    """Within some ulp of each exact entry, or of `scale` where that is larger; never NaN."""
    found, exact = np.asarray(found, float), np.asarray(exact, float)
    kind = np.finfo(dtype)
    allowed = ulps * kind.eps * np.maximum(np.abs(exact), scale) + float(kind.tiny)
    assert found.shape == exact.shape
    off = np.abs(found - exact)
    assert (off <= allowed).all(), (
        f"found {found}, exact {exact}, off by {off / allowed * ulps} ulp"
    )


# Entry by entry: relative to each entry, however small ---------------------------------------

FAR = (
    -1000,
    -745,
    -104,
    -88,
    -50,
    -30,
    -17,
    -2,
    -0.5,
    -1e-4,
    1e-4,
    0.5,
    3,
    17,
    30,
    50,
    88,
    104,
    710,
    1000,
)
SOFTPLUS = (
    "np.log(1 + np.exp(z))", "np.log(np.exp(z) + 1)", "np.log1p(np.exp(z))", "np.logaddexp(0, z)",
    "np.logaddexp(z, 0)", "-np.log(special.expit(-z))", "-np.log(1/(1 + np.exp(z)))",
    "-np.log(1 - special.expit(z))", "-special.log_expit(-z)", "np.log(1 + 1/np.exp(-z))",
    "e = np.exp(z)\nu = 1 + e\nreturn np.log(u)", "p = special.expit(-z)\nreturn -np.log(p)",
    "p = 1/(1 + np.exp(-z))\nreturn -np.log(1 - p)",
    "p = special.expit(z)\nq = 1 - p\nreturn -np.log(q)",
    "e = np.exp(z)\np = e/(1 + e)\nreturn -np.log(1 - p)",
    "-np.log1p(-special.expit(z))", "np.log(np.exp(0) + np.exp(z))",
)  # fmt: skip
SIGMOID = (
    "special.expit(z)", "1/(1 + np.exp(-z))", "np.exp(z)/(1 + np.exp(z))", "1 - special.expit(-z)",
    "np.exp(special.log_expit(z))", "e = np.exp(-z)\nreturn 1/(e + 1)", "(1 + np.exp(-z))**-1",
    "e = np.exp(z)\nd = 1 + e\nreturn e/d", "1 - 1/(1 + np.exp(z))",
)  # fmt: skip


def entrywise(source: str, dtype: str, order: int) -> Any:
    """The derivative of the sum of an entrywise expression, at FAR."""
    body = source if "return" in source else f"return {source}"
    body = body.replace("return ", "return np.sum(w*(") + "))"
    model = bp.trace(body, z="n", w="n")
    z = np.asarray(FAR, dtype)
    along = {"order": 2, "along": "v"} if order == 2 else {}
    kernel = bp.compile(bp.derive(model, wrt="z", **along), dtype=dtype)
    ones = np.ones_like(z)
    return z, kernel(z=z, w=ones, **({"v": ones} if order == 2 else {}))["z"]


def value_of(source: str, dtype: str) -> tuple[np.ndarray, Any]:
    """The entrywise expression itself, at FAR."""
    z = np.asarray(FAR, dtype)
    return z, bp.compile(bp.trace(source, z="n"), dtype=dtype)(z=z)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", SOFTPLUS)
def test_softplus_and_its_derivative(source: str, dtype: str) -> None:
    z, value = value_of(source, dtype)
    assert_close(value, exactly([softplus(x) for x in z]), dtype)
    z, first = entrywise(source, dtype, 1)
    assert_close(first, exactly([sigma(x) for x in z]), dtype)
    z, second = entrywise(source, dtype, 2)
    # σ (1 − σ): the second factor is exact to ulps of one, and so is the product
    assert_close(second, exactly([sigma(x) * sigma(-x) for x in z]), dtype, scale=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", SIGMOID)
def test_sigmoid_and_its_derivative(source: str, dtype: str) -> None:
    z, value = value_of(source, dtype)
    assert_close(value, exactly([sigma(x) for x in z]), dtype)
    z, first = entrywise(source, dtype, 1)
    assert_close(first, exactly([sigma(x) * sigma(-x) for x in z]), dtype, scale=1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_and_its_derivative(dtype: str) -> None:
    z, value = value_of("np.tanh(z)", dtype)
    assert_close(value, exactly([mpmath.tanh(float(x)) for x in z]), dtype)
    z, first = entrywise("np.tanh(z)", dtype, 1)
    assert_close(first, exactly([mpmath.sech(float(x)) ** 2 for x in z]), dtype, scale=1)


# Losses ----------------------------------------------------------------------------------

BERNOULLI = (
    "np.logaddexp(0, z) - y*z",
    "np.log(1 + np.exp(z)) - y*z",
    "-(y*np.log(special.expit(z)) + (1 - y)*np.log(1 - special.expit(z)))",
    "-(y*special.log_expit(z) + (1 - y)*special.log_expit(-z))",
    "y*np.logaddexp(0, -z) + (1 - y)*np.logaddexp(0, z)",
    "p = 1/(1 + np.exp(-z))\nreturn -(y*np.log(p) + (1 - y)*np.log(1 - p))",
    "p = special.expit(z)\nreturn -y*np.log(p) - (1 - y)*np.log(1 - p)",
    "p = special.expit(z)\nreturn -np.where(y > 0.5, np.log(p), np.log(1 - p))",
    "p = special.expit(z)\nq = 1 - p\nreturn -y*np.log(p) - (1 - y)*np.log(q)",
    "s = 2*y - 1\nreturn np.log(1 + np.exp(-s*z))",
    "np.maximum(z, 0) - y*z + np.log(1 + np.exp(-np.abs(z)))",
    "np.maximum(z, 0) - y*z + np.log1p(np.exp(-np.abs(z)))",
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", BERNOULLI)
def test_bernoulli_losses(source: str, dtype: str) -> None:
    body = source if "return" in source else f"return {source}"
    model = bp.trace(body.replace("return ", "return np.sum(") + ")", z="n", y="n")
    kernel = bp.compile(bp.derive(model, wrt="z"), dtype=dtype)
    for label in (0.0, 1.0):
        for x in np.asarray(FAR, dtype):
            out = kernel(z=[x], y=[label])
            exact = softplus(x) if label == 0 else softplus(-x)
            assert_close(out["value"], float(exact), dtype, scale=abs(float(x)))
            assert_close(out["z"], exactly([sigma(x) - label]), dtype, scale=1)


CATEGORICAL = (
    "return np.mean(special.logsumexp(z, axis=1) - z[np.arange(z.shape[0]), t])",
    "return -np.mean(special.log_softmax(z, axis=1)[np.arange(z.shape[0]), t])",
    "p = special.softmax(z, axis=1)\nreturn -np.mean(np.log(p[np.arange(z.shape[0]), t]))",
    "p = special.softmax(z, axis=1)\nl = np.log(p)\nreturn -np.mean(l[np.arange(z.shape[0]), t])",
    "p = special.softmax(z, axis=1)\nq = p[np.arange(z.shape[0]), t]\nreturn -np.mean(np.log(q))",
    "p = np.exp(z)/np.sum(np.exp(z), axis=1, keepdims=True)\n"
    "return -np.mean(np.log(p[np.arange(z.shape[0]), t]))",
    "e = np.exp(z)\np = e/e.sum(axis=1, keepdims=True)\n"
    "return -np.sum(np.log(p[np.arange(z.shape[0]), t]))/z.shape[0]",
    "e = np.exp(z)\np = e/e.sum(axis=1)[:, None]\n"
    "return -np.sum(np.log(p[np.arange(z.shape[0]), t]))/z.shape[0]",
    "e = np.exp(z)\ns = np.sum(e, axis=1)\nreturn np.mean(np.log(s) - z[np.arange(z.shape[0]), t])",
    "m = z.max(axis=1, keepdims=True)\ne = np.exp(z - m)\np = e/e.sum(axis=1, keepdims=True)\n"
    "return -np.mean(np.log(p[np.arange(z.shape[0]), t]))",
    "z = z - np.max(z, axis=1, keepdims=True)\n"
    "p = np.exp(z)/np.sum(np.exp(z), axis=1, keepdims=True)\n"
    "return -np.mean(np.log(p[np.arange(z.shape[0]), t]))",
    "z = z - np.max(z, axis=1, keepdims=True)\n"
    "l = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))\n"
    "return -np.mean(l[np.arange(z.shape[0]), t])",
    "l = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))\n"
    "return -np.mean(l[np.arange(z.shape[0]), t])",
    "l = z - special.logsumexp(z, axis=1, keepdims=True)\n"
    "return -np.mean(l[np.arange(z.shape[0]), t])",
)
ONE_HOT = (
    "return np.mean(special.logsumexp(z, axis=1) - np.sum(Y*z, axis=1))",
    "return -np.mean(np.sum(Y*special.log_softmax(z, axis=1), axis=1))",
    "p = special.softmax(z, axis=1)\nreturn -np.mean(np.sum(Y*np.log(p), axis=1))",
    "e = np.exp(z)\np = e/e.sum(axis=1, keepdims=True)\nreturn -np.sum(Y*np.log(p))/z.shape[0]",
)
LOGITS = (
    (0, 0, 0), (1000, 0, -1000), (-1000, -1000, -1000), (1000, 1000.5, 999), (1000, 1000, -1000),
    (-1000, -999.5, -1001), (1e-3, -1e-3, 0), (30, 0, -30), (1000, 970, 940), (100, 12, -3),
)  # fmt: skip


def check_categorical(out: dict[str, Any], logits: np.ndarray, label: int, dtype: str) -> None:
    """One row: the loss, relative to the largest logit; the gradient, relative to one."""
    exact = [mpmath.mpf(float(x)) for x in logits]
    total = mpmath.log(sum(mpmath.exp(x) for x in exact))
    p = [mpmath.exp(x - total) for x in exact]
    scale = float(max(abs(x) for x in exact))
    assert_close(out["value"], float(total - exact[label]), dtype, scale=scale)
    gradient = exactly([q - (j == label) for j, q in enumerate(p)])
    assert_close(np.ravel(out["z"]), gradient, dtype, scale=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", CATEGORICAL)
def test_categorical_losses(source: str, dtype: str) -> None:
    model = bp.trace(source, z="n k", t=bp.array("n", dtype=int, below="k"))
    kernel = bp.compile(bp.derive(model, wrt="z"), dtype=dtype)
    for logits in LOGITS:
        for label in range(3):
            rows = np.asarray([logits], dtype)
            check_categorical(kernel(z=rows, t=[label]), rows[0], label, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", ONE_HOT)
def test_one_hot_losses(source: str, dtype: str) -> None:
    kernel = bp.compile(bp.derive(bp.trace(source, z="n k", Y="n k"), wrt="z"), dtype=dtype)
    for logits in LOGITS:
        for label in range(3):
            rows = np.asarray([logits], dtype)
            check_categorical(kernel(z=rows, Y=np.eye(3)[[label]]), rows[0], label, dtype)


SOFTMAX = (
    "special.softmax(z)", "np.exp(z)/np.sum(np.exp(z))", "np.exp(special.log_softmax(z))",
    "e = np.exp(z - np.max(z))\nreturn e/np.sum(e)", "np.exp(z - special.logsumexp(z))",
    "e = np.exp(z)\nreturn e/np.sum(e)", "np.exp(z - np.log(np.sum(np.exp(z))))",
)  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("source", SOFTMAX)
def test_softmax(source: str, dtype: str) -> None:
    kernel = bp.compile(bp.derive(bp.trace(source, z="k")), dtype=dtype)
    for logits in LOGITS:
        z = np.asarray(logits, dtype)
        exact = [mpmath.mpf(float(x)) for x in z]
        total = mpmath.log(sum(mpmath.exp(x) for x in exact))
        p = [mpmath.exp(x - total) for x in exact]
        out = kernel(z=z)
        assert_close(out["value"], exactly(p), dtype, scale=1)
        jacobian = [[float(p[i] * ((i == j) - p[j])) for j in range(3)] for i in range(3)]
        assert_close(out["z"], jacobian, dtype, scale=1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("likelihood", ["bernoulli", "categorical"])
def test_networks_at_the_ends(likelihood: str, dtype: str) -> None:
    model = bp.networks.mlp([3, 3], likelihood=likelihood)
    kernel = bp.compile(bp.derive(model), dtype=dtype)
    for logits in LOGITS:
        x = np.asarray([logits], dtype)
        y = np.array([1]) if likelihood == "categorical" else np.array([[0.0, 1.0, 1.0]])
        out = kernel(x=x, y=y, W1=np.eye(3, dtype=dtype), b1=np.zeros(3, dtype))
        if likelihood == "categorical":
            check_categorical({"value": out["value"], "z": out["b1"]}, x[0], 1, dtype)
            continue
        loss = softplus(x[0, 0]) + softplus(-x[0, 1]) + softplus(-x[0, 2])
        assert_close(out["value"], float(loss), dtype, scale=1000)
        gradient = [sigma(x[0, 0]), sigma(x[0, 1]) - 1, sigma(x[0, 2]) - 1]
        assert_close(out["b1"], exactly(gradient), dtype, scale=1)


# The energy and the log-partition of each unit, with its fields, in mpmath.
DENSITIES: dict[str, Callable[..., Any]] = {
    "gaussian": lambda y, z: (y - z) ** 2 / 2 + mpmath.log(2 * mpmath.pi) / 2,
    "bernoulli": lambda y, z: softplus(z) - y * z,
    "poisson": lambda y, z: mpmath.exp(z) - y * z + mpmath.loggamma(y + 1),
    "laplace": lambda y, z: abs(y - z) + mpmath.log(2),
    "heteroscedastic": lambda y, z, s: (
        (y - z) ** 2 * mpmath.exp(-s) / 2 + s / 2 + mpmath.log(2 * mpmath.pi) / 2
    ),
}
SLOPES: dict[str, Callable[..., Any]] = {
    "gaussian": lambda y, z: (z - y,),
    "bernoulli": lambda y, z: (sigma(z) - y,),
    "poisson": lambda y, z: (mpmath.exp(z) - y,),
    "laplace": lambda y, z: (mpmath.sign(z - y),),
    "heteroscedastic": lambda y, z, s: (
        (z - y) * mpmath.exp(-s),
        (1 - (y - z) ** 2 * mpmath.exp(-s)) / 2,
    ),
}
ENDS = (-1000, -745, -170, -30, -1, 0, 0.5, 30, 88, 170, 710, 1000)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("likelihood", DENSITIES)
def test_units_at_the_ends(likelihood: str, dtype: str) -> None:
    """Value and slopes of each unit for fields of ±1000: right, or infinite where that is right.

    In single precision a standard deviation e^(s/2) is a number for s up to ±170 only.
    """
    kernel = bp.compile(bp.derive(bp.networks.mlp([1, 1], likelihood=likelihood)), dtype=dtype)
    heads = ("b1", "b1_s") if likelihood == "heteroscedastic" else ("b1",)
    counts = likelihood in ("poisson", "bernoulli")
    other = {"W1_s": np.zeros((1, 1))} if len(heads) > 1 else {}
    largest = float(np.finfo(dtype).max)
    for z in ENDS:
        for s in ENDS if len(heads) > 1 else (0,):
            if dtype == "float32" and abs(s) > 170:
                continue
            for y in (0, 1) if counts else (0, z, 1000):
                fields = (z, s)[: len(heads)]
                given = {name: np.full(1, value) for name, value in zip(heads, fields, strict=True)}
                with np.errstate(over="ignore", invalid="ignore"):
                    out = kernel(x=[[0.0]], y=[[float(y)]], W1=[[0.0]], **given, **other)
                at = tuple(mpmath.mpf(v) for v in (y, *fields))
                found = [out["value"], *(out[name][0] for name in heads)]
                exact = [DENSITIES[likelihood](*at), *SLOPES[likelihood](*at)]
                for got, right in zip(found, exact, strict=True):
                    if abs(right) > largest:
                        assert got == float(mpmath.sign(right)) * np.inf
                    else:
                        scale = max(abs(float(t)) for t in (right, *fields))
                        assert_close(got, float(right), dtype, scale=min(scale, largest), ulps=64)


def test_a_loss_of_ulps_is_found() -> None:
    close: Callable[[float], None] = lambda x: assert_close(x, 1.0, "float64")  # noqa: E731
    close(1 + 4 * np.finfo(float).eps)
    for wrong in (1 + 1e-14, np.nan, np.inf):
        with pytest.raises(AssertionError):
            close(wrong)
