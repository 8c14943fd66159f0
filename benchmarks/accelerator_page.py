"""The page of an accelerator: benchmarks-h100.md, .svg and .json, named by the GPU."""

import json
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.pages import Report, number, seconds, without_rounds
from benchmarks.pictures import frame

OURS = {
    "eager": "backproof torch",
    "torch.compile": "backproof torch compiled",
    "jax.jit": "backproof JAX jit",
}
PEERS = {
    "eager": ("torch eager",),
    "torch.compile": ("torch compiled", "torch.func compiled"),
    "jax.jit": ("JAX jit",),
}
SAME = 0.05  # ratios within this of one are no difference
LOOKS = {"eager": "o", "torch.compile": "s", "jax.jit": "^", "best": "*"}


def written(reports: Sequence[Report], folder: Path) -> None:
    """Write the three files; of reports that come from such a file as well as of new ones."""
    reports = [told if "ratios" in told else {**told, "ratios": ratios(told)} for told in reports]
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


def fastest(told: Report, names: Iterable[str]) -> str | None:
    """The contestant with the smallest median."""
    there = [name for name in names if name in told["contestants"]]
    return min(there, key=lambda name: told["contestants"][name]["steady"]["median"], default=None)


def ratios(told: Report) -> dict[str, float | None]:
    """Ours to the fastest peer that is run the same way, and the best of ours to the best peer."""
    pairs = {how: (own, fastest(told, PEERS[how])) for how, own in OURS.items()}
    every = [name for names in PEERS.values() for name in names]
    best = fastest(told, OURS.values()) or ""
    pairs |= {"best": (best, fastest(told, every)), "floor": (best, "products alone")}
    return {how: ratio(told, own, peer or "") for how, (own, peer) in pairs.items()}


def page(reports: Sequence[Report], stem: str) -> str:
    """The summary, what all of it depends on, and a table a benchmark."""
    machine = reports[0]["machine"]
    gpu = machine["accelerator"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    rounds = " or ".join(dict.fromkeys(str(told["machine"]["rounds"]) for told in reports))
    heads = (
        "benchmark", "what", *OURS, "best of ours / best peer", "best of ours / products alone",
        "kernels launched, eager: ours, torch",
    )  # fmt: skip
    lines = [
        f"# Benchmarks on an {gpu['name'].removeprefix('NVIDIA ')}",
        "",
        "Written by `python -m benchmarks accelerator`; every number is of one machine, "
        f"{gpu['name']} ({gpu['memory']}, driver {gpu['driver']}), {machine['processors']} "
        f"processors {machine['processor']}, {machine['system']}.",
        f"Versions: {versions}.",
        "",
        'The derived equations run as `bp.compile(…, backend="torch").function`, as it is and '
        'under `torch.compile`, and with `backend="jax"` under `jax.jit`, beside what torch and '
        "JAX differentiate themselves on the same device, run the same way: the fastest that is. "
        "Checked is `kernel(…)` itself, which looks at the labels and so waits. Products of "
        "matrices and convolutions are as precise as float32 is: no TF32, in JAX "
        '`default_matmul_precision("highest")`. Results of all were compared before any was '
        "timed. Arrays lie on the device; a round launches its calls one after the other and waits "
        f"once; a ratio is the median over {rounds} rounds of the ratios within a round, ours over "
        "theirs; below 1, the derived equations are faster. A call that takes less than a "
        "millisecond takes what Python and the framework need to launch its kernels, and varies "
        "by as much as the smallest and the largest round say. What is empty was not run.",
        "",
        slower(reports),
        "",
        f"![Ratios to the peers]({stem}.svg)",
        "",
        f"| {' | '.join(heads)} |",
        f"| --- | --- |{' ---: |' * (len(heads) - 2)}",
    ]  # fmt: skip
    for told in reports:
        eager = (OURS["eager"], *PEERS["eager"])
        counts = (told["contestants"].get(name, {}).get("kernels launched") for name in eager)
        cells = [
            told["benchmark"], told["about"], *map(number, told["ratios"].values()),
            ", ".join("–" if c is None else f"{c:.0f}" for c in counts),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    for told in reports:
        lines += ["", f"## {told['benchmark']}", "", told["about"] + ".", "", *rows(told)]
    return "\n".join(lines) + "\n"


def slower(reports: Sequence[Report]) -> str:
    """Where the derived equations take longer than what they are compared with."""
    found = [
        f"{told['benchmark']} under {how} ({told['ratios'][how]:.2f})"
        for told in reports
        for how in OURS
        if (told["ratios"][how] or 0) > 1 + SAME
    ]
    left = f"Slower than the peer by more than {SAME:.0%}: "
    return left + (", ".join(found) if found else "none") + "."


def rows(told: Report) -> list[str]:
    """The table of one benchmark."""
    lines = ["| | a call (smallest–largest) | kernels launched | memory on the device |"]
    lines.append("| --- | ---: | ---: | ---: |")
    for name, one in told["contestants"].items():
        memory, count = one["peak memory of a call, MiB"], one.get("kernels launched")
        low, high = map(seconds, one["steady"]["spread"])
        cells = (
            f"{name} (floor)" if one["floor"] else name,
            f"{seconds(one['steady']['median'])} ({low}–{high})",
            "" if count is None else f"{count:.0f}",
            "" if memory is None else f"{memory:.1f} MiB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def picture(reports: Sequence[Report], file: Path) -> None:
    """A row a benchmark, a mark for each way to run it."""
    found: list[dict[str, Any]] = [told["ratios"] for told in reports]
    rows = [told["benchmark"] for told in reports]
    label = "time of the derived equations over time of the peer (left of 1: ours faster)"
    with frame(rows, label, file) as axes:
        for how, marker in LOOKS.items():
            pairs = [(one[how], row) for row, one in enumerate(found) if one[how] is not None]
            colour = {"color": "black"} if how == "best" else {}
            name = "best of ours / best peer" if how == "best" else how
            axes.plot(*zip(*pairs, strict=True), marker, label=name, alpha=0.85, **colour)
