"""Windows: the view of an array whose axis is read at ``start + Σ step·index``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided


def window(
    array: np.ndarray[Any, Any], axis: int, start: int, *extents: tuple[int, int]
) -> np.ndarray[Any, Any]:
    """Replace an axis by one axis for each ``(size, step)``, without copying.

    ``window(x, 0, s, (n, a), (k, b))[i, j] = x[s + a*i + b*j]``: with steps 1 and 1 this is the
    sliding window of a convolution, with steps k and 1 the blocks of a pooling layer.  The view
    is read-only, since its entries overlap.

    Raises `IndexError` when a position lies outside the axis.

    >>> window(np.arange(5), 0, 0, (4, 1), (2, 1)).tolist()
    [[0, 1], [1, 2], [2, 3], [3, 4]]
    """
    reach = [step * (size - 1) for size, step in extents]
    low = start + sum(r for r in reach if r < 0)
    high = start + sum(r for r in reach if r > 0)
    empty = any(size == 0 for size, _ in extents)
    if not empty and (low < 0 or high >= array.shape[axis]):
        raise IndexError(f"positions {low} … {high} on an axis of size {array.shape[axis]}")
    stride = array.strides[axis]
    origin = array[(slice(None),) * axis + (slice(start, None),)] if not empty else array
    shape = (*array.shape[:axis], *(size for size, _ in extents), *array.shape[axis + 1 :])
    strides = (
        *array.strides[:axis],
        *(stride * step for _, step in extents),
        *array.strides[axis + 1 :],
    )
    return as_strided(origin, shape, strides, writeable=False)
