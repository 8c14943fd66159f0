"""Constructive witnesses on a page: predicted bound, certified error, ratio, and a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Plot

from backproof.documents.chapters.pictures import picture
from backproof.drawings.tour import BLUE, VERMILION
from backproof.numerics.universality import barron
from backproof.numerics.universality.target import TARGETS, Target
from backproof.numerics.universality.witnesses import MONOTONE, OF_A_TARGET, Witness
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.polynomials import polynomial
from backproof.numerics.universality.witnesses.product import product
from backproof.numerics.universality.witnesses.ridge import ridge
from backproof.numerics.universality.witnesses.taylor import taylor
from backproof.numerics.universality.witnesses.yarotsky import yarotsky
from backproof.pages.blocks import Block, Page, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.errors import BackproofError

SIZES = {"bernstein": 10, "jackson": 8, "bernstein_network": 4}  # where a term costs more than one
ANALYTIC = [t for t in TARGETS if t.name in ("e⁻ˣ", "x³ − x", "x²")]
RISING = [t for t in TARGETS if t.name in ("x²", "e⁻ˣ", "log(1 + 3x)", "tanh(8x − 4)", "√x")]
ROUNDING = 1e-12  # a target that is met exactly, but for rounding, is in the table alone
MARKERS = "osD^vP<>Xp*"
HEADER = ("target", "construction", "bound by", "predicted", "certified", "ratio")
Builder = Callable[[], list[tuple[str, Witness]]]


def _of_targets(build: Callable[[Target, int], Witness], targets: Sequence[Target]) -> Builder:
    size = SIZES.get(build.__name__, 20)
    return lambda: [(t.name, build(t, size)) for t in targets]


def _own(build: Callable[..., Witness], *given: tuple[object, ...]) -> Builder:
    return lambda: [(str(w.target), w) for w in (build(*values) for values in given)]


BUILDERS: dict[str, Builder] = {
    **{b.__name__.removesuffix("_interpolation"): _of_targets(b, TARGETS) for b in OF_A_TARGET},
    **{b.__name__: _of_targets(b, RISING) for b in MONOTONE},
    "monomials": _own(monomial, *((k, 2.0**-5, m) for m in (0, 1, 2) for k in (1, 2, 3, 4))),
    "polynomials": _own(polynomial, *(((1, 0, -2, 0, 0.5), m) for m in (0, 1, 2))),
    "taylor": lambda: [(t.name, taylor(t, 4, m)) for t in ANALYTIC for m in (0, 1, 2)],
    "yarotsky": _own(yarotsky, (1,), (3,), (6,)),
    "ridge": _own(ridge, (2,), (4,), (8,)),
    "product": _own(product, (2,), (3,)),
    "barron": lambda: [(t.name, barron.witness(t, 31)) for t in barron.on_intervals()],
}


def constructed(names: Sequence[str]) -> list[tuple[str, Witness]]:
    """The constructions of some names, each with what it approximates.

    Raises `BackproofError` for a name that is not one of `BUILDERS`.
    """
    found = []
    for name in names:
        if name not in BUILDERS:
            raise BackproofError("witness", repr(name), f"one of {', '.join(BUILDERS)}", "pick one")
        found += BUILDERS[name]()
    return found


def cells(name: str, w: Witness) -> tuple[str, ...]:
    """A row of the table, as plain text."""
    norm = "" if w.norm == "sup" else f", L^{w.norm}"
    norm += f", C^{w.derivatives}" if w.derivatives else ""
    return (
        name,
        f"{w.name}, {w.units} units{norm}",
        w.because,
        f"{w.predicted:.4g}",
        f"[{w.claim.lower:.4g}, {w.claim.upper:.4g}]",
        f"{w.ratio:.3f}" if w.verdict == "within" else f"{w.ratio:.3f}, {w.verdict}",
    )


def witness_section(found: Sequence[tuple[str, Witness]]) -> Section:
    """The table and the plot."""
    blocks: list[Block] = [
        Prose(
            "Networks that are constructed. The predicted bound is that of a theorem; the "
            "certified bounds enclose the distance on the unit interval or cube, or where the row "
            "says so another, rounding counted. Their ratio is at most one where the bound holds."
        ),
        Table(HEADER, [tuple(map(literal, cells(name, w))) for name, w in found]),
        picture(
            "Certified error against predicted bound; on the line the bound is attained. Errors "
            "that are rounding alone, below 1e-12, are in the table.",
            _plot(found),
        ),
    ]
    return Section("Witnesses", blocks)


def witness_page(found: Sequence[tuple[str, Witness]]) -> Page:
    """All of them on one page."""
    within = sum(w.verdict != "exceeded" for _, w in found)
    subtitle = f"{within} of {len(found)} certified errors are within their predicted bounds"
    return Page(
        "Networks that are constructed, and their bounds", subtitle, [witness_section(found)]
    )


def _plot(found: Sequence[tuple[str, Witness]]) -> Plot:
    figure = Plot(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    colours = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
    kinds = list(dict.fromkeys(w.name for _, w in found))
    for n, kind in enumerate(kinds):  # six colours and eleven markers: no pair comes twice
        colour, marker = colours[n % len(colours)], MARKERS[n % len(MARKERS)]
        chosen = [w for _, w in found if w.name == kind and w.claim.upper > ROUNDING]
        axes.loglog(
            [w.predicted for w in chosen],
            [w.claim.upper for w in chosen],
            marker,
            color=colour,
            label=kind,
            markersize=5,
        )
    low, high = axes.get_xlim()
    axes.loglog([low, high], [low, high], "-", color="0.6", linewidth=1)
    axes.set_xlabel("predicted bound")
    axes.set_ylabel("certified error")
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        ncols=min(4, len(kinds)),
        frameon=False,
        fontsize=8,
    )
    axes.grid(True, which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
