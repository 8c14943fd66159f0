"""What was measured of a contestant, and what is said of all: ratios to each, and to the best."""

import math
import statistics
from dataclasses import dataclass, field
from typing import Any

from benchmarks.benchmark import Benchmark

PHASES = ("load", "first", "steady")


@dataclass
class Times:
    """Seconds of loading and of the first result in each process, and of a call in each round."""

    contestant: str
    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PHASES})
    memory: float = math.nan  # MiB
    launches: float = math.nan  # kernels that a call starts on an accelerator
    cold: float = math.nan  # seconds of the first result from an empty cache, on all processors
    floor: bool = False
    own: bool = False
    blas: str = ""  # the OpenBLAS that its process ran, where there is one
    foreign: float = math.nan  # the share of all processors that others took in the rounds

    def median(self, phase: str) -> float:
        """The median over the processes, or over the rounds."""
        return statistics.median(self.seconds[phase])

    def spread(self, phase: str) -> tuple[float, float]:
        """The smallest and the largest."""
        return min(self.seconds[phase]), max(self.seconds[phase])

    def ratio(self, other: "Times", phase: str) -> float:
        """The median of the ratios to another contestant, round by round."""
        pairs = zip(self.seconds[phase], other.seconds[phase], strict=False)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def quiet_ratio(self, other: "Times", phase: str) -> float:
        """The ratio of the fastest rounds, which a loaded machine has disturbed least."""
        return min(self.seconds[phase]) / min(other.seconds[phase])


def best_peer(times: dict[str, Times], phase: str = "steady") -> Times | None:
    """The peer to which the first contestant's ratio is the largest."""
    first, *others = times.values()
    peers = [one for one in others if not one.floor and not one.own]
    return max(peers, key=lambda peer: first.ratio(peer, phase)) if peers else None


def report(
    benchmark: Benchmark, times: dict[str, Times], machine: dict[str, Any]
) -> dict[str, Any]:
    """Everything as JSON takes it."""
    first = next(iter(times.values()))
    best = best_peer(times)
    return {
        "benchmark": benchmark.name,
        "about": benchmark.about,
        "results agree to": benchmark.tolerance,
        "machine": machine,
        "others' share of the processors in the rounds": None
        if math.isnan(first.foreign)
        else round(first.foreign, 3),
        "BLAS in use": first.blas,
        "best peer": best.contestant if best else None,
        "ratio to best peer": first.ratio(best, "steady") if best else None,
        "ratios of the fastest rounds": {
            name: first.quiet_ratio(one, "steady") for name, one in times.items()
        },
        "contestants": {
            name: {
                "floor": one.floor,
                "own": one.own,
                **({"to best peer": one.ratio(best, "steady")} if best else {}),
                "first result from an empty cache": None if math.isnan(one.cold) else one.cold,
                "peak memory of a call, MiB": None if math.isnan(one.memory) else one.memory,
                **({} if math.isnan(one.launches) else {"kernels launched": one.launches}),
                **{
                    phase: {
                        "median": one.median(phase),
                        "spread": one.spread(phase),
                        f"relative to {first.contestant}": one.ratio(first, phase),
                        "seconds": one.seconds[phase],
                    }
                    for phase in PHASES
                },
            }
            for name, one in times.items()
        },
    }
