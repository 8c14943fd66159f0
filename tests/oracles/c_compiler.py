"""Whether this machine compiles C: a mark for tests that need it."""

import pytest

from backproof.numerics.native import compiler


def compiles() -> str:
    """Why C is not tested here; nothing where it is."""
    try:
        compiler.library("int one(void) { return 1; }\n")
    except compiler.NoCompilerError as error:
        return str(error)
    return ""


needs_c = pytest.mark.skipif(bool(compiles()), reason=compiles() or "C is compiled here")
