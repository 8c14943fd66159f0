"""One contestant in one process: `python -m benchmarks.worker BENCHMARK CONTESTANT FILE`.

Prints its times as JSON and writes the results of its first call to FILE; then each line that it
reads from its input is a round, answered by the seconds of a call.  Started by `benchmarks.run`,
which caps the threads before NumPy can be imported.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.devices import Launched

ROUND = 0.005  # seconds of calls in a round: above the clock's resolution, below a time slice
MEBI = 2**20


def main(benchmark_name: str, contestant_name: str, file: str) -> None:
    """Load, set up, call once; then call many times whenever asked to."""
    cap = int(os.environ["BENCHMARK_THREADS"])
    if cap and hasattr(os, "sched_setaffinity"):  # binds every library, whatever it reads
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cap])
    import numpy as np

    from benchmarks import ACCELERATOR, BENCHMARKS
    from benchmarks.machine import blas

    (benchmark,) = [one for one in (*BENCHMARKS, *ACCELERATOR) if one.name == benchmark_name]
    contestant, inputs = benchmark.contestant(contestant_name), benchmark.inputs()

    begun = time.perf_counter()
    loaded = contestant.load()
    ready = time.perf_counter()
    held = memory("VmRSS")
    call = contestant.start(loaded, inputs)
    results = call()
    done = time.perf_counter()

    np.savez(file, **{name: np.asarray(array) for name, array in results.items()})  # type: ignore[arg-type]
    del results
    say({"load": ready - begun, "first": done - ready, "BLAS": blas()})
    count = 0
    for line in sys.stdin:
        if not count:
            count = warmed(call)
        if line.strip() == "launches":
            say(call.launches() if isinstance(call, Launched) else math.nan)
        elif line.strip() == "memory":
            say(call.peak() if isinstance(call, Launched) else peak(call) - held)
        else:
            say(batch(call, count) / count)


def say(what: object) -> None:
    """One line of JSON for the process that asked."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def warmed(call: Callable[[], Any]) -> int:
    """How many calls make a round, found by calling until a round's time has passed."""
    count = 1
    while (spent := batch(call, count)) < ROUND:
        count = max(2 * count, int(count * ROUND / max(spent, 1e-9)))
    return count


def batch(call: Callable[[], Any], count: int) -> float:
    """Seconds for some calls."""
    launch = call.launch if isinstance(call, Launched) else call
    begun = time.perf_counter()
    for _ in range(count):
        found = launch()
    if isinstance(call, Launched):
        call.wait(found)
    return time.perf_counter() - begun


def peak(call: Callable[[], Any]) -> float:
    """The most memory in use during a call, in MiB; NaN where Linux does not tell."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "utf-8")  # forget the peak so far
    except OSError:
        return float("nan")
    call()
    return memory("VmHWM")


def memory(field: str) -> float:
    """A figure of /proc/self/status in MiB."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return float("nan")
    (line,) = [line for line in lines if line.startswith(f"{field}:")]
    return int(line.split()[1]) * 1024 / MEBI


if __name__ == "__main__":
    main(*sys.argv[1:])
