"""States and a generator in one file, from which a run goes on bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


def write(
    path: str | Path, arrays: Mapping[str, np.ndarray], random: np.random.Generator, count: int
) -> None:
    """Write arrays by name, the state of a generator and a count to an ``.npz`` file."""
    note = json.dumps({"random": generator_state(random), "count": count})
    with Path(path).open("wb") as file:
        named: dict[str, Any] = {f"state_{k}": x for k, x in arrays.items()}
        np.savez(file, note=np.array(note), **named)


def read(path: str | Path) -> tuple[dict[str, np.ndarray], np.random.Generator, int]:
    """What `write` wrote.  Raises `BackproofError` for a file that is none of it."""
    with np.load(path, allow_pickle=False) as file:
        if "note" not in file.files:
            raise BackproofError(str(path), "no note of a generator", "a checkpoint", "check it")
        note = json.loads(str(file["note"]))
        arrays = {key.removeprefix("state_"): file[key] for key in file.files if key != "note"}
    return arrays, generator(note["random"]), int(note["count"])


def generator_state(random: np.random.Generator) -> dict[str, Any]:
    """The state of a generator as plain numbers and lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return value.tolist() if isinstance(value, np.ndarray | np.generic) else value

    found: dict[str, Any] = plain(random.bit_generator.state)
    return found


def generator(state: Mapping[str, Any]) -> np.random.Generator:
    """A generator in a state that `generator_state` wrote down."""
    kind = getattr(np.random, str(state["bit_generator"]), None)
    if kind is None or not issubclass(kind, np.random.BitGenerator):
        raise BackproofError(
            "generator", f"{state['bit_generator']!r}", "a bit generator of NumPy", "check the file"
        )
    bits = kind()
    bits.state = dict(state)
    return np.random.Generator(bits)
