"""Kernels in C on other vectors than this machine's, by other compilers, and on another processor.

One kernel for each width by default; under the mark `sweep` all tests of C kernels, accuracy among
them, for every width and compiler.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.c_compiler import needs_c
from oracles.other_processor import ran

import backproof as bp
from backproof.numerics.native import compiler, matrix_products
from backproof.numerics.native.compiler import HERE, NATIVE

pytestmark = needs_c
TESTS = [p for p in sorted(Path(__file__).parents[2].rglob("test_c_*.py")) if p != Path(__file__)]

# Each level of x86-64, what it needs of /proc/cpuinfo, and the bytes of its vectors.
LEVELS: dict[str, tuple[set[str], int]] = {
    "x86-64": (set(), 16),
    "x86-64-v2": ({"sse4_2", "popcnt"}, 16),
    "x86-64-v3": ({"avx2", "fma", "bmi2"}, 32),
    "x86-64-v4": ({"avx512f", "avx512dq", "avx512bw", "avx512vl"}, 64),
}
GRADIENT = bp.derive(bp.networks.mlp([5, 19, 3], activation="tanh"))


def numbers(dtype: str) -> dict[str, Any]:
    """Arguments of the gradient: sizes that no vector divides."""
    random = np.random.default_rng(3)
    shapes = {"x": (37, 5), "W1": (19, 5), "b1": (19,), "W2": (3, 19), "b2": (3,)}
    drawn = {name: random.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return {**drawn, "y": random.integers(3, size=37)}


def agree(found: Mapping[str, Any], dtype: str) -> None:
    """As NumPy computes it in double precision, to a share of the largest entry."""
    expected = bp.compile(GRADIENT)(**{n: np.asarray(a) for n, a in doubled(dtype).items()})
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        off = np.max(np.abs(np.asarray(found[name], float) - array)) / np.max(np.abs(array))
        assert off <= (1e-13 if dtype == "float64" else 3e-6), f"{name} is off by {off:.1e}"


def doubled(dtype: str) -> dict[str, Any]:
    """The same numbers, exactly, in double precision."""
    return {n: a.astype(float) if n != "y" else a for n, a in numbers(dtype).items()}


def skip_unless_it_runs(level: str) -> None:
    """Skip where the processor lacks something."""
    if platform.machine() != "x86_64":
        pytest.skip(f"the processor is {platform.machine()}")
    needed = LEVELS[level][0]
    if needed and not needed <= set(compiler.processor().split()):
        pytest.skip(f"the processor has not all of {', '.join(sorted(needed))}")


@pytest.fixture
def products() -> Iterator[None]:
    """The library of products made anew, and the usual one afterwards."""
    matrix_products.matrix_products.cache_clear()
    yield
    matrix_products.matrix_products.cache_clear()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.usefixtures("products")
def test_a_kernel_at_each_width(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_unless_it_runs(level)
    monkeypatch.setenv("BACKPROOF_CFLAGS", f"-march={level}")
    try:
        width = compiler.loaded(compiler.library((HERE / "tiles.c").read_text("utf-8")))
    except compiler.NoCompilerError as error:
        pytest.skip(str(error))
    kernel = bp.compile(GRADIENT, dtype="float32", backend="c")
    assert kernel.backend == "c"
    assert compiler.ctypes.c_int.in_dll(width, "vector_bytes").value == LEVELS[level][1]
    agree(kernel(**numbers("float32")), "float32")


def test_options_of_the_environment_count(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "int number(void) { return NUMBER; }\n"
    for number in (4, 5):
        monkeypatch.setenv("BACKPROOF_CFLAGS", f"-DNUMBER={number}")
        assert compiler.loaded(compiler.library(source)).number() == number
    monkeypatch.setenv("BACKPROOF_CFLAGS", "-fno-such-option")
    with pytest.warns(RuntimeWarning, match="fails: .*no-such-option"):
        assert bp.compile(GRADIENT, backend="c").backend == "numpy"


def test_a_compiler_that_does_not_know_its_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compiles for the oldest one: Clang before version 15 on ARM."""
    known, *options = compiler.compiler()
    script = tmp_path / "cc"
    refuse = f"case \"$*\" in *{NATIVE}*) echo 'unknown {NATIVE}' >&2; exit 1;; esac"
    script.write_text(f'#!/bin/sh\n{refuse}\nexec {known} {" ".join(options)} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path))
    assert compiler.loaded(compiler.library("int f(void) { return 6; }\n")).f() == 6


# Sweeps ------------------------------------------------------------------------------------


@pytest.mark.sweep
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("command", ["gcc", "clang"])
def test_all_of_c_at_each_width(command: str, level: str) -> None:
    skip_unless_it_runs(level)
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed")
    setting = {"CC": command, "BACKPROOF_CFLAGS": f"-march={level}"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *map(str, TESTS)],
        env={**os.environ, **setting}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


MAIN = """
#include <stdio.h>
#include <stdlib.h>
void use(void *, long, void *);
void link_kernel(void *const *);
void product(void), contraction(void), in_strips(void);
int stage0(const long *, void *const *, char *);
int main(void)
{
    static const long size[] = {SIZES}, bytes[] = {BYTES};
    enum { COUNT = sizeof bytes / sizeof *bytes };
    void *at[COUNT];
    void *const functions[] = {(void *)product, (void *)contraction};
    for (int k = 0; k < COUNT; k++) {
        at[k] = aligned_alloc(64, (bytes[k] + 127) / 64 * 64);
        if (k < GIVEN && fread(at[k], 1, bytes[k], stdin) != (size_t)bytes[k]) return 1;
    }
    use(0, 1L << 62, (void *)in_strips);
    link_kernel(functions);
    if (stage0(size, at, aligned_alloc(64, 1 << 24))) return 2;
    for (int k = GIVEN; k < COUNT; k++) fwrite(at[k], 1, bytes[k], stdout);
    return 0;
}
"""


@pytest.mark.sweep
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_kernel_on_another_processor(dtype: str, tmp_path: Path) -> None:
    """On 64-bit ARM, whose vectors are NEON's, emulated."""
    kernel: Any = bp.compile(GRADIENT, dtype=dtype, backend="c")
    inputs, single = numbers(dtype), "#define SINGLE\n" * (dtype == "float32")
    given = [np.ascontiguousarray(inputs[name]) for name in kernel.arguments.names]
    program = kernel._crossing.program
    _, sizes = kernel.arguments.bind(inputs)
    shapes = kernel._assignment(sizes).shapes
    item = np.dtype(dtype).itemsize
    lengths = [a.nbytes for a in given] + [int(np.prod(s)) * item for s in shapes]
    lengths.append(max(len(program.numbers), 1) * item)
    main = MAIN.replace("SIZES", ", ".join(map(str, sizes)))
    main = main.replace("BYTES", ", ".join(map(str, lengths))).replace("GIVEN", str(len(given)))
    sources = {"main.c": main, "kernel.c": kernel.source.replace('"kernel.h"', '"own.h"')}
    header = (HERE / "kernel.h").read_text("utf-8")
    sources["own.h"] = header.replace("void link(", "void link_kernel(")  # the C library's is known
    for name in ("tiles.c", "dots.c"):
        sources[name] = single + (HERE / name).read_text("utf-8")
    told = ran(sources, tmp_path, b"".join(a.tobytes() for a in given))
    assert len(told) == sum(lengths[len(given) :])
    found, start = {}, 0
    for tensor, length in zip((*program.arrays, None), lengths[len(given) :], strict=True):
        array = np.frombuffer(told[start : start + length], dtype)
        start += length
        if tensor is not None:
            found[tensor.name] = array
        else:
            found |= {t.name: array[n] for n, t in enumerate(program.numbers)}
    shown = {name: found[t.name] for name, t in kernel.results.items()}
    expected = kernel(**inputs)
    shaped = {n: np.reshape(a, np.shape(expected[n])) for n, a in shown.items()}
    agree(shaped, dtype)
