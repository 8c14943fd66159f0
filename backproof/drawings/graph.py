"""The graph of a machine: its groups, who is coupled with whom, and what is drawn at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from backproof.theory.energy.groups import Group
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks
from backproof.theory.printing.latex import latex

COLOURS = ("#0b6aa2", "#d1780a", "#4c8f2f", "#8c4a9e", "#a33c3c", "#5a5a5a")
SHOWN = 5  # units drawn of each group
GAP = 1.6


def graph_picture(machine: Machine) -> Figure:
    """A row of units for each group, lines for couplings, one colour for groups drawn at once."""
    order = blocks(machine)
    colour = {name: COLOURS[n % len(COLOURS)] for n, block in enumerate(order) for name in block}
    figure, axes = _canvas(len(machine.groups))
    height = {group.name: GAP * n for n, group in enumerate(machine.groups)}
    for coupling in machine.couplings:
        for first, second in combinations(coupling.between, 2):
            if first == second:
                _arcs(axes, height[first], colour[first])
            else:
                for a, b in product(range(SHOWN), repeat=2):
                    _line(axes, (a, height[first]), (b, height[second]))
    for group in machine.groups:
        visible = group.name in machine.visible
        _units(axes, group, height[group.name], colour[group.name], visible)
    said = "; then ".join(" and ".join(block) for block in order)
    figure._backproof_alt = (  # type: ignore[attr-defined]
        f"Rows of units, {', '.join(g.name for g in machine.groups)} from below, with lines "
        f"between those that are coupled; drawn at once: {said}."
    )
    return figure


def belief_picture(layers: Sequence[Group]) -> Figure:
    """Layers from below: arrows downward between the lower ones, lines between the last two."""
    figure, axes = _canvas(len(layers))
    for n in range(len(layers) - 1):
        for a, b in product(range(SHOWN), repeat=2):
            if n < len(layers) - 2:
                _arrow(axes, (a, GAP * (n + 1)), (b, GAP * n))
            else:
                _line(axes, (a, GAP * n), (b, GAP * (n + 1)))
    for n, group in enumerate(layers):
        top = n >= len(layers) - 2
        _units(axes, group, GAP * n, COLOURS[0 if top else 1], n == 0)
    figure._backproof_alt = (  # type: ignore[attr-defined]
        "Layers of units: the two on top joined by lines, each lower one by arrows from above."
    )
    return figure


def _canvas(rows: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.6, 0.85 * rows + 0.35), layout="constrained")
    axes = figure.subplots()
    axes.set_xlim(-0.6, SHOWN + 3.4)
    axes.set_ylim(-0.6, GAP * (rows - 1) + 0.6)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure, axes


def _units(axes: Axes, group: Group, height: float, colour: str, visible: bool) -> None:
    for n in range(SHOWN):
        if n == SHOWN - 2:  # there are more than are drawn
            axes.text(n, height, "…", ha="center", va="center", fontsize=13, color=colour)
            continue
        axes.plot(
            n,
            height,
            "o",
            markersize=15,
            markerfacecolor=colour if visible else "white",
            markeredgecolor=colour,
            markeredgewidth=2,
        )
    name = f"${group.name[0]}{'^{(' + group.name[1:] + ')}' if group.name[1:] else ''}$"
    sizes = " × ".join(f"${latex(size)}$" for size in group.shape)
    unit = group.unit.name.replace("_", " ")
    axes.text(SHOWN - 0.3, height, f"{name}   {sizes} {unit}", va="center", fontsize=11)


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    if SHOWN - 2 in (start[0], end[0]):
        return
    axes.plot(*zip(start, end, strict=True), color="0.75", linewidth=0.7, zorder=0)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    if SHOWN - 2 in (start[0], end[0]):
        return
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 7, "shrinkA": 8, "shrinkB": 9}
    axes.add_patch(FancyArrowPatch(start, end, color="0.6", linewidth=0.6, zorder=0, **style))


def _arcs(axes: Axes, height: float, colour: str) -> None:
    for a, b in combinations([n for n in range(SHOWN) if n != SHOWN - 2], 2):
        curve = f"arc3,rad={0.35 if (a + b) % 2 else -0.35}"
        ends = (a, height), (b, height)
        patch = FancyArrowPatch(*ends, arrowstyle="-", connectionstyle=curve)
        patch.set(color=colour, alpha=0.5, linewidth=0.7, zorder=0)
        axes.add_patch(patch)
