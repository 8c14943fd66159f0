"""Pictures of machines: receptive fields, samples over time, brackets of log Z, energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from backproof.numerics.sampling.annealing import Bracket
from backproof.theory.errors import BackproofError


def receptive_fields(W: Any, shape: tuple[int, int], columns: int = 8) -> Figure:
    """The weights of each hidden unit as an image, on one scale symmetric about zero.

    ``W`` has a row for each visible unit and a column for each hidden one.
    """
    weights = np.asarray(W, float)
    if weights.ndim != 2 or weights.shape[0] != shape[0] * shape[1]:
        raise BackproofError(
            "receptive_fields",
            f"weights of shape {weights.shape} for images of {shape}",
            f"{shape[0] * shape[1]} rows",
            "pass W with a row for each visible unit",
        )
    reach = float(np.abs(weights).max()) or 1.0
    return _tiles([w.reshape(shape) for w in weights.T], columns, "RdBu_r", -reach, reach)


def samples_over_time(states: Sequence[Any], shape: tuple[int, int]) -> Figure:
    """Visible states of chains, a column for each time and a row for each chain."""
    images = [np.asarray(rows, float).reshape(-1, *shape) for rows in states]
    by_chain = [image[n] for n in range(len(images[0])) for image in images]
    return _tiles(by_chain, len(images), "gray_r", 0.0, 1.0)


def _tiles(
    images: Sequence[np.ndarray], columns: int, colours: str, low: float, high: float
) -> Figure:
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(0.8 * columns + 0.2, 0.8 * rows + 0.2), layout="constrained")
    for n, axes in enumerate(figure.subplots(rows, columns, squeeze=False).ravel()):
        axes.set_axis_off()
        if n < len(images):
            axes.imshow(images[n], cmap=colours, vmin=low, vmax=high, interpolation="nearest")
    return figure


def bracket_picture(brackets: Sequence[tuple[int, Bracket]], log_Z: float | None = None) -> Figure:
    """Forward and reverse estimates against the number of intermediate machines.

    ``brackets`` are pairs of that number and a bracket; ``log_Z`` is the exact value if known.
    """
    steps = [n for n, _ in brackets]
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    for name, estimates in (
        ("forward, below in expectation", [b.forward for _, b in brackets]),
        ("reverse, above in expectation", [b.reverse for _, b in brackets]),
    ):
        means = [e.mean for e in estimates]
        errors = [e.log_weights.std(ddof=1) / np.sqrt(len(e.log_weights)) for e in estimates]
        axes.errorbar(steps, means, errors, marker="o", capsize=3, label=name)
    if log_Z is not None:
        axes.axhline(log_Z, color="black", linewidth=0.8, label="exact")
    axes.set_xscale("log")
    axes.set_xlabel("intermediate machines")
    axes.set_ylabel("log Z")
    axes.legend()
    return figure


def energy_histogram(samples: dict[str, Any], bins: int = 40) -> Figure:
    """The distribution of energies in several sets of states, such as data and samples."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    values = {name: np.asarray(x, float).ravel() for name, x in samples.items()}
    every = np.concatenate(list(values.values()))
    edges = np.linspace(every.min(), every.max(), bins + 1).tolist()
    for name, energies in values.items():
        axes.hist(energies, edges, density=True, alpha=0.5, label=name)
    axes.set_xlabel("energy")
    axes.set_ylabel("density")
    axes.legend()
    return figure
