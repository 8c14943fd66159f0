"""`python -m benchmarks` lists the benchmarks; with the names of some, or a group, it runs them.

`python -m benchmarks latency --json > latency.json` keeps everything for a program;
`python -m benchmarks kernels --to docs` writes a table, a plot and the numbers behind them.
"""

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import ACCELERATOR, BENCHMARKS, GROUPS, accelerator_page
from benchmarks.benchmark import Benchmark
from benchmarks.machine import BUSY, accelerator, described, newest_family
from benchmarks.pages import written
from benchmarks.run import DisagreementError, LoadedError, timed
from benchmarks.table import facts, table
from benchmarks.timing import Times, report

said = Console(stderr=True)
PATIENCE = 60  # seconds to wait for a machine that is busy


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help="Some benchmarks, kernels, or all.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds in which all take turns.")] = 25,
    starts: Annotated[int, typer.Option(min=1, help="Fresh processes of each contestant.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Processors that a process may use.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
    only: Annotated[str, typer.Option(help="Contestants, separated by commas.")] = "",
    without: Annotated[str, typer.Option(help="Contestants to leave out.")] = "",
    to: Annotated[
        Path | None, typer.Option(help="A folder for benchmarks.md, .svg, .json.")
    ] = None,
    backend: Annotated[
        str, typer.Option(help="Where backproof's kernels run: numpy, c, jax or torch.")
    ] = "numpy",
    blas_kernel: Annotated[
        str,
        typer.Option(
            help="Kernels of OpenBLAS for every contestant: a family such as SkylakeX or Haswell, "
            "or best, the newest the processor runs, whatever the environment asks for by "
            "OPENBLAS_CORETYPE."
        ),
    ] = "",
    even_if_busy: Annotated[
        bool, typer.Option("--even-if-busy", help="Measure on a busy machine too, and say so.")
    ] = False,
) -> None:
    """Time backproof beside its peers: `python -m benchmarks latency`."""
    os.environ["BENCHMARK_BACKEND"] = backend  # read where a contestant's process loads backproof
    gpu = accelerator()
    known = {one.name: one for one in (*BENCHMARKS, *ACCELERATOR)}
    asked = [
        own
        for name in names or []
        for own in ([one.name for one in GROUPS[name]] if name in GROUPS else [name])
    ]
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        for benchmark in (*BENCHMARKS, *(ACCELERATOR if gpu else ())):
            said.print(f"{benchmark.name}: {benchmark.about}")
        if unknown:
            stop(f"there is no benchmark {unknown[0]}; those above there are")
        return
    if blas_kernel == "best":
        blas_kernel = newest_family() or stop("no family of kernels is known for this processor")
    on_gpu = [name for name in asked if known[name].accelerator]
    if on_gpu and gpu is None:
        stop(f"{on_gpu[0]} needs a GPU, and nvidia-smi names none here")
    if on_gpu and len(on_gpu) < len(asked):
        stop("what runs on a GPU and what does not are two pages: ask for one group at a time")
    pages = accelerator_page.written if on_gpu else written
    reports = []
    for name in asked:
        machine = idle(0 if even_if_busy else PATIENCE)
        if machine["busy before"] > BUSY:
            found = f"{machine['busy before']:.0%} of the processors are at work on something else"
            if not even_if_busy:
                stop(f"{found}: wait until they are idle, or say --even-if-busy")
            said.print(f"[bold red]Warning:[/] {found}; these times are not to be quoted.")
        try:
            wanted = [one for one in only.split(",") if one]
            left = [o.name for o in known[name].contestants if o.name in without.split(",")]
            quiet = math.inf if even_if_busy else BUSY
            how = (starts, rounds, threads, blas_kernel, quiet)
            times = measured(known[name], how, wanted, left)
        except (DisagreementError, LoadedError, RuntimeError) as error:
            stop(str(error))
        told = {
            **machine,
            "backend": backend,
            "threads": threads,
            "BLAS kernels": blas_kernel,
            "starts": starts,
            "rounds": rounds,
            **({"accelerator": gpu} if on_gpu else {}),
        }
        reports.append(report(known[name], times, told))
        if not as_json:
            Console().print(table(known[name], times), facts(told, next(iter(times.values()))))
        if to is not None:
            pages(reports, to)
    if as_json:
        json.dump(reports[0] if len(reports) == 1 else reports, sys.stdout, indent=1)
        sys.stdout.write("\n")


def stop(reason: str) -> Any:
    """Say why nothing is measured and leave with code 2."""
    said.print(f"Nothing was measured: {reason}.", markup=False)
    raise typer.Exit(2)


def idle(patience: float) -> dict[str, Any]:
    """The machine, as soon as it is idle or the patience, in seconds, is at an end."""
    begun = time.monotonic()
    while (machine := described())["busy before"] > BUSY:
        if time.monotonic() - begun > patience:
            break
        time.sleep(1)
    return machine


def measured(
    benchmark: Benchmark,
    how: tuple[int, int, int, str, float],
    only: list[str],
    without: list[str],
) -> dict[str, Times]:
    """Compare the results of those that are installed, then time them."""
    starts, rounds, threads, kernels, quiet = how
    wanted = [one for one in benchmark.contestants if not only or one.name in only]
    if unknown := set(only) - {one.name for one in wanted}:
        stop(f"there is no contestant {', '.join(sorted(unknown))}")
    wanted = [one for one in wanted if one.name not in without]
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
        task = progress.add_task("", total=len(there) * starts + rounds)
        for name in timed(benchmark, there, starts, rounds, threads, times, kernels, quiet):
            progress.update(task, advance=1, description=name)
    return times


if __name__ == "__main__":
    typer.run(main)
