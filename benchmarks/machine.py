"""The machine: what it is, which kernels of OpenBLAS it runs, and whether it has other work."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "backproof", "numpy", "scipy", "sympy", "jax", "jaxlib", "torch", "autograd", "numba", "casadi",
    "pytensor", "scikit-learn",
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


def accelerator() -> dict[str, str] | None:
    """The first GPU that NVIDIA's driver names, its memory and the driver; `None` without one."""
    tool = shutil.which("nvidia-smi")
    asked = "name,memory.total,driver_version"
    if tool is None:
        return None
    done = subprocess.run(
        [tool, f"--query-gpu={asked}", "--format=csv,noheader"], capture_output=True, text=True
    )
    if done.returncode or not done.stdout.strip():
        return None
    cells = done.stdout.splitlines()[0].split(", ")
    return dict(zip(("name", "memory", "driver"), cells, strict=True))


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


class Foreign:
    """What else the processors do while some processes of ours are measured."""

    def __init__(self, ours: Sequence[int]) -> None:
        self.ours = [os.getpid(), *ours]
        self.begun = self._now()

    def share(self) -> float:
        """The share of all processors that others have taken since; NaN where nothing tells."""
        if self.begun is None or (now := self._now()) is None:
            return float("nan")
        idle, total, own = (b - a for a, b in zip(self.begun, now, strict=True))
        return max(0.0, (total - idle - own) / total) if total else 0.0

    def _now(self) -> tuple[int, int, int] | None:
        try:
            return *ticks(), sum(map(spent, self.ours))
        except OSError:
            return None


def spent(process: int) -> int:
    """The ticks of processors that a process has used."""
    words = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


# Families of kernels of OpenBLAS on x86-64, the newest first, and what each needs; OpenBLAS takes
# an older one than it could run where the environment asks for it.
ASKS = "OPENBLAS_CORETYPE"
FAMILIES = (
    ("SkylakeX", {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}),
    ("Haswell", {"avx2", "fma"}),
)


def newest_family() -> str | None:
    """The newest of these families that the processor runs."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    flags = next((set(line.split()) for line in lines if line.startswith("flags")), set())
    return next((name for name, needed in FAMILIES if needed <= flags), None)


def blas() -> str:
    """The OpenBLAS of this process, its version and its family of kernels."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return ""
    found = (info for info in threadpool_info() if info["internal_api"] == "openblas")
    named = (f"OpenBLAS {info['version']}, kernels {info['architecture']}" for info in found)
    return next(named, "")


def kernels(machine: dict[str, Any], in_use: str) -> str:
    """Which OpenBLAS a run had, who chose its kernels, and what else the processor could run."""
    newest, asked = machine["BLAS kernels that the processor can run"], machine["BLAS kernels"]
    before = machine["BLAS kernels that the environment asks for"]
    if not in_use:
        return ""
    if asked:
        other = f" (the environment asked for {before})" if before not in ("", asked) else ""
        return f"{in_use}, set for all contestants by {ASKS}={asked}{other}."
    chosen = f"set by the environment, {ASKS}={before}" if before else "its own choice"
    if newest and newest not in in_use:
        return (
            f"{in_use}, {chosen}; the processor can run {newest}: "
            f"{ASKS}={newest}, or --blas-kernel best here."
        )
    return f"{in_use}, {chosen}."


def described() -> dict[str, Any]:
    """The machine, as the results state it."""
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "busy before": round(busy(), 3),
        "load average": [round(load, 2) for load in os.getloadavg()],
        "BLAS": blas(),
        "BLAS kernels that the processor can run": newest_family(),
        "BLAS kernels that the environment asks for": os.environ.get(ASKS, ""),
        "versions": versions(),
    }
