"""Benchmarks: ratios against peers, measured in one run on one machine.

`python -m benchmarks latency` from the root of the checkout runs one; `python -m benchmarks` lists
them.  A benchmark is one file with a `Benchmark` in it, and its name in BENCHMARKS.
"""

from benchmarks.benchmark import Benchmark
from benchmarks.latency import latency
from benchmarks.sampling import contrastive_divergence, deep_sweep

BENCHMARKS: tuple[Benchmark, ...] = (latency, contrastive_divergence, deep_sweep)
