"""The results as a page, a picture and numbers: benchmarks.md, benchmarks.svg, benchmarks.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import BUSY, kernels
from benchmarks.pictures import frame

Report = dict[str, Any]


def written(reports: Sequence[Report], folder: Path) -> None:
    """Write the three files."""
    threads = reports[0]["machine"]["threads"]
    stem = "benchmarks" if threads == 1 else f"benchmarks-{threads}-threads"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = json.dumps([without_rounds(r) for r in reports], indent=1, ensure_ascii=False)
    (folder / f"{stem}.json").write_text(numbers + "\n", "utf-8")
    (folder / f"{stem}.md").write_text(page(reports, stem), "utf-8")
    picture(reports, folder / f"{stem}.svg")


def without_rounds(told: Report) -> Report:
    """The report with medians and spreads, without the seconds of every round."""
    kept = {
        name: {
            phase: {k: v for k, v in found.items() if k != "seconds"}
            if isinstance(found, dict)
            else found
            for phase, found in one.items()
        }
        for name, one in told["contestants"].items()
    }
    return {**told, "contestants": kept}


def page(reports: Sequence[Report], stem: str) -> str:
    """The summary, what all of it depends on, and a table a benchmark."""
    lines = ["# Benchmarks", "", *setting(reports), "", f"![Ratios to all peers]({stem}.svg)", ""]
    lines += summary(reports)
    for told in reports:
        lines += ["", f"## {told['benchmark']}", "", told["about"] + ".", "", *rows(told)]
    return "\n".join(lines) + "\n"


def setting(reports: Sequence[Report]) -> list[str]:
    """The machine, the versions, and how to read the numbers."""
    machine, in_use = reports[0]["machine"], reports[0]["BLAS in use"]
    shares = [told["machine"]["busy before"] for told in reports]
    beside = [told["others' share of the processors in the rounds"] for told in reports]
    busiest = max([*shares, *(share for share in beside if share is not None)])
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return [
        "Written by `python -m benchmarks`; every number is of one run on one machine, "
        f"{machine['processor']}, {machine['system']}, {machine['threads']} of "
        f"{machine['processors']} processors; others took up to {busiest:.0%} of all processors"
        + (" — **a loaded machine**." if busiest > BUSY else "."),
        kernels(machine, in_use),
        f"Versions: {versions}.",
        "",
        "A ratio is backproof's time for a call over that of a peer, the median over "
        f"{machine['rounds']} rounds of the ratios within a round; below 1, backproof is faster. "
        "The ratio of the fastest rounds of two is what load disturbs least. "
        "Results of all were compared before any was timed. The matrix products alone, with "
        "every matrix by rows as one writes it, are the floor: no peer, but what nobody can leave "
        "out; a kernel whose matrices lie otherwise may come below it. "
        "The memory is the peak of a call above what the imported packages take: buffers and "
        "compiled code that stay count. Those that "
        "keep on disk what they compiled give their first result from that cache, and once from "
        "an empty one, with all processors for their compilers.",
    ]


def summary(reports: Sequence[Report]) -> list[str]:
    """A row a benchmark: the best peer, the ratios to it, and the memory of three."""
    heads = (
        "benchmark", "what", "best peer", "NumPy / it", "C / it", "NumPy / floor",
        "first result / JAX's", "C, empty cache", "memory: NumPy, C, JAX, torch (MiB)",
    )  # fmt: skip
    lines = [
        f"| {' | '.join(heads)} |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for told in reports:
        all_ = told["contestants"]
        first, jax = next(iter(all_.values())), all_.get("JAX jit")
        floors = [one for one in all_.values() if one["floor"]]
        in_c = all_.get("backproof C", {}).get("to best peer")
        floor = 1 / floors[0]["steady"]["relative to backproof"] if floors else None
        start = first["first"]["median"] / jax["first"]["median"] if jax else None
        torch = next((o for name, o in all_.items() if name.startswith("torch")), None)
        known = (first, all_.get("backproof C"), jax, torch)
        memory = (o["peak memory of a call, MiB"] if o else None for o in known)
        cells = (
            told["benchmark"], told["about"], told["best peer"] or "",
            number(told["ratio to best peer"]), number(in_c), number(floor), number(start, 3),
            uncached(all_["backproof C"]) if "backproof C" in all_ else "",
            ", ".join("–" if m is None else f"{m:.1f}" for m in memory),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def number(value: float | None, digits: int = 2) -> str:
    """A ratio, or nothing."""
    return "" if value is None else f"{value:.{digits}f}"


def rows(told: Report) -> list[str]:
    """The table of one benchmark."""
    heads = ("", "a call", "backproof / it", "fastest / its", "first result", "from an empty cache",
             "peak memory")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, one in told["contestants"].items():
        inverse = 1 / one["steady"]["relative to backproof"]
        memory = one["peak memory of a call, MiB"]
        cells = (
            f"{name} (floor)" if one["floor"] else name,
            seconds(one["steady"]["median"]),
            f"{inverse:.2f}",
            f"{told['ratios of the fastest rounds'][name]:.2f}",
            seconds(one["first"]["median"]),
            uncached(one),
            f"{memory:.1f} MiB" if memory is not None else "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def uncached(one: dict[str, Any]) -> str:
    """The first result from an empty cache, of one that has a cache."""
    found = one["first result from an empty cache"]
    return "" if found is None else seconds(found)


def seconds(number: float) -> str:
    """A time in a fitting unit."""
    unit, scale = ("ms", 1e3) if number >= 1e-3 else ("µs", 1e6)
    return f"{number * scale:.3g} {unit}" if number < 1 else f"{number:.2f} s"


def marks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """A colour and a shape for each contestant, no two the same; our own is black."""
    from matplotlib import pyplot

    colours = pyplot.colormaps["tab10"].colors  # type: ignore[attr-defined]
    looks = [{"color": c, "marker": m} for m in "os^Dv" for c in colours]
    found = dict(zip(names, looks, strict=False))
    own = [name for name in names if name.startswith("backproof")]
    for name, marker in zip(own, "*PXd", strict=False):
        found[name] = {"color": "black", "marker": marker}
    return found


def picture(reports: Sequence[Report], file: Path) -> None:
    """A row a benchmark, a mark a peer, at the ratio of backproof's time to the peer's."""
    names = dict.fromkeys(name for told in reports for name in list(told["contestants"])[1:])
    rows = [told["benchmark"] for told in reports]
    label = "time of backproof over time of the peer (left of 1: backproof is faster)"
    drawn = set()
    with frame(rows, label, file) as axes:
        for row, told in enumerate(reports):
            for name, one in list(told["contestants"].items())[1:]:
                ratio = 1 / one["steady"]["relative to backproof"]
                look = marks(list(names))[name] | ({"marker": "|"} if one["floor"] else {})
                said = {"label": name if name not in drawn else None, "linestyle": ""}
                axes.plot([ratio], [row], markersize=7, alpha=0.85, **said, **look)
                drawn.add(name)
