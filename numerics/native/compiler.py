"""C source to a loaded library: the machine's own compiler, and a cache of what it made.

A library is kept under a hash of everything that it depends on: source, headers, flags, compiler
and processor. It is written under a passing name and renamed, so that another process sees all of
it or nothing, and ends with a digest of its content, so that a damaged file is made again.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NATIVE = "-march=native"
FLAGS = (
    NATIVE,
    "-O3",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-strict-aliasing",  # numbers and labels share one space
    "-fopenmp-simd",  # for `#pragma omp simd`: no threads, no library
    "-shared",
    "-fPIC",
    "-w",
)
DIGEST = 32  # bytes at the end of a file


class NoCompilerError(Exception):
    """There is no C compiler, or it does not compile."""


def folder() -> Path:
    """Where libraries are kept: BACKPROOF_CACHE, or ``backproof`` in the user's cache folder."""
    named = os.environ.get("BACKPROOF_CACHE")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "backproof"


def compiler() -> list[str]:
    """The command named by CC, or the first of cc, gcc and clang that is found."""
    names = [os.environ["CC"]] if os.environ.get("CC") else ["cc", "gcc", "clang"]
    for name in names:
        command, *options = shlex.split(name)
        path = shutil.which(command)
        if path is not None:
            return [path, *options]
    raise NoCompilerError(f"no C compiler ({', '.join(names)}) on the PATH")


@cache
def processor() -> str:
    """What ``-march=native`` depends on: a home folder may be shared by several machines."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        known = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
        return " ".join([platform.machine(), *known[:2]])
    except OSError:
        return f"{platform.machine()} {platform.processor()} {sys.platform}"


def further() -> list[str]:
    """Options of the user's, from BACKPROOF_CFLAGS: the last, so that ``-march`` there counts."""
    return shlex.split(os.environ.get("BACKPROOF_CFLAGS", ""))


def library(source: str, include: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> Path:
    """The shared library of a source, from the cache or compiled now.

    ``include`` are further folders of headers. Raises `NoCompilerError` where it cannot be made.
    """
    command = compiler()
    path = place(source, command, options)
    if not sound(path):
        store(build(source, command, include, options), path)
        if not sound(path):
            raise NoCompilerError(f"{path.parent} takes no files")
    return path


def place(source: str, command: list[str], options: tuple[str, ...]) -> Path:
    """Where a library is kept."""
    return folder() / f"{key(source, command, options)}.so"


def key(source: str, command: list[str], options: tuple[str, ...]) -> str:
    """A name for everything that the library depends on."""
    status = os.stat(command[0])
    stamp = str(status.st_size), str(status.st_mtime_ns)
    facts = (*command, *stamp, *FLAGS, *options, *further(), processor())
    digest = hashlib.sha256()
    for part in (source, *(h.read_text("utf-8") for h in sorted(HERE.glob("*.h"))), *facts):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:40]


def sound(path: Path) -> bool:
    """Whether a file is there and whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    body, digest = content[:-DIGEST], content[-DIGEST:]
    return len(digest) == DIGEST and hashlib.sha256(body).digest() == digest


def build(
    source: str, command: list[str], include: tuple[str, ...], options: tuple[str, ...]
) -> bytes:
    """The bytes of the library."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "kernel.so"
        folders = [f"-I{name}" for name in (str(HERE), *include)]
        text = ["-x", "c", "-", "-o", str(made), "-lm"]
        call = [*command, *FLAGS, *options, *further(), *folders, *text]
        done = subprocess.run(call, input=source.encode(), capture_output=True)
        if done.returncode and b"-march" in done.stderr:  # not every Clang knows it on ARM
            call.remove(NATIVE)
            done = subprocess.run(call, input=source.encode(), capture_output=True)
        if done.returncode:
            first = next(iter(done.stderr.decode(errors="replace").splitlines()), "no message")
            raise NoCompilerError(f"{command[0]} fails: {first}")
        return made.read_bytes()


def store(content: bytes, path: Path) -> None:
    """Write a library and its digest, all at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, passing = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content + hashlib.sha256(content).digest())
        os.chmod(passing, 0o700)
        os.replace(passing, path)
    except OSError as error:
        raise NoCompilerError(f"{path.parent} takes no files: {error}") from None


def loaded(path: Path) -> ctypes.CDLL:
    """The library in this process."""
    return ctypes.CDLL(str(path))
