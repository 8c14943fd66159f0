"""C that runs on 64-bit ARM, cross-compiled and emulated: vectors of another kind than here."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from backproof.numerics.native.compiler import FLAGS, HERE, NATIVE

CROSS, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"


def ran(sources: Mapping[str, str], folder: Path, fed: bytes) -> bytes:
    """What a program of some files, with our flags, answers to what it is fed; or a skip."""
    for tool in (CROSS, EMULATOR):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    for name, source in sources.items():
        (folder / name).write_text(source)
    files = [str(folder / name) for name in sources if name.endswith(".c")]
    flags = [flag for flag in FLAGS if flag not in (NATIVE, "-shared", "-fPIC")]
    made = str(folder / "program")
    subprocess.run([CROSS, *flags, "-static", f"-I{HERE}", *files, "-o", made, "-lm"], check=True)
    done = subprocess.run([EMULATOR, made], input=fed, stdout=subprocess.PIPE, check=True)
    return done.stdout
