"""Sizes that only a call tells: axes that have none, slices over the edge, empty extremes."""

from typing import Any

import numpy as np
import pytest

import backproof as bp
from laws.refusals import refused


@pytest.mark.parametrize(
    ("source", "shape", "length", "words"),
    [
        ("x.reshape(2, -1)", "n", 5, ["n/2", "5/2", "n = 5"]),
        ("np.convolve(x, y, mode='valid')", "n", 2, ["-1", "n = 2", "0 or more"]),
        ("x[-3:]", "n", 2, ["-1", "n = 2", "larger"]),
        ("x[2:4]*1", "n", 3, ["3", "n = 3"]),
        ("np.max(x[2:])", "n", 2, ["at least one entry", "max"]),
        ("special.logsumexp(x[2:])", "n", 2, ["at least one entry", "n = 2"]),
        ("np.var(x, ddof=1)", "n", 1, ["division by zero", "n = 1"]),
    ],
)
def test_what_a_size_does_not_allow(source: str, shape: str, length: int, words: list[str]) -> None:
    given: dict[str, Any] = {"x": shape, "y": "k"} if "y" in source else {"x": shape}
    kernel = bp.compile(bp.trace(source, **given))
    arrays = {"x": np.ones(length), "y": np.ones(4)}
    refused(lambda: kernel(**{name: arrays[name] for name in given}), *words)


def test_a_counter_as_a_number_may_be_anything() -> None:
    source = "i = np.arange(len(x))\nreturn np.abs(i[:, None] - i[None, :]) @ x"
    value = bp.compile(bp.trace(source, x="n"))(x=np.array([1.0, 2.0, 4.0]))
    assert value.tolist() == [10.0, 5.0, 4.0]
