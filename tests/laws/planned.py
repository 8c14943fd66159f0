"""The law of planned kernels: they compute what their source computes, line after line.

The straight line is `Kernel.source` with an array of its own for every buffer: nothing is shared,
reused or moved.  The two round differently where the planner takes another routine for the same
sum (a dot product with ones, a product with its transpose), by a few units in the last place of
the largest entry.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special

from backproof.numerics import extended, tails
from backproof.numerics.kernel import Kernel
from backproof.numerics.planning.program import shape
from backproof.numerics.windows import window

Arrays = Mapping[str, Any]


def straight_line(kernel: Kernel, arrays: Arrays) -> dict[str, np.ndarray]:
    """The results of `Kernel.source`."""
    values, sizes = kernel.arguments.bind(arrays)
    linalg = extended if kernel.dtype.itemsize > 8 else np.linalg
    space: dict[str, Any] = {"np": np, "special": special, "linalg": linalg, "window": window}
    space["tails"] = tails
    exec(kernel.source, space)
    sized = dict(zip(kernel.arguments.sizes, sizes, strict=True))
    kinds = {b.name: np.dtype(np.intp) if b.integer else kernel.dtype for b in kernel.buffers}
    own = {b.name: np.full(shape(b, sized), -7, kinds[b.name]) for b in kernel.buffers}
    names = list(inspect.signature(space["kernel"]).parameters)
    given = [*values, *sizes]
    scalars = space["kernel"](*given, *(own[name] for name in names[len(given) :]))
    code = kernel._code_name
    plain = dict.fromkeys(code[t.name] for t in kernel.results.values() if not t.shape)
    found: dict[str, Any] = {**own, **dict(zip(plain, scalars, strict=True))}
    return {name: np.asarray(found[code[t.name]]) for name, t in kernel.results.items()}


def planned(kernel: Kernel, arrays: Arrays) -> dict[str, np.ndarray]:
    """The results of a call."""
    out = kernel(**arrays)
    named = {"value": out} if kernel.alone else out
    return {name: np.asarray(value) for name, value in named.items()}


def same(one: Arrays, other: Arrays, ulps: float) -> None:
    """Equal names, shapes and dtypes; entries equal to some ulp of each array's largest."""
    assert one.keys() == other.keys()
    for name, left in one.items():
        right = other[name].astype(left.dtype)
        assert left.shape == right.shape, name
        largest = np.max(np.abs(right), initial=0, where=np.isfinite(right))
        room = ulps * np.finfo(left.dtype).eps * largest if left.dtype.kind == "f" else 0
        np.testing.assert_allclose(left, right, rtol=0, atol=float(room), err_msg=name)


def computes_its_source(kernel: Kernel, calls: Sequence[Arrays], ulps: float) -> None:
    """Every call gives what the straight line gives, whatever was called before and held since."""
    held = []
    for arrays in (*calls, *calls):
        found = planned(kernel, arrays)
        same(found, straight_line(kernel, arrays), ulps)
        held.append((found, {name: value.copy() for name, value in found.items()}))
    for found, copy in held:  # no later call has written to what an earlier one returned
        same(found, copy, 0)


def threads_do_not_meet(kernel: Kernel, calls: Sequence[Arrays], rounds: int = 20) -> None:
    """Threads that call one kernel at one time get what each gets alone, bit for bit."""
    alone = [planned(kernel, arrays) for arrays in calls]
    gate = threading.Barrier(len(calls))
    failures: list[BaseException] = []

    def run(arrays: Arrays, expected: Arrays) -> None:
        try:
            for _ in range(rounds):
                gate.wait()
                same(planned(kernel, arrays), expected, 0)
        except BaseException as failure:
            failures.append(failure)
            gate.abort()

    workers = [threading.Thread(target=run, args=pair) for pair in zip(calls, alone, strict=True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
