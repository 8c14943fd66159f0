"""The quick way into a kernel: an extension module, where Python's headers are found."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import sysconfig
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from backproof.numerics.native.compiler import (
    HERE,
    NoCompilerError,
    compiler,
    library,
    place,
    sound,
)

QUICKLY = ("-O1",)  # as fast, in two thirds of the compiler's time


def source() -> str:
    """The source, and what its library depends on beside it."""
    versions = f"/* Python {sys.version.split()[0]}, NumPy {np.__version__} */\n"
    return versions + (HERE / "entrance.c").read_text("utf-8")


def entrance_library() -> Path | None:
    """The library, or `None` where headers are missing or it does not compile."""
    include = (sysconfig.get_paths()["include"], np.get_include())
    if not (Path(include[0]) / "Python.h").is_file():
        return None
    try:
        return library(source(), include, QUICKLY)
    except (NoCompilerError, OSError):  # nor may a thread's error strike a later call
        return None


@cache
def entrance_type() -> Any:
    """The type ``Entrance`` of ``entrance.c``, or `None`: calls then go through ctypes."""
    path = entrance_library()
    if path is None:
        return None
    loader = importlib.machinery.ExtensionFileLoader("entrance", str(path))
    spec = importlib.util.spec_from_file_location("entrance", path, loader=loader)
    assert spec is not None
    try:
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except ImportError:
        return None
    return module.Entrance


@cache
def entrance() -> Future[Any]:
    """`entrance_type`: at once where the cache has it, else when a thread has compiled it.

    A kernel gives the same results without it, so that nobody waits for it.
    """
    found: Future[Any]
    try:
        kept = sound(place(source(), compiler(), QUICKLY))
    except NoCompilerError:
        kept = False
    if kept:
        found = Future()
        found.set_result(entrance_type())
        return found
    pool = ThreadPoolExecutor(1)
    found = pool.submit(entrance_type)
    pool.shutdown(wait=False)
    return found
