"""Kernels in C beside NumPy's and beside recorded values, and what the cache and threads do."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.c_compiler import needs_c

import backproof as bp
from backproof.numerics.native import compiler, matrix_products
from backproof.numerics.native.entrance import entrance_type
from laws.regression import SHAPES, SOURCE, numbers

pytestmark = [
    needs_c,
    pytest.mark.filterwarnings("error::RuntimeWarning"),
]
GRADIENT = bp.derive(bp.trace(SOURCE, **SHAPES), wrt=("X", "W", "b", "c"))


def agree(found: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float) -> None:
    """The same names, and arrays whose entries agree to a share of the largest."""
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert np.shape(found[name]) == np.shape(array)
        scale = max(np.max(np.abs(array), initial=0.0), 1e-3)
        off = np.max(np.abs(np.asarray(found[name], float) - array), initial=0.0)
        assert off <= tolerance * scale, f"{name} is off by {off / scale:.1e}"


# What it computes --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_agrees_with_numpy(dtype: str) -> None:
    native = bp.compile(GRADIENT, dtype=dtype, backend="c")
    assert native.backend == "c"
    for n, sizes in enumerate(((3, 4, 2), (1, 5, 3), (7, 1, 4), (130, 70, 9), (2, 3, 1))):
        inputs = numbers(*sizes, seed=n)
        found = native(**inputs)
        agree(found, bp.compile(GRADIENT)(**inputs), 1e-12 if dtype == "float64" else 3e-5)
        assert {np.asarray(array).dtype for array in found.values()} == {np.dtype(dtype)}


def test_a_convolutional_network_with_ties() -> None:
    """Of equal entries of a window the first one, row by row, has the derivative: as in NumPy."""
    model = bp.networks.convolutional("N 1 9 9", [2, 3], 4, kernel=2)
    gradient = bp.derive(model, wrt=("x", *model.parameters))
    random = np.random.default_rng(1)
    shapes = {name: tuple(map(int, t.shape)) for name, t in model.parameters.items()}
    whole = {"x": (3, 1, 9, 9), **shapes}  # small whole numbers tie all the time
    inputs = {n: random.integers(-1, 2, shape).astype(float) for n, shape in whole.items()}
    inputs["y"] = np.array([0, 3, 1])
    one, two = bp.compile(gradient, backend="c")(**inputs), bp.compile(gradient)(**inputs)
    for name in two:
        np.testing.assert_allclose(one[name], two[name], rtol=1e-12, atol=1e-13)


def test_sizes_change_without_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = bp.compile(GRADIENT, backend="c")
    monkeypatch.setattr(compiler, "build", None)
    for n in (1, 2, 100, 3, 2):
        inputs = numbers(n=n, d=n + 1)
        agree(kernel(**inputs), bp.compile(GRADIENT)(**inputs), 1e-12)


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("np.linalg.slogdet(A)[1] + np.sum(np.linalg.inv(A) @ x)", {"A": "n n", "x": "n"}),
        ("np.sum(special.digamma(x + 1)*x) + special.gammaln(s)", {"x": "n", "s": ""}),
        ("np.sum(special.log_ndtr(np.outer(x, y)), axis=0)", {"x": "n", "y": "m"}),
    ],
)
def test_numpy_computes_what_c_cannot(source: str, shapes: Mapping[str, str]) -> None:
    derived = bp.derive(bp.trace(source, **shapes))
    native = bp.compile(derived, backend="c")
    assert "By NumPy" in native.source
    random = np.random.default_rng(1)
    for n in (2, 5):
        extents = {"n": n, "m": 3}
        drawn = {
            name: random.uniform(0.2, 1, [extents[s] for s in shape.split()])
            for name, shape in shapes.items()
        }
        agree(native(**drawn), bp.compile(derived)(**drawn), 1e-11)


def test_layouts_and_types_of_inputs() -> None:
    native = bp.compile(GRADIENT, backend="c")
    plain = numbers()
    expected = bp.compile(GRADIENT)(**plain)
    other = {name: np.asfortranarray(array) for name, array in plain.items()}
    other |= {"t": plain["t"].astype(np.int8), "b": plain["b"].tolist(), "c": np.float32(0.3)}
    found = native(**other)
    expected = bp.compile(GRADIENT)(**{**plain, "c": float(np.float32(0.3))})
    agree(found, expected, 1e-12)


def test_nobody_waits_for_the_quick_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is compiled calls cross through ctypes, and give the same bits."""
    begun: Future[Any] = Future()
    monkeypatch.setattr("backproof.numerics.native.kernel.entrance", lambda: begun)
    native, inputs = bp.compile(GRADIENT, backend="c"), numbers()
    first = native(**inputs)
    assert native._enter is None
    begun.set_result(entrance_type())
    agree(native(**inputs), first, 0.0)
    assert (native._enter is None) == (entrance_type() is None)
    agree(native(**inputs), first, 0.0)


