"""Running a benchmark: results compared first, then timed in fresh processes, taking turns."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.benchmark import Benchmark, Contestant

ROOT = Path(__file__).resolve().parents[1]
PHASES = ("load", "first", "steady")
CAPS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "BENCHMARK_THREADS",
)  # fmt: skip


class DisagreementError(Exception):
    """Contestants that do not compute the same are not compared."""


@dataclass
class Times:
    """The seconds of each phase in each fresh process."""

    contestant: str
    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PHASES})

    def median(self, phase: str) -> float:
        """The median over the processes."""
        return statistics.median(self.seconds[phase])

    def spread(self, phase: str) -> tuple[float, float]:
        """The smallest and the largest."""
        return min(self.seconds[phase]), max(self.seconds[phase])


def environment(threads: int) -> dict[str, str]:
    """The environment of the processes: threads capped, and this checkout first."""
    flags = f"--xla_cpu_multi_thread_eigen={'false' if threads == 1 else 'true'}"
    caps = dict.fromkeys(CAPS, str(threads))
    return {**os.environ, **caps, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def fresh(
    benchmark: Benchmark, contestant: Contestant, threads: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The times and the results of a contestant in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.npz"
        command = [
            sys.executable,
            "-m",
            "benchmarks.worker",
            benchmark.name,
            contestant.name,
            str(file),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(threads), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{contestant.name} failed:\n{done.stderr}")
        with np.load(file) as saved:
            return json.loads(done.stdout.splitlines()[-1]), dict(saved)


def compared(benchmark: Benchmark, contestants: list[Contestant], threads: int) -> Iterator[str]:
    """Run each contestant once, untimed; raise unless all results agree with the first's."""
    expected: dict[str, np.ndarray] = {}
    for contestant in contestants:
        yield contestant.name
        _, results = fresh(benchmark, contestant, threads)
        expected = expected or results
        if results.keys() != expected.keys():
            raise DisagreementError(f"{contestant.name} has {set(results)}, not {set(expected)}")
        for name, array in expected.items():
            off = np.max(np.abs(results[name] - array), initial=0.0)
            if not off <= benchmark.tolerance * max(np.max(np.abs(array), initial=0.0), 1e-3):
                raise DisagreementError(f"{contestant.name}: {name} is off by {off:.1e}")


def timed(
    benchmark: Benchmark,
    contestants: list[Contestant],
    runs: int,
    threads: int,
    times: dict[str, Times],
) -> Iterator[str]:
    """Fill in times from fresh processes, which take turns so that a slow minute strikes all."""
    for _ in range(runs):
        for contestant in contestants:
            yield contestant.name
            found, _ = fresh(benchmark, contestant, threads)
            for phase in PHASES:
                times[contestant.name].seconds[phase].append(found[phase])


def report(
    benchmark: Benchmark, times: dict[str, Times], machine: dict[str, Any]
) -> dict[str, Any]:
    """Everything as JSON takes it."""
    first = next(iter(times.values()))
    return {
        "benchmark": benchmark.name,
        "about": benchmark.about,
        "results agree to": benchmark.tolerance,
        "machine": machine,
        "contestants": {
            name: {
                phase: {
                    "median": one.median(phase),
                    "spread": one.spread(phase),
                    f"relative to {first.contestant}": one.median(phase) / first.median(phase),
                    "seconds": one.seconds[phase],
                }
                for phase in PHASES
            }
            for name, one in times.items()
        },
    }
