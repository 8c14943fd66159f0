#!/usr/bin/env python3
"""Set up backproof in this checkout and run it: Python 3.11 or newer is all it needs.

    python3 bootstrap.py tour               see the whole library at work
    python3 bootstrap.py test               run the whole test suite
    python3 bootstrap.py run SUBCOMMAND …   run any backproof command

What follows the first word is passed on as it stands:

    python3 bootstrap.py test tests/theory -k relu     a part of the suite (pytest's arguments)
    python3 bootstrap.py run derive --help             the help of one backproof command
    python3 bootstrap.py --verbose test                the same, with everything pip says

The first call makes the environment `.venv` beside this file and installs the project and its
dependencies into it: a minute or two, and a network or a folder of wheels (PIP_FIND_LINKS).
Later calls start at once. The project is installed again when its sources have changed, and the
environment is made again when pyproject.toml, the Python version or the place of the checkout
has changed, or when an earlier set-up was interrupted. To start afresh, delete `.venv`.

`test` runs in the checkout, so its paths are relative to it, with one thread for each linear
algebra call unless OMP_NUM_THREADS and its like are set; `tour` and `run` run where you are.
The exit code is that of the command; 2 says that nothing was run, with the reason and the next
move. Messages of the set-up go to standard error.
"""

# This file is the one that an old Python may be asked to read: up to `require_python` it keeps
# to what Python 3.6 can run, and below it to what Python 3.6 can parse.
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NEWEST_FIRST = ("python3.14", "python3.13", "python3.12", "python3.11")


def require_python() -> None:
    """Stop with the next move where this Python is older than 3.11."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - the point of this function
        return
    found = "{}.{}".format(*sys.version_info[:2])
    newer = [name for name in NEWEST_FIRST if runs(name, "")]
    move = "install one (on Debian 12 or newer: apt-get install python3 python3-venv)"
    if newer:
        move = "there is one here: {} {}".format(newer[0], " ".join(sys.argv))
    message = "backproof needs Python 3.11 or newer; this is Python {} ({}).\nNext: {}\n"
    sys.stderr.write(message.format(found, sys.executable, move))
    sys.exit(2)


def runs(python: str, statement: str) -> bool:
    """Whether the command `python` starts a Python in which the statement succeeds."""
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call([python, "-c", statement], stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


require_python()

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "backproof-setup.json"
LOG = VENV / "setup.log"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
BACKPROOF = BIN / ("backproof.exe" if WINDOWS else "backproof")

ROOMS = ("theory", "numerics", "backproof")
MODULES = ("pytest_backproof.py",)  # beside the rooms
PROJECT_FILES = ("pyproject.toml", "README.md", "LICENSE")
THREAD_CAPS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

NETWORK = "connect to the network, or name your proxy (HTTPS_PROXY) or index (PIP_INDEX_URL); \
without a network, PIP_NO_INDEX=1 PIP_FIND_LINKS=/folder/of/wheels"
PIP_HINTS = (  # words in pip's output, and the next move
    ("No space left on device", "free about 1 GB of disk space"),
    ("CERTIFICATE_VERIFY_FAILED", "name the certificates to trust: PIP_CERT=/path/to/ca.pem"),
    ("Temporary failure in name resolution", NETWORK),
    ("Failed to establish a new connection", NETWORK),
    ("ProxyError", NETWORK),
    ("timed out", NETWORK),
    ("from versions: none", NETWORK),
)


class SetupError(Exception):
    """The set-up cannot go on; the message says why and names the next move."""


# What is asked for -------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Run one command line and return its exit code (on POSIX the command replaces this one)."""
    verbose = arguments[:1] == ["--verbose"]
    command, *rest = arguments[verbose:] or ["--help"]
    if command in ("--help", "-h", "help"):
        print(__doc__.strip())
        return 0
    if command not in ("tour", "test", "run"):
        say(f"there is no command {command!r}; there are tour, test and run (see --help)")
        return 2
    try:
        with locked():
            set_up(tests=command == "test", verbose=verbose)
    except SetupError as error:
        say(str(error))
        return 2
    except OSError as error:
        say(f"the set-up could not use a file: {error}\nNext: look at its rights and try again.")
        return 2
    except KeyboardInterrupt:
        say("interrupted; the next call starts the set-up again")
        return 130
    if command == "test":
        return replace_by([str(PYTHON), "-m", "pytest", *rest], test_environment(), ROOT)
    subcommand = ["tour", *rest] if command == "tour" else rest
    return replace_by([str(BACKPROOF), *subcommand], activated(), Path.cwd())


