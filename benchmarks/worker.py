"""One contestant in one fresh process: `python -m benchmarks.worker BENCHMARK CONTESTANT FILE`.

Prints its times as JSON and writes the results of its first call to FILE.  Started by
`benchmarks.run`, which caps the threads before NumPy can be imported.
"""

import json
import os
import sys
import time

BATCH = 0.02  # seconds of calls in a batch: far above the clock's resolution
BATCHES = 15


def main(benchmark_name: str, contestant_name: str, file: str) -> None:
    """Load, set up, call once, and call many times."""
    cap = int(os.environ["BENCHMARK_THREADS"])
    if hasattr(os, "sched_setaffinity"):  # binds every library, whatever it reads
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cap])
    import numpy as np

    from benchmarks import BENCHMARKS

    (benchmark,) = [one for one in BENCHMARKS if one.name == benchmark_name]
    contestant, inputs = benchmark.contestant(contestant_name), benchmark.inputs()

    begun = time.perf_counter()
    loaded = contestant.load()
    ready = time.perf_counter()
    call = contestant.start(loaded, inputs)
    results = call()
    done = time.perf_counter()

    np.savez(file, **{name: np.asarray(array) for name, array in results.items()})
    times = {"load": ready - begun, "first": done - ready, "steady": steady(call)}
    json.dump(times, sys.stdout)


def steady(call: object) -> float:
    """Seconds per call: the median of some batches, after as many calls to warm up."""
    count = 1
    while (spent := batch(call, count)) < BATCH:
        count = max(2 * count, int(count * BATCH / max(spent, 1e-9)))
    return sorted(batch(call, count) / count for _ in range(BATCHES))[BATCHES // 2]


def batch(call: object, count: int) -> float:
    """Seconds for some calls."""
    begun = time.perf_counter()
    for _ in range(count):
        call()  # type: ignore[operator]
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(*sys.argv[1:])
