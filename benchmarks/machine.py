"""The machine: what it is, and whether it has something else to do."""

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "backproof", "numpy", "scipy", "sympy", "jax", "jaxlib", "torch", "autograd", "numba", "casadi",
    "pytensor",
)  # fmt: skip
BUSY = 0.15  # the share of all processors above which others are at work


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def busy(seconds: float = 0.5) -> float:
    """The share of all processors at work now; where Linux does not tell, the last minute's."""
    try:
        before = ticks()
        time.sleep(seconds)
        after = ticks()
    except OSError:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    idle, total = after[0] - before[0], after[1] - before[1]
    return 1 - idle / total if total else 0.0


def ticks() -> tuple[int, int]:
    """The ticks that the processors have been idle, and all ticks."""
    first = Path("/proc/stat").read_text("utf-8").splitlines()[0]
    numbers = [int(word) for word in first.split()[1:9]]
    return numbers[3] + numbers[4], sum(numbers)


def described() -> dict[str, Any]:
    """The machine, as the results state it."""
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "busy before": round(busy(), 3),
        "load average": [round(load, 2) for load in os.getloadavg()],
        "versions": versions(),
    }
