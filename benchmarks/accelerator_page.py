"""The page of an accelerator: benchmarks-h100.md, .svg and .json, named by the GPU."""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.pages import Report, number, seconds, without_rounds

PAIRS = (
    ("eager", "backproof torch", "torch eager"),
    ("torch.compile", "backproof torch compiled", "torch compiled"),
    ("jax.jit", "backproof JAX jit", "JAX jit"),
)
LOOKS = {"eager": "o", "torch.compile": "s", "jax.jit": "^", "best": "*"}


def written(reports: Sequence[Report], folder: Path) -> None:
    """Write the three files."""
    stem = f"benchmarks-{short(reports[0]['machine']['accelerator']['name'])}"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = json.dumps([without_rounds(r) for r in reports], indent=1, ensure_ascii=False)
    (folder / f"{stem}.json").write_text(numbers + "\n", "utf-8")
    (folder / f"{stem}.md").write_text(page(reports, stem), "utf-8")
    picture(reports, folder / f"{stem}.svg")


def short(name: str) -> str:
    """The model of a GPU, in lower case.

    >>> short("NVIDIA H100 80GB HBM3")
    'h100'
    """
    words = (word.lower() for word in name.split())
    return next((w for w in words if w.isalnum() and not w.isalpha()), "gpu")


def ratio(told: Report, one: str, other: str) -> float | None:
    """The median over the rounds of the ratio of two contestants' times."""
    rounds = [told["contestants"].get(name, {}).get("steady", {}).get("seconds", ())
              for name in (one, other)]  # fmt: skip
    pairs = [mine / theirs for mine, theirs in zip(*rounds, strict=False)]
    return statistics.median(pairs) if pairs else None


def ratios(told: Report) -> dict[str, float | None]:
    """Ours to the peer's, each way of running, and the best of ours to the best peer."""
    found = {how: ratio(told, *pair) for how, *pair in PAIRS}
    best = [
        min(names, key=lambda name: told["contestants"][name]["steady"]["median"])
        for names in ([p[side] for p in PAIRS if p[side] in told["contestants"]] for side in (1, 2))
    ]
    return {**found, "best": ratio(told, *best)}


def page(reports: Sequence[Report], stem: str) -> str:
    """The summary, what all of it depends on, and a table a benchmark."""
    machine = reports[0]["machine"]
    gpu = machine["accelerator"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    lines = [
        f"# Benchmarks on an {gpu['name'].removeprefix('NVIDIA ')}",
        "",
        f"Written by `python -m benchmarks accelerator`; every number is of one run on one "
        f"{gpu['name']} ({gpu['memory']}, driver {gpu['driver']}), {machine['processors']} "
        f"processors {machine['processor']}, {machine['system']}.",
        f"Versions: {versions}.",
        "",
        "The derived equations run as `bp.compile(…, backend=\"torch\").function`, as it is and "
        "under `torch.compile`, and with `backend=\"jax\"` under `jax.jit`, beside what torch and "
        "JAX differentiate themselves on the same device, run the same way. Products of matrices "
        "and convolutions are as precise as float32 is: no TF32, in JAX "
        "`default_matmul_precision(\"highest\")`. Results of all were compared before any was "
        "timed. Arrays lie on the device; a round launches its calls one after the other and waits "
        f"once; a ratio is the median over {machine['rounds']} rounds of the ratios within a "
        "round, ours over theirs; below 1, the derived equations are faster.",
        "",
        f"![Ratios to the peers]({stem}.svg)",
        "",
        "| benchmark | what | eager | torch.compile | jax.jit | best of ours / best peer "
        "| kernels launched, eager: ours, torch | ours, best / products alone |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for told in reports:
        all_ = told["contestants"]
        counts = (all_.get(name, {}).get("kernels launched") for name in PAIRS[0][1:])
        ours = [one for _, one, _ in PAIRS if one in all_]
        first = min(ours, key=lambda name: all_[name]["steady"]["median"])
        cells = [
            told["benchmark"], told["about"], *map(number, ratios(told).values()),
            ", ".join("–" if c is None else f"{c:.0f}" for c in counts),
            number(ratio(told, first, "products alone")),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for told in reports:
        lines += ["", f"## {told['benchmark']}", "", told["about"] + ".", "", *rows(told)]
    return "\n".join(lines) + "\n"


def rows(told: Report) -> list[str]:
    """The table of one benchmark."""
    lines = ["| | a call | torch eager / it | kernels launched | memory on the device |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for name, one in told["contestants"].items():
        memory, count = one["peak memory of a call, MiB"], one.get("kernels launched")
        cells = (
            f"{name} (floor)" if one["floor"] else name,
            seconds(one["steady"]["median"]),
            number(ratio(told, "torch eager", name)),
            "" if count is None else f"{count:.0f}",
            "" if memory is None else f"{memory:.1f} MiB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def picture(reports: Sequence[Report], file: Path) -> None:
    """A row a benchmark, a mark for each way to run it."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "backproof"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 1.2 + 0.4 * len(reports)))
    found: list[dict[str, Any]] = [ratios(told) for told in reports]
    for how, marker in LOOKS.items():
        pairs = [(one[how], row) for row, one in enumerate(found) if one[how] is not None]
        colour = {"color": "black"} if how == "best" else {}
        label = "best of ours / best peer" if how == "best" else how
        axes.plot(*zip(*pairs, strict=True), marker, label=label, alpha=0.85, **colour)
    axes.axvline(1, color="0.6", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(reports)), [told["benchmark"] for told in reports])
    axes.invert_yaxis()
    axes.set_xlabel("time of the derived equations over time of the peer (left of 1: ours faster)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize="small", frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
