"""Running a benchmark: results compared first, then timed in rounds in which all take turns.

A round is a batch of calls of one contestant after the other, each in its own process; only one
of them runs at any time, and a slow second strikes the neighbours in the round too.  What is
reported is the median over the rounds of the ratios within a round.
"""

import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.benchmark import Benchmark, Contestant
from benchmarks.machine import Foreign
from benchmarks.timing import Times

ROOT = Path(__file__).resolve().parents[1]
CAPS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "BENCHMARK_THREADS",
)  # fmt: skip


TRIES = 3


class LoadedError(Exception):
    """What was measured beside other work is not reported."""


class DisagreementError(Exception):
    """Contestants that do not compute the same are not compared."""


def plain(name: str) -> str:
    """The name of a folder, without what compilers take for the end of a path."""
    return re.sub(r"\W+", "-", name)


def environment(threads: int, kernels: str, processors: int = 0) -> dict[str, str]:
    """The environment of the processes, the same for all contestants.

    Threads are capped; ``kernels`` names the family of kernels that OpenBLAS takes, and without
    it OpenBLAS chooses. ``processors`` are as many as the threads, unless a number is given.
    """
    flags = f"--xla_cpu_multi_thread_eigen={'false' if threads == 1 else 'true'}"
    caps = dict.fromkeys(CAPS, str(threads)) | {"BENCHMARK_THREADS": str(processors or threads)}
    chosen = {"OPENBLAS_CORETYPE": kernels} if kernels else {}
    return {**os.environ, **caps, **chosen, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def beside_an_accelerator() -> dict[str, str]:
    """The environment of processes that share an accelerator: products as precise as the type."""
    given = {"JAX_DEFAULT_MATMUL_PRECISION": "highest", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    return {**os.environ, **given, "BENCHMARK_THREADS": "0", "TORCHINDUCTOR_COMPILE_THREADS": "4"}


class Worker:
    """A contestant that has given its first result and waits for rounds."""

    def __init__(
        self, benchmark: Benchmark, contestant: Contestant, setting: dict[str, str]
    ) -> None:
        self.contestant = contestant
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "results.npz"
            names = [benchmark.name, contestant.name, str(file)]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", *names],
                cwd=ROOT, env=setting, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            self.times: dict[str, Any] = self._heard()
            with np.load(file) as saved:
                self.results = dict(saved)

    def round(self) -> float:
        """Seconds of a call."""
        return self._asked("round")

    def memory(self) -> float:
        """MiB at the peak of a call, above what loading and the inputs take."""
        return self._asked("memory")

    def launches(self) -> float:
        """The kernels that a call starts on an accelerator; NaN where no profiler tells."""
        try:
            return self._asked("launches")
        except RuntimeError:
            return math.nan

    def close(self) -> None:
        """End the process."""
        self._signal("SIGCONT")
        self.process.communicate()

    def _asked(self, what: str) -> float:
        assert self.process.stdin is not None
        self._signal("SIGCONT")
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        answer = float(self._heard())
        self._signal("SIGSTOP")  # its threads would spin into the turn of the next
        return answer

    def _signal(self, name: str) -> None:
        """Stop the process between its turns, or let it go on, where the system can."""
        if hasattr(signal, name) and self.process.poll() is None:
            self.process.send_signal(getattr(signal, name))

    def _heard(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, said = self.process.communicate()
            raise RuntimeError(f"{self.contestant.name} failed:\n{said}")
        return json.loads(line)


def cold(benchmark: Benchmark, contestant: Contestant, setting: dict[str, str]) -> float:
    """Seconds of the first result of a process that finds nothing compiled."""
    worker = Worker(benchmark, contestant, setting)
    worker.close()
    return float(worker.times["first"])


def agree(benchmark: Benchmark, workers: list[Worker]) -> None:
    """Raise unless the results of all agree with the first's."""
    judged = [one for one in workers if not one.contestant.floor]
    expected = judged[0].results
    for worker in judged:
        name, results = worker.contestant.name, worker.results
        if results.keys() != expected.keys():
            raise DisagreementError(f"{name} has {set(results)}, not {set(expected)}")
        for key, array in expected.items():
            off = np.max(np.abs(results[key] - array), initial=0.0)
            if not off <= benchmark.tolerance * max(np.max(np.abs(array), initial=0.0), 1e-3):
                raise DisagreementError(f"{name}: {key} is off by {off:.1e}")


def timed(
    benchmark: Benchmark,
    contestants: list[Contestant],
    starts: int,
    rounds: int,
    threads: int,
    times: dict[str, Times],
    kernels: str = "",
    quiet: float = math.inf,
) -> Iterator[str]:
    """Fill in times; the name of each process and each round is yielded before it runs.

    Rounds in which others took more than the share ``quiet`` of the processors are measured
    again, `TRIES` times in all, before `LoadedError` is raised.

    A contestant that keeps what it compiled finds an empty folder first, with all processors for
    its compilers, and then that folder in each process.
    """
    workers: list[Worker] = []
    caches = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    try:
        for start in range(starts):
            waiting = setting_up(benchmark, contestants) if benchmark.accelerator else {}
            for contestant in contestants:
                yield f"starting {contestant.name}"
                if contestant.name not in times:
                    continue
                kept = {}
                if contestant.cache:
                    kept = {contestant.cache: str(Path(caches.name) / plain(contestant.name))}
                setting = environment(threads, kernels) | kept
                try:
                    if kept and not start:
                        freely = environment(threads, kernels, os.cpu_count() or 1) | kept
                        times[contestant.name].cold = cold(benchmark, contestant, freely)
                    ready = waiting.get(contestant.name)
                    worker = ready() if ready else Worker(benchmark, contestant, setting)
                except RuntimeError:
                    if not contestant.own:
                        raise
                    yield f"{contestant.name} cannot do this yet"
                    del times[contestant.name]
                    continue
                for phase in ("load", "first"):
                    times[contestant.name].seconds[phase].append(worker.times[phase])
                times[contestant.name].blas = worker.times["BLAS"]
                if start == starts - 1:
                    workers.append(worker)
                else:
                    worker.close()
        agree(benchmark, workers)
        for worker in workers:
            times[worker.contestant.name].floor = worker.contestant.floor
            times[worker.contestant.name].own = worker.contestant.own
            worker.round()  # to warm up
        for attempt in range(TRIES):
            foreign = Foreign([worker.process.pid for worker in workers])
            measured: list[list[float]] = []
            for number in range(rounds):
                yield f"round {number + 1}" + f", try {attempt + 1}" * bool(attempt)
                measured.append([worker.round() for worker in workers])
            share = foreign.share()
            if not share > quiet:
                break
        else:
            raise LoadedError(f"others took {share:.0%} of the processors in the rounds")
        for worker, seconds in zip(workers, zip(*measured, strict=True), strict=True):
            times[worker.contestant.name].seconds["steady"] = list(seconds)
            times[worker.contestant.name].foreign = share
        for worker in workers:
            times[worker.contestant.name].memory = worker.memory()
        if benchmark.accelerator:  # numbers that no other work disturbs: all at one time
            with ThreadPoolExecutor(len(workers)) as pool:
                counts = pool.map(Worker.launches, workers)
                for worker, count in zip(workers, counts, strict=True):
                    times[worker.contestant.name].launches = count
    finally:
        for worker in workers:
            worker.close()
        caches.cleanup()


def setting_up(
    benchmark: Benchmark, contestants: list[Contestant]
) -> dict[str, Callable[[], Worker]]:
    """What to call for the worker of each on an accelerator, where all are set up at one time.

    JAX measures products to choose among them, so no two of its processes are set up together.
    """
    setting = beside_an_accelerator()
    how = {one.name: partial(Worker, benchmark, one, setting) for one in contestants}
    together, in_turn = ThreadPoolExecutor(len(contestants)), ThreadPoolExecutor(1)
    pools = {one.name: in_turn if one.package == "jax" else together for one in contestants}
    with together, in_turn:
        return {name: pools[name].submit(start).result for name, start in how.items()}