def test_results_are_the_callers_own() -> None:
    native = bp.compile(GRADIENT, backend="c")
    first = native(**numbers())
    kept = {name: np.copy(array) for name, array in first.items()}
    for array in native(**numbers(seed=1)).values():
        if np.ndim(array):
            array[...] = np.nan
    agree(first, kept, 0.0)
    agree(native(**numbers()), kept, 0.0)


def test_threads_share_a_kernel() -> None:
    native = bp.compile(GRADIENT, backend="c")
    inputs = [numbers(n=40 + n % 3, d=30, k=5, seed=n) for n in range(8)]
    expected = [native(**one) for one in inputs]
    gate = threading.Barrier(2)

    def work(start: int) -> None:
        gate.wait()
        for n in range(200):
            which = (start + n) % len(inputs)
            agree(native(**inputs[which]), expected[which], 0.0)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, 0), pool.submit(work, 3)]:
            done.result()


def test_threads_share_the_panels_of_a_convolution() -> None:
    """Each thread packs in memory of its own."""
    model = bp.networks.convolutional("N 1 12 12", [3], 4, kernel=3)
    native = bp.compile(bp.derive(model), backend="c")
    random = np.random.default_rng(2)
    shapes = {name: tuple(map(int, t.shape)) for name, t in model.parameters.items()}
    fixed = {name: random.normal(size=shape) for name, shape in shapes.items()}
    inputs = [
        {**fixed, "x": random.normal(size=(n, 1, 12, 12)), "y": random.integers(4, size=n)}
        for n in (500, 501, 540)
    ]
    expected = [native(**one) for one in inputs]
    gate = threading.Barrier(2)

    def work(start: int) -> None:
        gate.wait()
        for n in range(20):
            which = (start + n) % len(inputs)
            agree(native(**inputs[which]), expected[which], 0.0)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, 0), pool.submit(work, 1)]:
            done.result()


def test_products_are_recorded_as_steps() -> None:
    model = bp.networks.convolutional("N 1 8 8", [2], 3, kernel=3)
    steps = bp.compile(bp.derive(model), backend="c").steps
    rules = [step.rule for step in steps]
    assert rules.count("contraction by steps") == 2  # the convolution and its gradient
    assert "product of matrices" in rules
    assert any("summed u, v" in step.because for step in steps)


