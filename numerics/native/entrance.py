"""The quick way into a kernel: an extension module, where Python's headers are found."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from backproof.numerics.native.compiler import HERE, NoCompilerError, library


def entrance_library() -> Path | None:
    """The library, or `None` where headers are missing or it does not compile."""
    include = (sysconfig.get_paths()["include"], np.get_include())
    if not (Path(include[0]) / "Python.h").is_file():
        return None
    quickly = ("-O1",)  # as fast, in two thirds of the compiler's time
    versions = f"/* Python {sys.version.split()[0]}, NumPy {np.__version__} */\n"
    try:
        return library(versions + (HERE / "entrance.c").read_text("utf-8"), include, quickly)
    except NoCompilerError:
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
