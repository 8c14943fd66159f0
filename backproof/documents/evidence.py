"""Evidence on a page: the figure of its curves, and the table of predicted against measured."""

from __future__ import annotations

from matplotlib.figure import Figure as Plot

from backproof.documents.chapters.pictures import picture
from backproof.drawings.tour import BLUE, VERMILION
from backproof.numerics.evidence import HEADER, LEVELS, Evidence
from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.pages.inline import literal

COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "0.35")
MARKERS = "osD^vPX"


def evidence_section(evidence: Evidence) -> Section:
    """What was predicted and what was found, with the figure before the table."""
    failed = sum(not row.holds for row in evidence.rows)
    verdict = f"**{failed} do not hold.**" if failed else "All hold."
    words = {row.level.split()[0] for row in evidence.rows}
    ways = "; ".join(
        f"*{word}*: {LEVELS[word]}".replace("*", "") for word in LEVELS if word in words
    )
    blocks: list[Block] = []
    if evidence.curves:
        blocks.append(picture(evidence.caption, evidence_plot(evidence)))
    blocks += [
        Prose(f"{len(evidence.rows)} predictions, each read from left to right. {verdict}"),
        Table(HEADER, [tuple(map(literal, row.cells)) for row in evidence.rows]),
        Prose(literal(f"How: {ways}.")),
    ]
    return Section("Predicted and measured", blocks, anchor="evidence")


def evidence_plot(evidence: Evidence) -> Plot:
    """The curves, a panel for each axes, side by side up to two."""
    count = len(evidence.panels)
    columns = min(2, count)
    rows = -(-count // columns)
    figure = Plot(figsize=(6.4 if columns == 1 else 9.2, 3.9 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_axis_off()
    for panel, (axes, labels) in enumerate(zip(grid, evidence.panels, strict=False)):
        curves = [curve for curve in evidence.curves if curve.panel == panel]
        for n, curve in enumerate(curves):
            colour, label = COLOURS[n % len(COLOURS)], curve.name or None
            x, y = list(map(float, curve.x)), list(map(float, curve.y))
            if curve.kind == "band":
                upper = list(map(float, curve.upper))
                axes.fill_between(x, y, upper, color=colour, alpha=0.25, label=label, linewidth=0)
            elif curve.kind == "points":
                marker = MARKERS[n % len(MARKERS)]
                axes.plot(x, y, marker, color=colour, label=label, markersize=4.5)
            else:
                axes.plot(x, y, "-", color=colour, label=label, linewidth=1.6)
        axes.set_xscale("log" if labels.log_x else "linear")
        axes.set_yscale("log" if labels.log_y else "linear")
        axes.set_xlabel(labels.x)
        axes.set_ylabel(labels.y)
        axes.set_title(labels.title, fontsize=10)
        axes.grid(True, which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        if len(curves) > 1 and any(curve.name for curve in curves):
            below = (0.5, -0.16)  # beside the curves, whatever these are
            axes.legend(
                loc="upper center", bbox_to_anchor=below, ncols=2, frameon=False, fontsize=8
            )
    return figure
