"""σ by vector instructions: what scipy.special does one number after the other.

σ(x) = 1/(1 + e^(−x)) has no cancellation: 1 + e^(−x) is a sum of positive numbers.  Where e^(−x)
overflows, σ is below the least normal number and comes out as zero; elsewhere the error is below
4 units in the last place.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import special


def expit(x: Any, out: np.ndarray | None = None) -> Any:
    """σ(x) of numbers or arrays.

    >>> [float(expit(x)) for x in (-1000.0, 0.0, 1000.0)]
    [0.0, 0.5, 1.0]
    """
    with np.errstate(over="ignore"):
        y = np.negative(x, out=out)
        if not isinstance(y, np.ndarray):
            return 1 / (1 + np.exp(y))
        np.exp(y, out=y)
    np.add(y, y.dtype.type(1), out=y)
    return np.divide(y.dtype.type(1), y, out=y)


functions = SimpleNamespace(**{**vars(special), "expit": expit})  # scipy.special with this σ
