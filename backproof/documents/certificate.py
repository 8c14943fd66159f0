"""A certificate as a page: the claim, the two functions, their difference between its bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Plot

from backproof.documents.chapters.pictures import picture
from backproof.drawings.tour import BLUE, VERMILION
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.partials import Partial
from backproof.pages.blocks import (
    Block,
    Code,
    Evidence,
    EvidenceRow,
    Formula,
    Page,
    Prose,
    Section,
    Table,
)
from backproof.pages.inline import literal
from backproof.theory.claims import GROUNDS

FINE = 1601  # points of a curve


def certificate_page(claim: Certificate, title: str = "") -> Page:
    """What is claimed, seen, and rested upon; the Coq file where there is one."""
    sections = [_claim(claim)]
    if claim.functions is not None and len(claim.low) and claim.low.shape[1] <= 2:
        sections.append(_seen(claim))
    sections.append(_grounds(claim))
    if claim.proof is not None:
        sections.append(_proof(claim))
    heading = title or "A network and its target, with a guarantee"
    return Page(heading, literal(f"A certificate of the engine {claim.engine}"), sections)


def _claim(claim: Certificate) -> Section:
    norm = {"sup": r"\sup_x |N(x) - f(x)|"}.get(claim.norm, rf"\|N - f\|_{{{claim.norm}}}")
    blocks: list[Block] = [
        Formula(
            rf"{claim.lower:.9g} \le {norm} \le {claim.upper:.9g}",
            f"{claim.lower!r} <= {claim.statement} <= {claim.upper!r}",
            label="claim",
        ),
    ]
    if claim.point is not None:
        place = ", ".join(map(repr, claim.point))
        place = f"({place})" if len(claim.point) > 1 else place
        blocks.append(Prose(literal(f"The lower bound is attained at x = {place}.")))
    spread = f"The bounds are {claim.rtol:.2g} of the lower one apart"
    asked = "as close as was asked" if claim.met else "farther than was asked"
    blocks.append(Prose(literal(f"{spread}, {asked}.")))
    if claim.functions is not None:
        rows = [(f"${n}$", literal(told(f))) for n, f in zip("Nf", claim.functions, strict=True)]
        sides = (
            " × ".join(f"[{a:.9g}, {b:.9g}]" for a, b in zip(low, high, strict=True))
            for low, high in claim.domain
        )
        rows.append(("domain", literal(" ∪ ".join(sides))))
        blocks.append(Table(("", "what it is"), rows))
    return Section("The claim", blocks)


def told(function: Any) -> str:
    """A formula, or the sizes and activations of a network."""
    if isinstance(function, Expression):
        return str(function.expression)
    if isinstance(function, Partial):
        return f"the derivative of order {function.order} of {told(function.network)}"
    layers = [
        f"{len(x.bias)} {'linear' if x.activation is None else x.activation.__name__}"
        + (f", {x.times} times differentiated" if x.times else "")
        for x in function.layers
    ]
    return f"a network of {function.dimension} inputs and layers of {', '.join(layers)} units"


def _seen(claim: Certificate) -> Section:
    plot = _line(claim) if claim.low.shape[1] == 1 else _plane(claim)
    caption = f"{len(claim.low)} boxes cover the domain."
    if claim.norm != "sup" and claim.norm.startswith("C"):
        caption += " Shown is the derivative whose supremum is the largest."
    if claim.low.shape[1] == 1 and not claim.norm.startswith("L"):
        caption += " The band is what the float engine found on each: N − f cannot leave it."
    return Section("What it looks like", [picture(caption, plot)])


def values(claim: Certificate, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """N and f at points of shape (points, d), as the engine computes them."""
    assert claim.functions is not None
    boxes = Boxes(basis(points.shape[1], 0), points, np.zeros_like(points))
    with np.errstate(all="ignore"):
        p, q = (f.enclose(boxes).c[0] for f in claim.functions)
    return p, q


def _line(claim: Certificate) -> Plot:
    figure = Plot(figsize=(7.2, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    order = np.argsort(claim.low[:, 0])
    low, high, bounds = claim.low[order, 0], claim.high[order, 0], claim.bounds[order]
    banded = not claim.norm.startswith("L")
    gaps = np.nonzero(low[1:] > np.maximum.accumulate(high)[:-1])[0] + 1
    for n, run in enumerate(np.split(np.arange(len(low)), gaps)):
        x = np.linspace(low[run[0]], high[run].max(), FINE)
        network, target = values(claim, x[:, None])
        named = n == 0
        above.plot(x, target, "-", color="0.45", linewidth=3, label="f" if named else None)
        above.plot(x, network, "-", color=BLUE, linewidth=1.4, label="N" if named else None)
        below.plot(
            x, network - target, "-", color=BLUE, linewidth=1.4, label="N − f" if named else None
        )
        if banded:
            edges = np.append(low[run], high[run[-1]])
            below.stairs(
                bounds[run], edges, baseline=-bounds[run], fill=True, color=VERMILION, alpha=0.25,
                label="enclosure" if named else None,
            )  # fmt: skip
    if banded:
        for side in (1, -1):
            below.axhline(side * claim.upper, color=VERMILION, linewidth=0.8, linestyle="--")
        below.set_ylim(-1.25 * claim.upper, 1.25 * claim.upper)
    if claim.point is not None:
        p, q = values(claim, np.array([claim.point]))
        below.plot(claim.point, p - q, "o", color="k", markersize=5, label="attained")
    below.set_xlabel("x")
    below.set_ylabel("difference")
    for axes in (above, below):
        axes.legend(frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        axes.grid(True, alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _plane(claim: Certificate) -> Plot:
    figure = Plot(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.subplots()
    left, right = claim.low.min(0), claim.high.max(0)
    x, y = (np.linspace(a, b, 241) for a, b in zip(left, right, strict=True))
    network, target = values(claim, np.stack(np.meshgrid(x, y), -1).reshape(-1, 2))
    size = float(np.abs(network - target).max()) or 1.0
    image = axes.pcolormesh(
        x, y, (network - target).reshape(len(y), len(x)),
        cmap="RdBu_r", vmin=-size, vmax=size, shading="nearest", rasterized=True,
    )  # fmt: skip
    corners = [
        [(a, c), (b, c), (b, d), (a, d), (a, c)]
        for (a, c), (b, d) in zip(claim.low.tolist(), claim.high.tolist(), strict=True)
    ]
    axes.add_collection(LineCollection(corners, colors="0.35", linewidths=0.5))
    if claim.point is not None:
        axes.plot(*claim.point, "o", color="k", markersize=6, clip_on=False)
        axes.annotate(
            "attained",
            (claim.point[0], claim.point[1]),
            textcoords="offset points",
            xytext=(0, 8),
            ha="center",
            annotation_clip=False,
        )
    assert claim.functions is not None
    named = next((f.variables for f in claim.functions if isinstance(f, Expression)), "xy")
    axes.set_xlabel(str(named[0]))
    axes.set_ylabel(str(named[1]))
    figure.colorbar(image, label="N − f")
    return figure


def _grounds(claim: Certificate) -> Section:
    rows = [
        EvidenceRow(literal(r.statement), "verified", r.rests_on, literal(r.detail))
        for r in claim.evidence
    ]
    words = [f"**{word}**: {GROUNDS[word]}." for word in sorted(claim.rests_on)]
    trusted = [literal(f"Taken on trust: {a}.") for a in claim.assumptions]
    return Section("What it rests on", [Evidence(rows), *map(Prose, (*words, *trusted))])


def _proof(claim: Certificate) -> Section:
    proof = claim.proof
    blocks: list[Block] = [Prose(literal(line.strip())) for line in str(proof).splitlines()]
    if proof.source:
        blocks.append(Code(proof.source, "coq"))
    return Section("The Coq file", blocks)
