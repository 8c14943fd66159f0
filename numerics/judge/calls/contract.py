"""What a function promises besides its values: one clause each, listed in `CLAUSES`.

"wrong" findings refute.  What it prints, its warnings, and results that share memory with its
arguments are notes: they make no value wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.case import Case, label, numbers
from backproof.numerics.judge.calls.unpacking import Unpacked
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.reference.running import Array

LAYOUT = 1000  # roundoffs of the greatest entry that another memory layout may cost

Clause = Callable[[Case], Iterator[Finding]]


def raises(case: Case) -> Iterator[Finding]:
    """The function returns at every point."""
    if case.first.raised is not None:
        move = "run the small example of the report"
        yield Finding("raises", "wrong", case.title, case.first.error, "a result", move)


def count(case: Case) -> Iterator[Finding]:
    """It returns what was asked for, no more and no less."""
    for found, expected, move in case.results.problems:
        yield Finding("count", "wrong", case.title, found, expected, move)


def kind(case: Case) -> Iterator[Finding]:
    """Each result is an array of numbers (a scalar may be a Python float)."""
    for name, raw in case.results.found.items():
        scalar = not case.outputs[name].shape
        listed = isinstance(raw, list | tuple)
        if listed or numbers(raw) is None:
            found = f"a {type(raw).__name__}"
            if isinstance(raw, np.ndarray):
                found = f"an array of dtype {raw.dtype}"
            expected = "a number" if scalar else "an array"
            move = "return np.array(…)" if listed else "return the numbers themselves"
            yield Finding("type", "wrong", label(case, name), found, expected, move)


def shape(case: Case) -> Iterator[Finding]:
    """Each result has the shape of what it is the value of."""
    for name, raw in case.results.found.items():
        array = numbers(raw)
        if array is None or array.shape == case.expected_shape(name):
            continue
        wanted = ", ".join(map(str, case.outputs[name].shape))
        expected = f"{case.expected_shape(name)}"
        if wanted and expected != f"({wanted})":
            expected += f", that is ({wanted})"
        move = "return it in that shape"
        if array.shape == case.expected_shape(name)[::-1]:
            move = "return the transpose"
        elif array.size == np.prod(case.expected_shape(name)):
            move = f"reshape it to ({wanted})"
        yield Finding("shape", "wrong", label(case, name), f"shape {array.shape}", expected, move)


def dtype(case: Case) -> Iterator[Finding]:
    """Each result is in the format of the arguments (a Python float is none of it)."""
    wanted = case.point.form.dtype
    for name, raw in case.results.found.items():
        own = getattr(raw, "dtype", None)
        if numbers(raw) is None or own is None or isinstance(own, str) or own == wanted:
            continue
        if case.outputs[name].dtype != "real":
            continue
        yield Finding(
            "dtype",
            "wrong",
            label(case, name),
            f"dtype {own}",
            f"{wanted}, as the arguments",
            f"look for a constant or an array in {own} on the way (np.eye, np.zeros, float64 data)",
        )


def arguments(case: Case) -> Iterator[Finding]:
    """Arguments stay as they were."""
    for name in case.first.changed:
        yield Finding(
            "arguments", "wrong", name, "other numbers after the call", "it unchanged",
            f"work on a copy, {name}.copy(), or without -=, /= and [...] = on it",
        )  # fmt: skip
    if case.again.raised is not None and case.first.raised is None and not case.first.changed:
        locked = "read-only" in str(case.again.raised)
        yield Finding(
            "arguments" if locked else "repeatable",
            "wrong",
            case.title,
            case.again.error + (" with read-only arguments" if locked else " at a second call"),
            "arguments that are read alone" if locked else "the same result as before",
            "work on copies" if locked else "keep no state between calls",
        )


def repeatable(case: Case) -> Iterator[Finding]:
    """A second identical call gives the same results.

    Where another layout of the arguments alone changes them, rounding does, and is no state;
    where they follow what np.empty held, they were not written.
    """
    plain = case.poisoned is not None and case.poisoned.raised is None
    again = set(_changing(case, case.results_poisoned)) if plain else None
    for name in _changing(case, case.results_again):
        if (again is not None and name not in again) or name in _unwritten(case):
            continue
        yield Finding(
            "repeatable",
            "wrong",
            label(case, name),
            "another result at a second identical call",
            "the same",
            "remove state and randomness, or pass the generator's seed as an argument",
        )


def _unwritten(case: Case) -> list[str]:
    """The results that are nan where np.empty was, and numbers at the first call."""
    found = []
    for name in case.results.found:
        one, two = case.array(name), numbers(case.results_poisoned.found.get(name))
        if one is not None and two is not None and one.shape == two.shape:
            found += [name] * bool(np.any(np.isnan(two) & ~np.isnan(one)))
    return found


def _changing(case: Case, other: Unpacked) -> Iterator[str]:
    """The results that another call with the same numbers gave otherwise."""
    for name in case.results.found:
        one, two = case.array(name), numbers(other.found.get(name))
        if one is None or two is None or case.first.changed:
            continue
        tolerance = case.point.tolerance(case.outputs[name].name)
        if one.shape != two.shape or _differ(one, two, tolerance, case.point.form.unit):
            yield name


def views(case: Case) -> Iterator[Finding]:
    """Arguments that are views of larger arrays are read as others are, and nothing beside them."""
    call = case.viewed
    if call is None or case.first.raised is not None or case.again.raised is not None:
        return
    if call.raised is not None:
        move = "use np.reshape and np.ascontiguousarray, which copy where they must"
        found = f"{call.error} with views of larger arrays"
        yield Finding("views", "wrong", case.title, found, "a result", move)
        return
    for name in call.changed:
        if name not in case.first.changed:
            found = "other numbers after the call, where it is a view"
            move = f"work on a copy, {name}.copy()"
            yield Finding("arguments", "wrong", name, found, "it unchanged", move)
    for name in call.beside:
        found = "memory beside the argument overwritten, where it is a view"
        yield Finding("arguments", "wrong", name, found, "it unchanged", "write to own arrays")
    for name in [] if list(repeatable(case)) else _changing(case, case.results_viewed):
        move = "do not assume contiguous arrays: reshape and ravel may copy"
        found = "another result when arguments are views of larger arrays"
        yield Finding("views", "wrong", label(case, name), found, "the same", move)


def initialised(case: Case) -> Iterator[Finding]:
    """Every entry of a result was written: what np.empty holds does not matter."""
    if case.poisoned is None or case.first.raised is not None:
        return
    if case.poisoned.raised is not None:
        found = f"{case.poisoned.error} when np.empty holds other numbers"
        yield Finding("initialised", "wrong", case.title, found, "a result", "use np.zeros")
        return
    for name in _changing(case, case.results_poisoned):
        after = numbers(case.results_poisoned.found.get(name))
        if list(repeatable(case)) and (after is None or not np.any(np.isnan(after))):
            continue  # it changes from call to call anyway
        found = "entries of np.empty that nothing wrote"
        move = "use np.zeros, or write every entry"
        yield Finding("initialised", "wrong", label(case, name), found, "none", move)


def randomness(case: Case) -> Iterator[Finding]:
    """The generators that all modules share are left alone."""
    for drawn in dict.fromkeys(c.drew for c in (case.first, case.again) if c.drew):
        found = f"numbers drawn from {drawn}, which everything shares"
        move = "take a generator as an argument, rng = np.random.default_rng(seed)"
        yield Finding("randomness", "wrong", case.title, found, "no draws from it", move)


def _differ(one: Array, two: Array, tolerance: Array, unit: Array) -> bool:
    """Whether two results differ by more than another order of the same sums would explain."""
    both = np.isnan(one) & np.isnan(two)
    with np.errstate(invalid="ignore"):
        apart = np.where(both | (one == two), 0, np.abs(one - two))
        size = np.max(np.abs(np.where(np.isfinite(one), one, 0)), initial=0)
    # where rounding decides a kink the tolerance is ∞, and another layout may decide otherwise
    allowed = 2 * tolerance + LAYOUT * unit * size
    return bool(np.any(~(apart <= allowed)))


def aliasing(case: Case) -> Iterator[Finding]:
    """No result shares memory with an argument."""
    for name, raw in case.results.found.items():
        for argument, passed in case.first.passed.items():
            if _share(raw, passed):
                yield Finding(
                    "aliasing",
                    "note",
                    label(case, name),
                    f"memory shared with the argument {argument}",
                    "an array of its own",
                    "return a copy, or the caller's next change to one changes the other",
                )


def _share(a: Any, b: Any) -> bool:
    both = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return both and a.size > 0 and bool(np.shares_memory(a, b))


def lasting(case: Case) -> Iterator[Finding]:
    """Results stay as they were when the function is called again."""
    if case.earlier is None or case.earlier.raised is not None or case.earlier.changed:
        return
    if not _same(case.earlier.returned, case.earlier.kept):
        yield Finding(
            "lasting",
            "wrong",
            case.title,
            "a result that a later call overwrites",
            "results that last",
            "return copies of buffers that are used again",
        )


def _same(now: Any, then: Any) -> bool:
    if isinstance(now, Mapping):
        return all(_same(now[key], then[key]) for key in now)
    if isinstance(now, list | tuple):
        return all(_same(a, b) for a, b in zip(now, then, strict=True))
    if isinstance(now, np.ndarray) and now.dtype.kind in "fiub":
        return np.array_equal(now, then, equal_nan=now.dtype.kind == "f")
    return True


def prints(case: Case) -> Iterator[Finding]:
    """Nothing is printed (a note)."""
    if case.first.printed:
        line = case.first.printed.strip().splitlines()[:1] or [""]
        move = "remove the print, or leave it: it makes no value wrong"
        found = f"output on the screen, {line[0][:60]!r}"
        yield Finding("prints", "note", case.title, found, "silence", move)


def warns(case: Case) -> Iterator[Finding]:
    """No warning is raised (a note)."""
    for warning in case.first.warned:
        move = "see whether it announces an overflow at larger arguments"
        yield Finding("warns", "note", case.title, warning, "no warning", move)


CLAUSES: tuple[Clause, ...] = (
    raises,
    count,
    kind,
    shape,
    dtype,
    arguments,
    repeatable,
    views,
    initialised,
    randomness,
    aliasing,
    lasting,
    prints,
    warns,
)
