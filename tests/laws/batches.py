"""Arrays for the arguments of a derivation, drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

import backproof as bp


def batch(derivation: bp.Derivation, count: int, dtype: str) -> dict[str, Any]:
    """A batch of some examples, with labels below 3."""
    draws = np.random.default_rng(count)
    found: dict[str, Any] = {}
    for name, tensor in derivation.arguments.items():
        shape = tuple(int(s) if s.is_Integer else count for s in tensor.shape)
        drawn = draws.normal(size=shape).astype(dtype)
        found[name] = draws.integers(3, size=shape) if tensor.dtype == "integer" else drawn
    return found