def say(text: str) -> None:
    """Print one message of the set-up on standard error."""
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(what: str) -> Iterator[None]:
    """Say in one line what is being done, and when it is done how long it took."""
    started = time.monotonic()
    print(f"bootstrap: {what} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr, flush=True)
        raise
    print(f" {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the checkout's lock, so that two calls do not make the environment at once."""
    if WINDOWS:  # no flock there
        yield
        return
    import fcntl

    checkout = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another call is setting up this checkout; waiting for it")
            fcntl.flock(checkout, fcntl.LOCK_EX)
        yield
    finally:
        os.close(checkout)


# The environment ---------------------------------------------------------------------------


def set_up(tests: bool, verbose: bool) -> None:
    """Bring `.venv` to the state of this checkout, with what the tests need where `tests`."""
    stamp = read_stamp()
    sources = digest(source_files())
    belongs = {
        "python": f"{sys.version} {sys.base_prefix}",
        "pyproject": digest([ROOT / "pyproject.toml"]),
        "root": str(ROOT),
    }
    reason = why_again(stamp, belongs)
    if reason:
        make_environment(reason, verbose)
        stamp = {}
    tests = tests or bool(stamp.get("tests"))
    whole = tests != stamp.get("tests")
    if whole or stamp.get("sources") != sources:
        write_stamp({"state": "at work"})
        install(".[test]" if tests else ".", whole, verbose)
        write_stamp({"state": "ready", "tests": tests, "sources": sources, **belongs})


def why_again(stamp: dict[str, Any], belongs: dict[str, str]) -> str:
    """Why the environment has to be made (again); empty where it can be used."""
    if not VENV.exists() and not VENV.is_symlink():
        return "a new environment"
    if not stamp:
        refuse_what_is_not_ours()
        return "it was half made"
    if stamp.get("state") != "ready":
        return "the last set-up did not finish"
    if not PYTHON.exists():
        return "its Python is gone"
    names = {"python": "Python", "pyproject": "pyproject.toml", "root": "the checkout's place"}
    changed = [names[key] for key in belongs if stamp.get(key) != belongs[key]]
    return f"{' and '.join(changed)} changed" if changed else ""


def refuse_what_is_not_ours() -> None:
    """Leave alone a working environment that this program did not make."""
    if runs(str(PYTHON), "import pip"):
        raise SetupError(
            f"{VENV} is an environment that this program did not make, and it is left alone.\n"
            "Next: move it away or delete it, then try again."
        )


def make_environment(reason: str, verbose: bool) -> None:
    """Make `.venv` from nothing."""
    version = "{}.{}".format(*sys.version_info[:2])
    missing = [name for name in ("venv", "ensurepip") if not importlib.util.find_spec(name)]
    if missing:
        raise SetupError(
            f"this Python ({sys.executable}) lacks its module {missing[0]}, which makes "
            "environments.\nNext, on Debian or Ubuntu, as root: apt-get install python3-venv "
            f"(or python{version}-venv), then try again."
        )
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    write_stamp({"state": "at work"})
    with progress(f"making .venv with Python {version} ({reason}; some seconds)"):
        call([sys.executable, "-I", "-m", "venv", str(VENV)], ROOT, verbose)


def install(project: str, whole: bool, verbose: bool) -> None:
    """Install the checkout, as `project` and with its dependencies where `whole`.

    pip is given a clean copy: in the checkout itself setuptools would leave a `build` folder,
    and what a later call finds there it would install, modules that are long gone too.
    """
    what = "the project and its dependencies (a minute or two)" if whole else "the changed sources"
    with tempfile.TemporaryDirectory(prefix="backproof-") as folder, progress(f"installing {what}"):
        copy = Path(folder) / "checkout"
        for source in [*source_files(), *(ROOT / name for name in PROJECT_FILES)]:
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        if whole:
            pip(build_requirements(), copy, verbose)
            pip(["--no-build-isolation", project], copy, verbose)
        else:
            pip(["--no-build-isolation", "--no-deps", "--force-reinstall", "."], copy, verbose)


def build_requirements() -> list[str]:
    """The packages that build the project; installed once, so later builds need no network."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        return list(tomllib.load(file)["build-system"]["requires"])


def pip(arguments: list[str], folder: Path, verbose: bool) -> None:
    """Run `pip install` in the environment."""
    options = ["--disable-pip-version-check", "--no-input"]
    call([str(PYTHON), "-I", "-m", "pip", "install", *options, *arguments], folder, verbose)


def call(command: list[str], folder: Path, verbose: bool) -> None:
    """Run one step of the set-up, its output going to the log or, if `verbose`, to stderr."""
    if verbose:
        print(file=sys.stderr, flush=True)
    with LOG.open("wb") as log:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if verbose else log,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise SetupError(explanation(command, done.returncode, LOG.read_text("utf-8", "replace")))


def explanation(command: list[str], code: int, output: str) -> str:
    """What a failed step said last, and the next move."""
    lines = [line for line in output.splitlines() if line.strip()]
    hints = [hint for words, hint in PIP_HINTS if words in output]
    move = hints[0] if hints else f"read the lines above (the whole log: {LOG})"
    said = "".join(f"  | {line[:150]}\n" for line in lines[-8:])
    step = " ".join(command[3:])  # after `python -I -m`
    return f"this step failed with exit code {code}: {step}\n{said}Next: {move}; then try again."


# What the environment was made from --------------------------------------------------------


def source_files() -> list[Path]:
    """The files of the three rooms and what stands beside them, without what Python leaves."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    found += [ROOT / name for name in MODULES if (ROOT / name).is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def digest(files: list[Path]) -> str:
    """A fingerprint of the names and contents of files of the checkout."""
    total = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT)}\n{content}\n".encode())
    return total.hexdigest()


