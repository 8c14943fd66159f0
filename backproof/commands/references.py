"""`FILE.py::name` on the command line: an object of a user's file, which is imported for it."""

from __future__ import annotations

import contextlib
import difflib
import importlib.machinery
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from backproof.numerics.adapters.recognition import framework_of
from backproof.theory.errors import BackproofError

REFERENCE = re.compile(r"(?P<file>.+\.py)::(?P<name>.*)", re.DOTALL)


def is_reference(text: str) -> bool:
    """Whether a text names an object in a file; no NumPy expression looks like this.

    >>> is_reference("model.py::loss"), is_reference("np.sum(x[::2])")
    (True, False)
    """
    return REFERENCE.fullmatch(text) is not None


def named_object(reference: str) -> Any:
    """The object that `FILE.py::name` names; the file is executed, as `import` does.

    What the file prints goes to standard error, and its folder is where it finds its neighbours,
    as if it were run by `python FILE.py`.  Raises `BackproofError` for a reference without file
    or name, a file that is missing or fails, and a name that is not there.
    """
    match = REFERENCE.fullmatch(reference)
    if match is None or not match["name"]:
        raise BackproofError(
            "reference", repr(reference), "FILE.py::name", "name a file and an object in it"
        )
    path, name = Path(match["file"]), match["name"]
    found: Any = imported(path)
    for part in name.split("."):
        if not hasattr(found, part):
            raise _no_name(path, name, found, part)
        found = getattr(found, part)
    return found


def named_function(reference: str) -> Callable[..., Any]:
    """The function that `FILE.py::name` names.

    Raises `BackproofError` as `named_object` does, and for an object that is no function.
    """
    found = named_object(reference)
    if (inspect.isclass(found) and framework_of(found) is None) or not callable(found):
        what = "a class" if inspect.isclass(found) else f"an object of type {type(found).__name__}"
        raise BackproofError(reference, what, "a function", "name a function of the file")
    return found


def imported(path: Path) -> ModuleType:
    """The module of a Python file as it is now, executed once however often it is named.

    Raises `BackproofError` for a file that is missing or that fails, with the line that failed.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise BackproofError(str(path), what, "a Python file", f"check the path, from {Path.cwd()}")
    path = path.resolve()
    content = (path, path.read_bytes())
    if content not in _IMPORTED:
        _IMPORTED[content] = _executed(path)
    return _IMPORTED[content]


_IMPORTED: dict[tuple[Path, bytes], ModuleType] = {}


def _executed(path: Path) -> ModuleType:
    """The module of a file, with its folder on the path where it finds its neighbours."""
    name = _module_name(path)
    spec = importlib.util.spec_from_file_location(name, path, loader=_Fresh(name, str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and pickle look it up
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a script without a main guard
        raise _failed(path, error) from error
    return module


def _module_name(path: Path) -> str:
    """The name by which `import` would find the file, unless that is another module's name."""
    if path.stem.isidentifier() and path.stem not in ("__main__", "__init__"):
        spec = importlib.util.find_spec(path.stem)
        if spec is None or spec.origin == str(path):
            return path.stem
    return "file_" + re.sub(r"\W", "_", path.stem)


class _Fresh(importlib.machinery.SourceFileLoader):
    """Compiles what the file holds now.

    Python's cache is keyed by size and second, so that of a file changed twice within a second
    it may hold the older text; a verdict must not be about that one.
    """

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self.get_data(self.path), self.path)


def _failed(path: Path, error: BaseException) -> BackproofError:
    """What an import said last, and where in the user's file."""
    said = traceback.format_exception_only(error)[-1].strip()
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) and not lines else (lines or [None])[-1]
    where = f"{path.name}:{line}" if line else path.name
    if isinstance(error, SystemExit):
        said = f"SystemExit({error.code!r})"
    return BackproofError(
        where, said, "a file that can be imported", f"run `python {path.name}` and mend that line"
    )


def _no_name(path: Path, name: str, owner: Any, part: str) -> BackproofError:
    """A name that the file lacks, with those that it has."""
    members = vars(owner) if hasattr(owner, "__dict__") else {}
    home = getattr(owner, "__name__", None)
    own = [
        n
        for n, member in members.items()
        if callable(member) and getattr(member, "__module__", home) == home and n[:1] != "_"
    ]
    near = difflib.get_close_matches(part, own, n=1)
    expected = f"one of {', '.join(own)}" if own else "a function of the file; it defines none"
    move = f"write {path}::{near[0]}" if near else "check the name"
    return BackproofError(str(path), f"no {name}", expected, move)
