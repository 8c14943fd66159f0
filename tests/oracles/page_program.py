"""The modules of a program that writes a page of docs; they are not part of the package."""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@contextmanager
def modules(page: str) -> Iterator[Callable[[str], Any]]:
    """Gives a module of docs/``page`` by its name, and puts back others of that name."""
    names = [path.stem for path in (DOCS / page).glob("[!_]*.py")]
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS / page))
        yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(others)
