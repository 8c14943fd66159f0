"""`python -m benchmarks` lists the benchmarks; with the name of one, it runs it.

`python -m benchmarks latency --runs 15 --json > latency.json` keeps everything for a program.
"""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import BENCHMARKS
from benchmarks.benchmark import Benchmark
from benchmarks.machine import BUSY, described
from benchmarks.run import DisagreementError, Times, compared, report, timed

said = Console(stderr=True)


def main(
    name: Annotated[str, typer.Argument(help="The benchmark; without it, they are listed.")] = "",
    runs: Annotated[int, typer.Option(min=1, help="Fresh processes of each contestant.")] = 7,
    threads: Annotated[int, typer.Option(min=1, help="Processors that a process may use.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
    only: Annotated[str, typer.Option(help="Contestants, separated by commas.")] = "",
    even_if_busy: Annotated[
        bool, typer.Option("--even-if-busy", help="Measure on a busy machine too.")
    ] = False,
) -> None:
    """Time backproof beside its peers: `python -m benchmarks latency`."""
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    if name not in known:
        for benchmark in BENCHMARKS:
            said.print(f"{benchmark.name}: {benchmark.about}")
        if name:
            stop(f"there is no benchmark {name}; those above there are")
        return
    machine = described()
    if machine["busy before"] > BUSY:
        found = f"{machine['busy before']:.0%} of the processors are at work on something else"
        if not even_if_busy:
            stop(f"{found}: wait until they are idle, or say --even-if-busy")
        said.print(f"[bold red]Warning:[/] {found}; these times are not to be quoted.")
    try:
        times = measured(known[name], runs, threads, [one for one in only.split(",") if one])
    except (DisagreementError, RuntimeError) as error:
        stop(str(error))
    result = report(known[name], times, {**machine, "threads": threads, "runs": runs})
    if as_json:
        json.dump(result, sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        Console().print(table(known[name], times), facts(machine, threads, runs))


def stop(reason: str) -> Any:
    """Say why nothing is measured and leave with code 2."""
    said.print(f"Nothing was measured: {reason}.", markup=False)
    raise typer.Exit(2)


def measured(benchmark: Benchmark, runs: int, threads: int, only: list[str]) -> dict[str, Times]:
    """Compare the results of those that are installed, then time them."""
    wanted = [one for one in benchmark.contestants if not only or one.name in only]
    if unknown := set(only) - {one.name for one in wanted}:
        stop(f"there is no contestant {', '.join(sorted(unknown))}")
    there = [one for one in wanted if one.installed]
    for one in wanted:
        if one not in there:
            said.print(f"{one.name}: {one.package} is not installed; left out")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    times = {one.name: Times(one.name) for one in there}
    with Progress(*columns, console=said, transient=True) as progress:
        task = progress.add_task("", total=len(there) * (runs + 1))
        for name in compared(benchmark, there, threads):
            progress.update(task, advance=1, description=f"comparing {name}")
        for name in timed(benchmark, there, runs, threads, times):
            progress.update(task, advance=1, description=f"timing {name}")
    return times


def table(benchmark: Benchmark, times: dict[str, Times]) -> Table:
    """Medians with the smallest and largest, and ratios to the first contestant."""
    first = next(iter(times.values()))
    shown = Table(title=f"{benchmark.name}: {benchmark.about}", title_justify="left")
    shown.add_column("")
    for column in ("import, after NumPy", "first result", "ratio", "each call after", "ratio"):
        shown.add_column(column, justify="right")
    for name, one in times.items():
        cells = [name, duration(one, "load")]
        for phase in ("first", "steady"):
            cells += [duration(one, phase), f"{one.median(phase) / first.median(phase):.2f}"]
        shown.add_row(*cells)
    return shown


def duration(times: Times, phase: str) -> str:
    """A median and its spread, such as `41.2 ms (40.1–44.8)`."""
    low, high = times.spread(phase)
    unit, scale = ("ms", 1e3) if times.median(phase) >= 1e-3 else ("µs", 1e6)
    middle, low, high = (scale * value for value in (times.median(phase), low, high))
    digits = 1 if middle < 100 else 0
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f}–{high:.{digits}f})"


def facts(machine: dict[str, Any], threads: int, runs: int) -> str:
    """What the numbers depend on."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"Medians (smallest–largest) of {runs} fresh processes on {threads} of "
        f"{machine['processors']} processors; results agreed before timing.\n"
        f"{machine['processor']}, {machine['system']}; {machine['busy before']:.0%} busy before, "
        f"load average {', '.join(map(str, machine['load average']))}.\n{versions}"
    )


if __name__ == "__main__":
    typer.run(main)
