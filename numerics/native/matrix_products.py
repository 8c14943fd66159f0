"""The library of matrix products: tiles compiled once a machine, and SciPy's BLAS by pointer."""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from backproof.numerics.native.compiler import HERE, library, loaded
from backproof.theory.errors import BackproofError

PLAIN = 16  # bytes of the vectors that every processor has: there BLAS knows more than a compiler
LARGE = 1 << 21  # multiplications from which on BLAS is called there
NEVER = 1 << 62


@cache
def matrix_products(single: bool) -> tuple[int, int]:
    """The addresses of ``product`` and ``contraction`` in one precision.

    Where the processor has vectors of 32 bytes or more (AVX) every product is made of tiles, which
    were measured beside OpenBLAS, oneDNN and Eigen; elsewhere large ones go to BLAS. The
    environment variable BACKPROOF_BLAS names another number of multiplications from which on BLAS
    is called for a product of two matrices.

    Raises `NoCompilerError` where it cannot be compiled.
    """
    with ThreadPoolExecutor() as pool:
        tiles, dots = pool.map(lambda name: loaded(part(name, single)), ("tiles.c", "dots.c"))
    return joined(tiles, dots, single)


def part(name: str, single: bool) -> Path:
    """The library of one of our files in C."""
    source = ("#define SINGLE\n" if single else "") + (HERE / name).read_text("utf-8")
    return library(source, options=("-O2",))  # as fast, in half the compiler's time


def joined(tiles: ctypes.CDLL, dots: ctypes.CDLL, single: bool) -> tuple[int, int]:
    """The addresses, once the tiles know the other library and BLAS."""
    tiles.use.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p]
    width = ctypes.c_int.in_dll(tiles, "vector_bytes").value
    routine = blas("sgemm" if single else "dgemm")
    tiles.use(routine, large(width), ctypes.cast(dots.in_strips, ctypes.c_void_p))
    one, many = (ctypes.cast(f, ctypes.c_void_p).value for f in (tiles.product, tiles.contraction))
    assert one is not None
    assert many is not None
    return one, many


def large(width: int) -> int:
    """From how many multiplications on BLAS is called, with vectors of so many bytes."""
    asked = os.environ.get("BACKPROOF_BLAS", "")
    if asked.isdecimal():
        return min(int(asked), NEVER)
    if asked:
        raise BackproofError(
            "the environment variable BACKPROOF_BLAS",
            repr(asked),
            "a whole number of multiplications",
            "set it to 0 for BLAS always, or unset it",
        )
    return LARGE if width == PLAIN else NEVER


def blas(name: str) -> int:
    """The address of a routine of the BLAS that SciPy brings."""
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__[name]
    read_name = ctypes.pythonapi.PyCapsule_GetName
    read_name.restype, read_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    address = pointer(capsule, read_name(capsule))
    assert isinstance(address, int)
    return address
