"""Batches of examples, drawn by a generator that the caller states."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backproof.numerics.optimisers.history import Array, Arrays
from backproof.theory.errors import BackproofError


def batches(data: Arrays, size: int, generator: np.random.Generator) -> Iterator[dict[str, Array]]:
    """Batches without end: each pass goes through all examples in a new random order.

    The examples are the first axis of every array of ``data``; scalars are passed on as they
    are.  A pass ends with a smaller batch where ``size`` does not divide the number of examples.

    Raises `BackproofError` for arrays of different lengths and for an impossible size.

    >>> data = {"x": np.arange(5.0), "lam": np.array(0.1)}
    >>> drawn = batches(data, 2, np.random.default_rng(0))
    >>> [next(drawn)["x"].tolist() for _ in range(3)]
    [[2.0, 4.0], [3.0, 0.0], [1.0]]
    """
    arrays = {name: np.asarray(array) for name, array in data.items()}
    lengths = {name: len(a) for name, a in arrays.items() if a.ndim}
    if len(set(lengths.values())) != 1:
        found = ", ".join(f"{name} of length {n}" for name, n in lengths.items()) or "scalars alone"
        raise BackproofError("batches", found, "arrays of one length", "put examples first")
    count = next(iter(lengths.values()))
    if not isinstance(size, int | np.integer) or not 1 <= size <= count:
        raise BackproofError("batches", f"size {size!r}", f"1 … {count} examples", "change it")
    return _passes(arrays, count, int(size), generator)


def _passes(
    arrays: Arrays, count: int, size: int, generator: np.random.Generator
) -> Iterator[dict[str, Array]]:
    while True:
        order = generator.permutation(count)
        for start in range(0, count, size):
            rows = order[start : start + size]
            yield {name: a[rows] if a.ndim else a for name, a in arrays.items()}