def test_blas_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert matrix_products.large(16) < matrix_products.large(32) == matrix_products.large(64)
    monkeypatch.setenv("BACKPROOF_BLAS", "0")
    assert matrix_products.large(64) == 0
    monkeypatch.setenv("BACKPROOF_BLAS", "often")
    with pytest.raises(bp.BackproofError, match="whole number of multiplications"):
        matrix_products.large(64)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_blas_computes_the_same(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = numbers(60, 70, 50)
    expected = bp.compile(GRADIENT)(**inputs)
    monkeypatch.setenv("BACKPROOF_BLAS", "0")
    matrix_products.matrix_products.cache_clear()
    try:
        found = bp.compile(GRADIENT, dtype=dtype, backend="c")(**inputs)
    finally:
        monkeypatch.delenv("BACKPROOF_BLAS")
        matrix_products.matrix_products.cache_clear()
        matrix_products.matrix_products(dtype == "float32")  # the library is one of the process
    agree(found, expected, 1e-12 if dtype == "float64" else 3e-5)


# What it refuses ---------------------------------------------------------------------------


def test_sums_of_nothing_are_zero_and_maxima_refused() -> None:
    shorter = bp.trace("np.sum(x[1:]*y)", x="n", y="n-1")
    derived = bp.derive(shorter)
    one = {"x": np.ones(1), "y": np.ones(0)}
    agree(bp.compile(derived, backend="c")(**one), bp.compile(derived)(**one), 0.0)
    largest = bp.compile(bp.trace("np.max(x[1:])", x="n"), backend="c")
    with pytest.raises(bp.BackproofError, match="at least one entry"):
        largest(x=np.ones(1))


def test_bad_input_is_refused_as_by_numpy() -> None:
    native = bp.compile(GRADIENT, backend="c")
    for name, bad in (
        ("t", np.array([0, 1, 2])),
        ("X", np.full((3, 4), np.nan)),
        ("X", np.ones((3, 5))),
        ("b", np.ones((2, 1))),
    ):
        messages = []
        for kernel in (native, bp.compile(GRADIENT)):
            with pytest.raises(bp.BackproofError) as caught:
                kernel(**{**numbers(), name: bad})
            messages.append(str(caught.value))
        assert messages[0] == messages[1]


def test_a_division_by_a_size_of_zero() -> None:
    variance = bp.compile(bp.trace("np.var(x, ddof=1)", x="n"), backend="c")
    with pytest.raises(bp.BackproofError, match="division by zero with n = 1"):
        variance(x=np.ones(1))


def test_extended_precision_is_refused() -> None:
    with pytest.raises(bp.BackproofError, match="float64 or float32"):
        bp.compile(GRADIENT, dtype="longdouble", backend="c")


# The compiler and its cache ----------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("damage", [b"", b"no library", None])
def test_a_damaged_file_is_made_again(empty: Path, damage: bytes | None) -> None:
    source = "int number(void) { return 42; }\n"
    path = compiler.library(source)
    assert compiler.sound(path)
    content = path.read_bytes()
    path.unlink()  # a new file: this process may have mapped the old one
    path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert not compiler.sound(path)
    assert compiler.loaded(compiler.library(source)).number() == 42
    assert compiler.sound(path)
    assert [file.suffix for file in empty.iterdir()] == [".so"]


def test_processes_that_store_at_once_leave_one_whole_file(empty: Path) -> None:
    source = "int number(void) { return 43; }\n"
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(compiler.library, [source] * 4))
    (path,) = paths
    assert compiler.sound(path)
    assert list(empty.iterdir()) == [path]


@pytest.mark.sweep
def test_processes_that_compile_at_once(empty: Path) -> None:
    """Each finds nothing, compiles everything, and computes; whole files are left."""
    code = (
        "import backproof as bp\n"
        "k = bp.compile(bp.trace('np.sum(np.tanh(A @ x))', A='m n', x='n'), backend='c')\n"
        "print(k.backend, k(A=[[0.5, 2.0]], x=[1.0, -1.0]))\n"
    )
    several = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    (told,) = {process.communicate()[0] for process in several}
    backend, value = told.split()
    assert backend == "c"
    assert float(value) == pytest.approx(np.tanh(-1.5), rel=1e-14)
    assert all(compiler.sound(path) for path in empty.iterdir())
    assert {path.suffix for path in empty.iterdir()} == {".so"}


def test_without_a_compiler_numpy_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.warns(RuntimeWarning, match="no C compiler") as caught:
        kernel = bp.compile(GRADIENT, backend="c")
    assert len(caught) == 1
    assert kernel.backend == "numpy"
    agree(kernel(**numbers()), bp.compile(GRADIENT)(**numbers()), 0.0)


def test_a_folder_that_takes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path / "file" / "folder"))
    with pytest.warns(RuntimeWarning, match="takes no files"):
        kernel = bp.compile(GRADIENT, backend="c")
    assert kernel.backend == "numpy"


# Wrong code is found -----------------------------------------------------------------------

MUTANTS = {
    "a sum that starts over": ("acc += ", "acc = "),
    "a tanh that is none": ("vtanh(", "relu("),
    "a step beyond": ("gemm(n, k, d, 1", "gemm(n, k, d - 1, 1"),
    "a bias forgotten": ("&b[0], &t1[0][0]", "0, &t1[0][0]"),
    "a label elsewhere": ("[t[i]]", "[0]"),
    "a factor": ("1 - square(", "1 + square("),
    "a mean that is a sum": ("-1.0/(double)n", "-1.0"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_the_source_are_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = MUTANTS[name]
    kernel = bp.compile(GRADIENT, backend="c")
    assert right in kernel.source, kernel.source
    library = compiler.library
    monkeypatch.setattr(
        "backproof.numerics.native.crossing.library",
        lambda source, *options: library(source.replace(right, wrong), *options),
    )
    mutant = bp.compile(GRADIENT, backend="c")
    inputs = numbers(n=5)
    with pytest.raises(AssertionError, match="is off by"):
        agree(mutant(**inputs), kernel(**inputs), 1e-6)
