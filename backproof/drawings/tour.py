"""The tour's two pictures, in colours that a colour-blind reader tells apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

BLUE, VERMILION = "#0072B2", "#D55E00"  # of the palette of Okabe and Ito (2008)


def loss_curve(losses: Sequence[float], held_out: Sequence[float]) -> Figure:
    """The loss after each iteration, on the training images and on those held out."""
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    iterations = np.arange(1, len(losses) + 1)
    for values, colour, style, label in (
        (held_out, VERMILION, "--", "held-out images"),
        (losses, BLUE, "-", "training images"),
    ):
        axes.plot(iterations, values, style, color=colour, linewidth=1.8)
        axes.annotate(
            label,
            (iterations[-1], values[-1]),
            textcoords="offset points",
            xytext=(0, 6),
            ha="right",
            color=colour,
        )
    axes.set_yscale("log")
    axes.set_xlabel("iteration of L-BFGS")
    axes.set_ylabel("loss J (nats an image, with penalty)")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(True, which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def confusion_counts(labels: np.ndarray, predicted: np.ndarray, classes: int = 10) -> np.ndarray:
    """How often an image of the digit (row) was read as the digit (column).

    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=2)
    array([[1, 1],
           [0, 1]])
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def confusion_matrix(counts: np.ndarray) -> Figure:
    """The counts as a table, shaded on a logarithmic scale so that single errors show."""
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    axes = figure.subplots()
    norm = LogNorm(1, max(2, counts.max()))
    image = axes.imshow(np.ma.masked_equal(counts, 0), cmap="cividis_r", norm=norm)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = norm(count) > 0.5
            axes.text(column, row, str(count), ha="center", va="center", color="w" if dark else "k")
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.set_xlabel("digit read by the network")
    axes.set_ylabel("digit written")
    axes.tick_params(length=0)
    bar = figure.colorbar(image, label="images", shrink=0.9)
    bar.set_ticks([tick for tick in (1, 2, 5, 10, 20, 50) if tick <= counts.max()])
    bar.ax.yaxis.set_major_formatter("{x:.0f}")
    bar.minorticks_off()
    return figure
