"""The quick way into a kernel: for arrays as they should be, of shapes that were checked before.

It is generated for the names and kinds of a kernel's arguments and results, such as a matrix W and
labels y:

    def enter(arrays):
        try:
            a0 = arrays['W']
            a1 = arrays['y']
        except KeyError:
            return None
        if len(arrays) != 2 or not (array is type(a0) is type(a1)) or not (real is a0.dtype) or …:
            return None
        ready = known.get((a0.shape, a1.shape, ))
        …

What it answers with `None` (another name, type, or shape, a label out of range, a result that is
not finite) is left to the long way, which computes it or says what is wrong.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from backproof.numerics.arguments import Arguments
from backproof.numerics.planning.pool import Pool
from backproof.numerics.planning.program import Program

LONGEST = 256  # so many shapes are remembered


@dataclass(frozen=True)
class Returned:
    """A result as a call returns it: its name, and which array or which scalar it is."""

    name: str
    array: bool
    place: int


@dataclass(frozen=True)
class Entrance:
    """The function, its source, and what it knows: shapes, and what is ready for them."""

    source: str
    enter: Callable[[dict[str, Any]], Any]
    known: dict[tuple[Any, ...], tuple[Any, ...]]
    returned: tuple[Returned, ...]
    turned: tuple[bool, ...]  # whether each array that is filled is not in C order
    labels: tuple[int, ...]  # the places of the arguments that are labels
    kinds: tuple[np.dtype[Any], ...] = field(repr=False)

    def remember(self, values: Sequence[Any], bounds: Mapping[int, int], pool: Pool) -> None:
        """Arrays of these shapes may enter; ``bounds`` are those of labels, by place."""
        usual = all(
            type(v) is np.ndarray and v.dtype is kind
            for v, kind in zip(values, self.kinds, strict=True)
        )
        as_planned = self.turned == tuple(r.order is not None for r in pool.results)
        if usual and as_planned and bounds.keys() == {*self.labels}:
            if len(self.known) >= LONGEST:
                self.known.clear()
            ready = (*(bounds[n] for n in self.labels), *(r.making for r in pool.results))
            self.known[tuple(v.shape for v in values)] = (pool.free, pool.prepared, *ready)


def entrance(
    arguments: Arguments, program: Program, returned: Sequence[Returned], alone: bool
) -> Entrance:
    """The entrance of a kernel; ``alone`` says that it returns its value and no dictionary."""
    kinds, real = [kind for _, kind in arguments.kinds], arguments.dtype
    results = [(program.kind(b), b.name in program.orders) for b in program.filled]
    labels = tuple(n for n, t in enumerate(arguments.tensors.values()) if t.below is not None)
    turned = tuple(lies for _, lies in results)
    lines = [
        *_taken(arguments.names, kinds, real),
        *_ready(len(kinds), labels, len(results)),
        *(_made(n, kind is real, lies) for n, (kind, lies) in enumerate(results)),
        *_called(len(kinds), len(results), returned),
        *_answered(returned, alone),
    ]
    source = "def enter(arrays):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"
    space: dict[str, Any] = {
        "array": np.ndarray, "real": real, "label": np.dtype(np.intp), "unsigned": np.uintp,
        "empty": np.empty, "number": real.type, "finite": isfinite, "isfinite": np.isfinite,
        "known": {},
    }  # fmt: skip
    exec(source, space)  # our own generated source: names of arguments stand in it as strings
    return Entrance(
        source, space["enter"], space["known"], tuple(returned), turned, labels, tuple(kinds)
    )


def _taken(names: Sequence[str], kinds: Sequence[object], real: object) -> Iterator[str]:
    """The arguments by name, and only these; their types."""
    yield "try:"
    yield from (f"    a{n} = arrays[{name!r}]" for n, name in enumerate(names))
    yield from ("except KeyError:", "    return None")
    strange = [f"len(arrays) != {len(names)}"]
    every = [f"a{n}" for n in range(len(names))]
    if every:
        strange.append(f"not (array is {' is '.join(f'type({a})' for a in every)})")
    for kind, wanted in (("real", True), ("label", False)):
        own = [a for a, k in zip(every, kinds, strict=True) if (k is real) is wanted]
        if own:
            strange.append(f"not ({kind} is {' is '.join(f'{a}.dtype' for a in own)})")
    yield from (f"if {' or '.join(strange)}:", "    return None")


def _ready(arguments: int, labels: Sequence[int], results: int) -> Iterator[str]:
    """What is ready for the shapes; labels are looked at in every call."""
    yield f"ready = known.get(({''.join(f'a{n}.shape, ' for n in range(arguments))}))"
    yield from ("if ready is None:", "    return None")
    bounds, making = (f"below{n}, " for n in labels), (f"making{n}, " for n in range(results))
    yield f"free, prepare, {''.join((*bounds, *making))}= ready"
    for n in labels:
        yield f"u = a{n}.view(unsigned)"
        yield f"if u.item(u.argmax()) >= below{n}:  # a negative label is a large one"
        yield "    return None"
    yield from ("try:", "    call = free.pop()")
    yield from ("except IndexError:  # another thread is in it", "    call = prepare()")


def _made(n: int, real: bool, turned: bool) -> str:
    """A new array for a result."""
    kind = "real" if real else "label"
    if not turned:
        return f"r{n} = empty(making{n}, {kind})"
    return f"r{n} = empty(making{n}[0], {kind}).transpose(making{n}[1])"


def _called(arguments: int, results: int, returned: Sequence[Returned]) -> Iterator[str]:
    """The program run on the arguments and the new arrays."""
    given = [f"a{n}" for n in range(arguments)] + [f"r{n}" for n in range(results)]
    scalars = sorted({r.place for r in returned if not r.array})
    yield "try:"
    yield f"    ({''.join(f's{n}, ' for n in scalars)}) = call({', '.join(given)})"
    yield from ("except (IndexError, ZeroDivisionError):", "    return None")
    yield "free.append(call)"


def _answered(returned: Sequence[Returned], alone: bool) -> Iterator[str]:
    """The results, unless they are not finite: a value is looked at alone where there is one."""
    value = [r for r in returned if r.name == "value"]
    tests = (
        f"isfinite(r{r.place}).all()" if r.array else f"finite(s{r.place})"
        for r in value or returned
    )
    yield from (f"if not ({' and '.join(tests)}):", "    return None")
    code = {r.name: f"r{r.place}" if r.array else f"number(s{r.place})" for r in returned}
    pairs = ", ".join(f"{name!r}: {text}" for name, text in code.items())
    yield f"return {code['value']}" if alone else f"return {{{pairs}}}"
