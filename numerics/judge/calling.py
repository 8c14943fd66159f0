"""Calling the function under test: in isolation, with everything it does besides returning."""

from __future__ import annotations

import contextlib
import io
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.judge.binding import Binding
from backproof.numerics.judge.running import Array

LAYOUTS = ("plain", "read-only")


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

    @property
    def changed(self) -> list[str]:
        """The arguments that the call changed."""
        return [
            name
            for name, array in self.before.items()
            if not np.array_equal(np.asarray(self.passed[name]), array, equal_nan=True)
        ]

    @property
    def error(self) -> str:
        """The exception, and the line of the function that raised it."""
        assert self.raised is not None
        said = "".join(traceback.format_exception_only(self.raised)).strip().splitlines()[-1]
        frames = traceback.extract_tb(self.raised.__traceback__)
        own = [f for f in frames if not f.filename.startswith(np.__path__[0]) and f.line]
        own = own[1:]  # the first frame is the call below
        where = f" (line {own[-1].lineno}: {own[-1].line})" if own else ""
        return said + where


def call(binding: Binding, values: Mapping[str, Array], layout: str = "plain") -> Call:
    """Call the function on copies of the values.

    The layout "plain" passes fresh writable arrays; "read-only" passes read-only views in
    column-major order.  Scalars are passed as NumPy scalars.  Standard output and warnings are
    captured; exceptions are caught, except `KeyboardInterrupt`.
    """
    passed = {name: _copy(values[name], layout) for name in binding.names}
    before = {name: np.array(array) for name, array in passed.items()}
    positional, keywords = binding.arguments(passed)
    out = io.StringIO()
    returned, raised = None, None
    with (
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
    return Call(passed, before, returned, raised, out.getvalue(), warned, frozen(returned))


def _copy(value: Array, layout: str) -> Any:
    if value.ndim == 0:
        return value[()]
    if layout == "plain":
        return np.array(value)
    array = np.array(value, order="F")
    array.flags.writeable = False
    return array.view()


def frozen(returned: Any) -> Any:
    """What was returned, with copies of its arrays, as it was when the call ended."""
    if isinstance(returned, Mapping):
        return {key: frozen(inner) for key, inner in returned.items()}
    if isinstance(returned, list | tuple):
        return [frozen(inner) for inner in returned]
    return np.array(returned) if isinstance(returned, np.ndarray) else returned