def read_stamp() -> dict[str, Any]:
    """What is known of the environment; empty where there is no stamp that can be read."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: dict[str, Any]) -> None:
    """Record the state of the environment; replaced in one piece, so never half written."""
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp, indent=1), "utf-8")
    part.replace(STAMP)


# The command -------------------------------------------------------------------------------


def activated() -> dict[str, str]:
    """The environment variables as `activate` would set them."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}


def test_environment() -> dict[str, str]:
    """One thread a linear algebra call, and no module found but in the environment.

    PYTHONSAFEPATH keeps the checkout off the module path, here and in the processes that tests
    start: the folder `backproof` in it is only a part of the installed package.
    """
    variables = {**dict.fromkeys(THREAD_CAPS, "1"), **activated(), "PYTHONSAFEPATH": "1"}
    variables.pop("PYTHONPATH", None)
    return variables


def replace_by(command: list[str], variables: dict[str, str], folder: Path) -> int:
    """Become `command`, so that its exit code, its signals and its terminal are its own."""
    if not Path(command[0]).exists():
        say(f"{command[0]} is missing from the environment.\nNext: delete {VENV} and try again.")
        return 2
    os.chdir(folder)
    if not WINDOWS:  # exec there returns to the prompt before the command ends
        os.execve(command[0], command, variables)
    return subprocess.run(command, env=variables).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
