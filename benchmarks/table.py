"""The table of one benchmark, on a terminal."""

import math
from typing import Any

from rich.table import Table

from benchmarks.benchmark import Benchmark
from benchmarks.machine import BUSY, kernels
from benchmarks.timing import Times, best_peer


def table(benchmark: Benchmark, times: dict[str, Times]) -> Table:
    """Medians, ratios of the first contestant's time to each one's, and memory."""
    first, best = next(iter(times.values())), best_peer(times)
    shown = Table(title=f"{benchmark.name}: {benchmark.about}", title_justify="left")
    shown.add_column("")
    heads = ("first result", f"{first.contestant} / it", "a call", f"{first.contestant} / it")
    for column in (*heads, "fastest / its", "empty cache", "peak memory"):
        shown.add_column(column, justify="right")
    for name, one in times.items():
        cells = [f"{name} (floor)" if one.floor else name]
        for phase in ("first", "steady"):
            ratio = f"{first.ratio(one, phase):.2f}"
            mark = " ←" if one is best and phase == "steady" else ""
            cells += [duration(one, phase), "" if one is first else ratio + mark]
        cells.append("" if one is first else f"{first.quiet_ratio(one, 'steady'):.2f}")
        cells.append("" if math.isnan(one.cold) else f"{one.cold:.2f} s")
        cells.append("" if math.isnan(one.memory) else f"{one.memory:.1f} MiB")
        shown.add_row(*cells)
    return shown


def duration(times: Times, phase: str) -> str:
    """A median and its spread, such as `41.2 ms (40.1–44.8)`."""
    low, high = times.spread(phase)
    unit, scale = ("ms", 1e3) if times.median(phase) >= 1e-3 else ("µs", 1e6)
    middle, low, high = (scale * value for value in (times.median(phase), low, high))
    digits = 1 if middle < 100 else 0
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f}–{high:.{digits}f})"


def facts(machine: dict[str, Any], first: Times) -> str:
    """What the numbers depend on."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    loaded = "LOADED MACHINE: not to be quoted.  " if machine["busy before"] > BUSY else ""
    beside = "" if math.isnan(first.foreign) else f", {first.foreign:.0%} during the rounds"
    return (
        f"{loaded}Medians (smallest–largest) of {machine['rounds']} rounds on "
        f"{machine['threads']} of {machine['processors']} processors; ratios are medians of the "
        f"ratios within a round, ← the best peer; results agreed before timing.\n"
        f"{machine['processor']}, {machine['system']}; others' work took "
        f"{machine['busy before']:.0%} of the processors before{beside}; "
        f"load average {', '.join(map(str, machine['load average']))}.\n"
        f"{kernels(machine, first.blas)}\n{versions}"
    )
