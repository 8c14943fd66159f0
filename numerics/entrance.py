"""The quick way into a kernel of NumPy: a function that is generated for its arguments and results.

It takes calls whose arguments are as they should be: arrays of NumPy of the kernel's type, by
their names, of shapes that were checked at an earlier call, with labels in their range.  Every
other call it leaves, by returning `None`, to the kernel, which converts or explains.  Nothing is
looked up that the kernel fixes, so a call costs little more than the program that it enters.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from backproof.numerics.arguments import Arguments, Known
from backproof.numerics.lowering import Lowering
from backproof.numerics.operand_code import Buffer
from backproof.numerics.planning.pool import Pool
from backproof.numerics.planning.preamble import Preamble
from backproof.theory.notation import Tensor

WHOLE = "\N{NO-BREAK SPACE}"  # a space where no line is broken
WIDTH = 96


@dataclass
class Seats:
    """What a call needs beside its arguments, by their shapes: the programs that are free, how to
    make the result arrays, and the bounds of labels.  One tuple of them is never written to."""

    of: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)

    def learn(self, shapes: tuple[Any, ...], known: Known, pool: Pool) -> None:
        """Note shapes that were checked."""
        new = [
            r.new if r.order is not None else partial(np.empty, r.shape, r.kind)
            for r in pool.results
        ]
        self.of[shapes] = (pool.free, *new, *(bound for _, bound in known.labels))


@dataclass(frozen=True)
class Entrance:
    """The source of the quick way in, the function, and the shapes that it knows."""

    source: str
    enter: Callable[[Mapping[str, Any]], Any]
    seats: Seats


def entrance(
    arguments: Arguments,
    results: Mapping[str, Tensor],
    lowering: Lowering,
    filled: Sequence[Buffer],
    alone: bool,
) -> Entrance:
    """The quick way into a kernel that fills some arrays and returns its numbers as a tuple."""
    free = Preamble({*lowering.taken}).free
    own = {name: free(name) for name in NAMES}
    seats = Seats()
    known = {
        own["ndarray"]: np.ndarray,
        own["real"]: arguments.dtype,
        own["label"]: np.dtype(np.intp),
        own["scalar"]: arguments.dtype.type,
        own["isfinite"]: isfinite,
        own["finite"]: np.isfinite,
        own["seat_of"]: seats.of.get,
        own["refuse_nan"]: arguments.refuse_nan,
    }
    arrays = [b.name for b in filled]
    lines = _lines(arguments, results, lowering.code_name, arrays, alone, own, free)
    source = "\n".join(lines) + "\n"
    space: dict[str, Any] = {}
    exec(source, space)  # our own generated source, never a user's text
    return Entrance(source, space["entrance"](*known.values()), seats)


NAMES = (
    "ndarray", "real", "label", "scalar", "isfinite", "finite", "seat_of", "refuse_nan",
    "arrays", "seat", "ready", "call",
)  # fmt: skip


def _lines(
    arguments: Arguments,
    results: Mapping[str, Tensor],
    code_name: Mapping[str, str],
    filled: Sequence[str],
    alone: bool,
    own: Mapping[str, str],
    free: Callable[[str], str],
) -> Iterator[str]:
    given = {name: code_name[name] for name in arguments.names}
    numbers = list(dict.fromkeys(code_name[t.name] for t in results.values() if not t.shape))
    new = {name: free(f"new_{name}") for name in filled}
    arrays, seat, ready, call = (own[n] for n in ("arrays", "seat", "ready", "call"))

    bounds = {name: free(f"below_{given[name]}") for name in arguments.bounded}
    closed = [own[n] for n in NAMES[: NAMES.index("arrays")]]
    yield from _wrapped("def entrance(", closed, "):")
    yield f"    def enter({arrays}):"
    yield f"        if len({arrays}) != {len(given)}:"
    yield "            return None"
    if given:
        yield "        try:"
        yield from (f"            {code} = {arrays}[{name!r}]" for name, code in given.items())
        yield "        except KeyError:"
        yield "            return None"
        wanted = []
        for name, tensor in arguments.tensors.items():
            kind = own["label" if tensor.dtype == "integer" else "real"]
            code = given[name]
            wanted.append(f"type({code}) is {own['ndarray']} and {code}.dtype is {kind}")
        yield from _conditions(wanted)
    shapes = [f"{code}.shape" for code in given.values()]
    comma = "," if len(shapes) == 1 else ""
    yield from _wrapped(f"        {seat} = {own['seat_of']}((", shapes, f"{comma}))")
    yield f"        if {seat} is None:"
    yield "            return None"
    yield from _wrapped("        [", [ready, *new.values(), *bounds.values()], f"] = {seat}")
    checked = []
    for name, bound in bounds.items():
        code = given[name]
        checked.append(f"{code}.item({code}.argmax()) < {bound}")
        checked.append(f"{code}.item({code}.argmin()) >= 0")
    yield from _conditions(checked)
    yield "        try:"
    yield f"            {call} = {ready}.pop()"
    yield from (f"            {name} = {make}()" for name, make in new.items())
    returned = f"{', '.join(numbers)}, = " if numbers else ""
    yield from _wrapped(f"            {returned}{call}(", [*given.values(), *filled], ")")
    yield "        except (IndexError, ZeroDivisionError):  # none is ready, or there is no answer"
    yield "            return None"
    yield f"        {ready}.append({call})"
    for name in numbers:
        yield f"        if type({name}) is not {own['scalar']}:"
        yield f"            {name} = {own['scalar']}({name})"
    codes = {name: code_name[tensor.name] for name, tensor in results.items()}
    judged = ["value"] if "value" in codes else list(codes)
    finite = [
        f"{own['finite']}({codes[n]}).all()"
        if results[n].shape
        else f"{own['isfinite']}({codes[n]})"
        for n in judged
    ]
    refuse = f"{own['refuse_nan']}([{', '.join(given.values())}])"
    yield from _conditions(finite, refuse)
    if alone:
        yield f"        return {codes['value']}"
    else:
        pairs = [f"{name!r}: {code}" for name, code in codes.items()]
        yield from _wrapped("        return {", pairs, "}")
    yield ""
    yield "    return enter"


def _conditions(wanted: Sequence[str], otherwise: str = "return None") -> Iterator[str]:
    """What is done unless all of some conditions hold."""
    if len(wanted) == 1:
        yield f"        if not ({wanted[0]}):"
    elif wanted:
        yield "        if not ("
        yield f"            {wanted[0]}"
        yield from (f"            and {condition}" for condition in wanted[1:])
        yield "        ):"
    if wanted:
        yield f"            {otherwise}"


def _wrapped(head: str, parts: Sequence[str], tail: str) -> list[str]:
    """A line that lists some parts, broken between them where it grows long."""
    lines = textwrap.wrap(
        f"{head}{', '.join(parts)}{tail.replace(' ', WHOLE)}", WIDTH,
        subsequent_indent=" " * len(head), break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(WHOLE, " ") for line in lines]
