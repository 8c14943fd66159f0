"""The library of matrix products: tiles compiled once a machine, and SciPy's BLAS by pointer."""

from __future__ import annotations

import ctypes
from functools import cache

from backproof.numerics.native.compiler import HERE, library, loaded

LARGE = 1 << 62  # multiplications from which on BLAS is the faster one


@cache
def matrix_products(single: bool) -> tuple[int, int]:
    """The addresses of ``product`` and ``contraction`` in one precision.

    Raises `NoCompilerError` where it cannot be compiled.
    """
    source = ("#define SINGLE\n" if single else "") + (HERE / "tiles.c").read_text("utf-8")
    tiles = loaded(library(source, options=("-O2",)))  # as fast, in half the compiler's time
    tiles.use.argtypes = [ctypes.c_void_p, ctypes.c_long]
    tiles.use(blas("sgemm" if single else "dgemm"), LARGE)
    one, many = (ctypes.cast(f, ctypes.c_void_p).value for f in (tiles.product, tiles.contraction))
    assert one is not None
    assert many is not None
    return one, many


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
