"""Files to go on from: arrays and plain numbers in one ``.npz``, without pickles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


def write(path: str | Path, arrays: Mapping[str, np.ndarray], note: Mapping[str, Any]) -> None:
    """Write arrays and a note of plain numbers; an older file is replaced only when all is there.

    Python writes a float with as many digits as it takes to read the same one back.
    """
    target = Path(path)
    part = target.with_name(target.name + ".part")
    with part.open("wb") as file:
        named: dict[str, Any] = {f"array_{name}": x for name, x in arrays.items()}
        np.savez(file, note=np.array(json.dumps(note)), **named)
    part.replace(target)


def read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the note of a file.

    Raises `BackproofError` for a file of another kind.
    """
    with np.load(path, allow_pickle=False) as file:
        if "note" not in file.files:
            raise BackproofError(str(path), "no note", "a file that `save` wrote", "check the name")
        note = json.loads(str(file["note"]))
        arrays = {k.removeprefix("array_"): file[k] for k in file.files if k != "note"}
    return arrays, note


def write_run(
    path: str | Path, arrays: Mapping[str, np.ndarray], random: np.random.Generator, count: int
) -> None:
    """Write the states of a run by name, with its generator and how far it is."""
    write(path, arrays, {"random": generator_state(random), "count": count})


def read_run(path: str | Path) -> tuple[dict[str, np.ndarray], np.random.Generator, int]:
    """What `write_run` wrote."""
    arrays, note = read(path)
    return arrays, generator(note["random"]), int(note["count"])


def grouped(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names start with ``prefix``, by what follows it."""
    return {k.removeprefix(prefix): x for k, x in arrays.items() if k.startswith(prefix)}


def prefixed(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays by their names after ``prefix``."""
    return {prefix + k: x for k, x in arrays.items()}


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
