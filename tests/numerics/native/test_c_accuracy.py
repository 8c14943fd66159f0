"""The functions of ``functions.h`` beside mpmath, over the whole range of both precisions."""

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from oracles.other_processor import ran

from backproof.numerics.native import compiler
from backproof.numerics.native.accuracy import ULPS

EXACT: dict[str, Callable[[Any], Any]] = {
    "vexp": mpmath.exp,
    "vexpm1": mpmath.expm1,
    "vlog": mpmath.log,
    "vlog1p": mpmath.log1p,
    "vtanh": mpmath.tanh,
    "vsigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "vsoftplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
KINDS = {"float64": np.float64, "float32": np.float32}
COUNT = 150  # points of each kind
LOOP = """
void many_{0}(long n, const real *x, real *y)
{{
    #pragma omp simd
    for (long i = 0; i < n; i++) y[i] = {0}(x[i]);
}}
"""


@cache
def functions(dtype: str, wrong: tuple[str, str] = ("", "")) -> Any:
    """Loops over each function; the header may have one text replaced."""
    header = (compiler.HERE / "functions.h").read_text("utf-8")
    assert wrong[0] in header
    source = header.replace(*wrong) if wrong[0] else header
    source = ("#define SINGLE\n" if dtype == "float32" else "") + source
    try:
        path = compiler.library(source + "".join(LOOP.format(name) for name in ULPS))
    except compiler.NoCompilerError as error:
        pytest.skip(str(error))
    return compiler.loaded(path)


def computed(name: str, x: np.ndarray, wrong: tuple[str, str] = ("", "")) -> np.ndarray:
    """A function at many points."""
    function = functions(str(x.dtype), wrong)[f"many_{name}"]
    function.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    out = np.empty_like(x)
    function(len(x), x.ctypes.data, out.ctypes.data)
    return out


def points(name: str, dtype: str) -> np.ndarray:
    """Numbers of every size, near zero and one, and around overflow and underflow."""
    info, random = np.finfo(KINDS[dtype]), np.random.default_rng(len(name))
    least, most = np.log(float(info.smallest_subnormal)), np.log(float(info.max))
    signs = random.choice([-1.0, 1.0], COUNT)
    drawn = [
        random.normal(size=2 * COUNT),
        10 * random.normal(size=COUNT),
        signs * np.exp(random.uniform(least, 3, COUNT)),
        random.uniform(1.03 * least, 0.97 * least, COUNT),  # results are subnormal
        random.uniform(0.99 * most, 1.01 * most, COUNT // 4),  # and infinite
        1 + 1e-3 * random.normal(size=COUNT),
        np.exp(random.uniform(least, 0.999 * most, COUNT)),
    ]
    x = np.concatenate(drawn).astype(KINDS[dtype])
    if name == "vlog":
        x = np.abs(x)
    elif name == "vlog1p":
        x = np.concatenate([x[x > -1], np.expm1(-np.abs(x[:COUNT]))])
    else:
        x = x[np.abs(x) < 1e5]  # beyond, exp has long been 0 or infinite
    return x


def worst(name: str, dtype: str, wrong: tuple[str, str] = ("", "")) -> float:
    """The largest error in ulps; infinite where overflow is missed."""
    x = points(name, dtype)
    return error(name, x, computed(name, x, wrong))


def error(name: str, x: np.ndarray, results: np.ndarray) -> float:
    """The largest error of some results."""
    dtype = str(x.dtype)
    info, off = np.finfo(KINDS[dtype]), 0.0
    with mpmath.workprec(160), np.errstate(over="ignore", under="ignore"):
        for at, found in zip(x, results, strict=True):
            exact = EXACT[name](mpmath.mpf(float(at)))
            nearest = KINDS[dtype](float(exact))
            if not np.isfinite(nearest) or not np.isfinite(found):
                off = max(off, 0.0 if found == nearest else np.inf)
                continue
            ulp = max(float(np.spacing(np.abs(nearest))), float(info.smallest_subnormal))
            off = max(off, float(abs(mpmath.mpf(float(found)) - exact) / ulp))
    return off


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", ULPS)
def test_the_bound_holds(name: str, dtype: str) -> None:
    assert worst(name, dtype) <= ULPS[name]


@pytest.mark.parametrize("dtype", KINDS)
def test_special_values(dtype: str) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0] * 4, KINDS[dtype])
    half, log2 = KINDS[dtype](0.5), np.log(KINDS[dtype](2))
    nan, inf = np.nan, np.inf
    for name, expected in {
        "vexp": [nan, inf, 0, 1, 1],
        "vexpm1": [nan, inf, -1, 0, 0],
        "vlog": [nan, inf, nan, -inf, -inf],
        "vlog1p": [nan, inf, nan, 0, 0],
        "vtanh": [nan, 1, -1, 0, 0],
        "vsigmoid": [nan, 1, 0, half, half],
        "vsoftplus": [nan, inf, 0, log2, log2],
    }.items():
        found = computed(name, x)
        np.testing.assert_array_equal(found, np.array(expected * 4, KINDS[dtype]), name)
        if expected[3] == 0:  # −0 stays −0
            assert np.signbit(found[4::5]).all()
            assert not np.signbit(found[3::5]).any()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("vexp", ("1.0 / 362880;", "1.0 / 362890;")),  # one coefficient
        ("vexp", ("#define LOWEST (-746.0)", "#define LOWEST (-700.0)")),
        ("vexp", ("- whole * LN2_LOW", "")),
        ("vlog1p", ("f = n == 0 ? x : f;", "")),
        ("vexpm1", ("return x == 0 ? x : p;", "return vexp(x) - 1;")),  # cancels near zero
        ("vtanh", ("(two - R(1.0)) + p * two", "two * (R(1.0) + p) - R(1.0)")),  # so does this
        ("vtanh", ("low = -(MANTISSA + 2)", "low = -20")),  # tanh is 1 too early
        ("vlog", ("2.0 / 15", "2.0 / 16")),
    ],
)
def test_a_wrong_function_is_found(name: str, wrong: tuple[str, str]) -> None:
    assert worst(name, "float64", wrong) > ULPS[name]


MAIN = """
#include <stdio.h>
int main(void)
{{
    static real x[{0}], y[{0}];
    if (fread(x, sizeof *x, {0}, stdin) != {0}) return 1;
    many_{1}({0}, x, y);
    fwrite(y, sizeof *y, {0}, stdout);
    return 0;
}}
"""


@pytest.mark.sweep
@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", ULPS)
def test_the_bound_holds_on_another_processor(name: str, dtype: str, tmp_path: Path) -> None:
    x = points(name, dtype)
    source = "#define SINGLE\n" * (dtype == "float32") + '#include "functions.h"\n'
    source += LOOP.format(name) + MAIN.format(len(x), name)
    told = ran({"main.c": source}, tmp_path, x.tobytes())
    assert error(name, x, np.frombuffer(told, dtype)) <= ULPS[name]
