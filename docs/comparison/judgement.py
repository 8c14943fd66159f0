"""What the answers of a tool are worth: measured, never typed in."""

from __future__ import annotations

import contextlib
import importlib
import time
from typing import Any

import numpy as np
import oracle
from losses import BY_NAME, Loss

TOLERANCE = 1e-9  # of the largest entry
LONG = 200  # letters, from which on an answer stands as text: typeset, it is a line without end
WHICH = (0, 1)  # the two assignments of sizes


def verdict(values: list[np.ndarray], truths: list[np.ndarray]) -> tuple[str, list[float]]:
    """What the values are worth, and how far each is off, in parts of the largest entry."""
    off = [_off(value, truth) for value, truth in zip(values, truths, strict=True)]
    if max(off) < TOLERANCE:
        return "right", off
    zero = not any(value.any() for value in values)
    return ("silent zero" if zero else "wrong"), off


def truths(loss: Loss) -> list[np.ndarray]:
    """The derivative at both sizes; two oracles agree on it where JAX is installed."""
    found = [oracle.differences(loss, which) for which in WHICH]
    for which in WHICH:
        again = oracle.by_jax(loss, which)
        assert again is None or _off(again, found[which]) < TOLERANCE, (loss.name, which)
    return found


def judged(loss: Loss, stated: str, make: Any, truth: list[np.ndarray]) -> dict[str, Any]:
    """One way of writing a loss: what comes out, and its verdict."""
    try:
        writing = make()
    except Exception as error:
        return {"stated": stated, "verdict": "error", "problem": problem(error)}
    answer = {"stated": stated, "text": writing.text(), "nodes": writing.nodes()}
    if len(answer["text"]) < LONG:
        answer["latex"] = writing.latex()
    for which in WHICH:  # a derivative is wrong only of what was stated right
        value = loss.function()(**loss.numbers(which))
        assert _off(writing.stated_value(which), np.asarray(value)) < TOLERANCE, stated
    try:
        values = [writing.value(which) for which in WHICH]
    except Exception as error:
        return answer | {"verdict": "not evaluated", "problem": problem(error)}
    word, off = verdict(values, truth)
    return answer | {"verdict": word, "off": [float(f"{number:.1e}") for number in off]}


def answer(tool: str, name: str) -> dict[str, Any]:
    """All attempts of a tool at a loss, and the place of the one that is shown.

    It is the shortest right one; where none is right, the first that gives an answer, if any does.
    """
    loss, truth = BY_NAME[name], truths(BY_NAME[name])
    ways = importlib.import_module(f"by_{tool}").writings(loss)
    attempts = [judged(loss, stated, make, truth) for stated, make in ways]
    answers = [place for place, one in enumerate(attempts) if one["verdict"] != "error"]
    right = [place for place in answers if attempts[place]["verdict"] == "right"]

    def length(place: int) -> tuple[int, int]:
        one = attempts[place]
        return one["nodes"], len(one.get("latex", one["text"]))

    shown = min(right, key=length, default=(*answers, 0)[0])
    for place, one in enumerate(attempts):
        if place != shown:
            one.pop("latex", None)
            one.pop("text", None)
    return {"attempts": attempts, "shown": shown}


def milliseconds(tool: str, name: str, place: int) -> float:
    """The processor time of statement and derivative; to be asked in a new process."""
    _, make = importlib.import_module(f"by_{tool}").writings(BY_NAME[name])[place]
    started = time.process_time()
    with contextlib.suppress(Exception):
        make()
    return round(1000 * (time.process_time() - started), 1)


def problem(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:120]


def _off(value: np.ndarray, truth: np.ndarray) -> float:
    if value.shape != truth.shape:
        return float("inf")
    return float(np.max(np.abs(value - truth)) / np.max(np.abs(truth)))
