"""Calling the function under test: in isolation, with everything it does besides returning."""

from __future__ import annotations

import contextlib
import functools
import io
import random
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backproof.numerics import adapters
from backproof.numerics.judge.calls.binding import Binding
from backproof.numerics.judge.reference.running import Array

LAYOUTS = ("plain", "read-only", "view")
BESIDE = 777.25  # what stands beside an argument that is a view


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Call:
    """One call: what was passed, what came back, and what happened on the way."""

    passed: Mapping[str, Any]
    before: Mapping[str, Array]
    returned: Any = None
    raised: BaseException | None = None
    printed: str = ""
    warned: tuple[str, ...] = ()
    kept: Any = None
    drew: str = ""

    @property
    def changed(self) -> list[str]:
        """The arguments that the call changed."""
        return [
            name
            for name, array in self.before.items()
            if not np.array_equal(np.asarray(self.passed[name]), array, equal_nan=True)
        ]

    @property
    def beside(self) -> list[str]:
        """The views beside which the call wrote, in memory that it was not given."""
        found = []
        for name in self.before:
            whole = getattr(self.passed[name], "base", None)
            if isinstance(whole, np.ndarray) and whole.flags.writeable:
                rest = np.ones(whole.shape, bool)
                rest[_inner(whole.ndim)] = False
                if np.any(whole[rest] != np.asarray(BESIDE, whole.dtype)):
                    found.append(name)
        return found

    @property
    def error(self) -> str:
        """The exception, and the line of the function that raised it."""
        assert self.raised is not None
        said = "".join(traceback.format_exception_only(self.raised)).strip().splitlines()[-1]
        frames = traceback.extract_tb(self.raised.__traceback__)
        passed_through = (np.__path__[0], str(Path(adapters.__file__).parent))
        own = [f for f in frames if not f.filename.startswith(passed_through) and f.line]
        own = own[1:]  # the first frame is the call below
        where = f" (line {own[-1].lineno}: {own[-1].line})" if own else ""
        return said + where


def call(
    binding: Binding, values: Mapping[str, Array], layout: str = "plain", poisoned: bool = False
) -> Call:
    """Call the function on copies of the values.

    The layout "plain" passes fresh writable arrays; "read-only" passes read-only views in
    column-major order; "view" passes every second entry of a larger array.  Scalars are passed as
    NumPy scalars.  Standard output and warnings are captured; exceptions are caught, except
    `KeyboardInterrupt`.  With ``poisoned``, np.empty returns arrays full of nan.
    """
    passed = {name: _copy(values[name], layout) for name in binding.drawn}
    before = {name: np.array(array) for name, array in passed.items()}
    positional, keywords = binding.arguments(passed)
    out = io.StringIO()
    returned, raised = None, None
    generators = shared_generators()
    with (
        poison() if poisoned else contextlib.nullcontext(),
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(out),
        np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),  # the default
    ):
        warnings.simplefilter("always")
        try:
            returned = binding.function(*positional, **keywords)
        except (Exception, SystemExit) as error:
            raised = error
    warned = tuple(dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught))
    after = shared_generators()
    drew = next((name for name in generators if generators[name] != after[name]), "")
    return Call(passed, before, returned, raised, out.getvalue(), warned, frozen(returned), drew)


def shared_generators() -> dict[str, Any]:
    """The states of the generators that every module shares."""
    state: Any = np.random.get_state()
    found = {"np.random": (state[1].tobytes(), *state[2:]), "random": random.getstate()}
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return found


@contextlib.contextmanager
def poison() -> Iterator[None]:
    """np.empty and np.empty_like return what nobody wrote: nan, or the greatest whole number."""

    def filled_by(make: Any) -> Any:
        @functools.wraps(make)
        def made(*args: Any, **kwargs: Any) -> Any:
            array = make(*args, **kwargs)
            if array.dtype.kind in "fc":
                array[...] = np.nan
            elif array.dtype.kind in "iu":
                array[...] = np.iinfo(array.dtype).max
            return array

        return made

    library: Any = np
    before = library.empty, library.empty_like
    library.empty, library.empty_like = filled_by(before[0]), filled_by(before[1])
    try:
        yield
    finally:
        library.empty, library.empty_like = before


def _copy(value: Array, layout: str) -> Any:
    if value.ndim == 0:
        return value[()]
    if layout == "plain":
        return np.array(value)
    if layout == "view":
        wide = np.full([2 * n + 1 for n in value.shape], BESIDE, value.dtype)
        inner: Array = wide[_inner(value.ndim)]
        inner[...] = value
        return inner
    array = np.array(value, order="F")
    array.flags.writeable = False
    return array.view()


def _inner(ndim: int) -> tuple[slice, ...]:
    """Every second entry of each axis."""
    return (slice(1, None, 2),) * ndim


def frozen(returned: Any) -> Any:
    """What was returned, with copies of its arrays, as it was when the call ended."""
    if isinstance(returned, Mapping):
        return {key: frozen(inner) for key, inner in returned.items()}
    if isinstance(returned, list | tuple):
        return [frozen(inner) for inner in returned]
    return np.array(returned) if isinstance(returned, np.ndarray) else returned
