"""Calls of torch and JAX: finished as NumPy arrays, or many launched on an accelerator at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.benchmark import Arrays, Call

MEBI = 2**20


@dataclass(frozen=True)
class Launched:
    """A call on an accelerator: `launch` does not wait for its results, `wait` does.

    Rounds launch their calls one after the other and wait once, as a training loop does. Where
    they can be told, `launches` is the number of kernels that a call starts on the device, and
    `peak` the most memory there in MiB, above what is held before.
    """

    launch: Call
    wait: Callable[[Arrays], object]
    fetch: Callable[[Any], Any]
    launches: Callable[[], float] = lambda: float("nan")
    peak: Callable[[], float] = lambda: float("nan")

    def __call__(self) -> Arrays:
        """The results as NumPy arrays."""
        return {name: self.fetch(array) for name, array in self.launch().items()}


def of_torch(torch: Any, launch: Call, device: str = "cpu") -> Call:
    """A call of torch."""
    if device == "cpu":
        return lambda: {name: array.detach().numpy() for name, array in launch().items()}

    def wait(results: Arrays) -> None:
        torch.cuda.synchronize()

    def peak() -> float:
        wait({})
        held = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        wait(launch())
        return float(torch.cuda.max_memory_allocated() - held) / MEBI

    fetch = lambda a: a.detach().cpu().numpy()  # noqa: E731
    return Launched(launch, wait, fetch, partial(launches, torch, launch, wait), peak)


def launches(torch: Any, launch: Call, wait: Callable[[Arrays], object]) -> float:
    """How many kernels, copies and fills a call starts, as torch's profiler sees the device."""
    profiler = torch.profiler
    wait(launch())
    with profiler.profile(activities=[profiler.ProfilerActivity.CUDA]) as found:
        wait(launch())
    return float(sum(e.device_type.name == "CUDA" for e in found.events()))


def of_jax(jax: Any, launch: Call) -> Call:
    """A call of JAX, where JAX computes here."""
    import numpy as np

    def counted() -> float:
        """Torch's profiler sees what any library does."""
        try:
            import torch
        except (ImportError, OSError):
            return float("nan")
        return launches(torch, launch, jax.block_until_ready)

    if jax.default_backend() != "cpu":
        return Launched(launch, jax.block_until_ready, np.asarray, counted)
    return lambda: {name: np.asarray(a) for name, a in jax.block_until_ready(launch()).items()}


def together(outcome: Any) -> Arrays:
    """A value and a dictionary of slopes as results by name."""
    value, slopes = outcome
    return {"value": value, **slopes}
