"""The library is linted, typed and documented by examples that run, as it is installed."""

import doctest
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"theory": "backproof.theory", "numerics": "backproof.numerics", "backproof": "backproof"}
OPTIONAL = {
    "dask",
    "flint",
    "hypothesis",
    "jax",
    "numba",
    "torch",
}  # packages of the optional extras
PLANTED = '''\
import os


def half(x: int) -> str:
    """Halve.

    >>> 1 + 1
    3
    """
    return x / 2
'''


def module_name(path: Path) -> str:
    """The installed name of a source file, such as backproof.theory.notation."""
    room, *inner = path.relative_to(ROOT).with_suffix("").parts
    return ".".join([ROOMS[room], *(part for part in inner if part != "__init__")])


SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
MODULES = {module_name(path): path for path in SOURCES}


def text(name: str) -> str:
    """The source of a module of the checkout."""
    return MODULES[name].read_text("utf-8")


def run(command: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """The exit code and the output of a module of this Python."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


# The linter --------------------------------------------------------------------------------


def lint(place: Path) -> tuple[int, str]:
    """ruff with the project's settings."""
    settings = str(ROOT / "pyproject.toml")
    return run(["ruff", "check", "--no-cache", "--config", settings, str(place)], ROOT)


def test_ruff_finds_nothing() -> None:
    code, output = lint(ROOT)
    assert code == 0, output


def test_ruff_finds_what_is_planted(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(PLANTED)
    code, output = lint(tmp_path)
    assert code == 1
    assert "F401" in output


# Types -------------------------------------------------------------------------------------


def types(installed: Path, cache: Path) -> tuple[int, str]:
    """mypy over the package in the folder `installed`.

    It is run from that folder, since from the root of the checkout mypy would take the folder
    `backproof` there, which lacks two of the three rooms, for the whole package; and on an
    unpacked wheel, since mypy does not follow the import hook of an editable install.
    """
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(cache)]
    modules = ["-p", "backproof", "-m", "pytest_backproof"]
    return run(["mypy", *settings, *modules], installed, MYPYPATH=str(installed))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The package as an installation lays it out."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    return tmp_path / "site"


def test_mypy_finds_nothing(installed: Path, tmp_path: Path) -> None:
    code, output = types(installed, tmp_path / "cache")
    assert code == 0, output
    checked = re.search(r"in (\d+) source file", output)
    assert checked
    assert int(checked[1]) >= len(list(installed.rglob("*.py")))


def test_mypy_finds_what_is_planted(installed: Path, tmp_path: Path) -> None:
    (installed / "backproof" / "theory" / "planted.py").write_text(PLANTED)
    code, output = types(installed, tmp_path / "cache")
    assert code == 1
    assert "planted.py" in output
    assert "[return-value]" in output


# Examples in docstrings --------------------------------------------------------------------


def examples(name: str) -> tuple[int, str]:
    """How many examples the docstrings of a module hold, and what those that fail say."""
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(importlib.import_module(name)):
        runner.run(test, out=said.append)
    return runner.tries, "".join(said)


@pytest.mark.parametrize("name", [name for name in MODULES if ">>> " in text(name)])
def test_the_examples_of(name: str, tally: Callable[[str, int], None]) -> None:
    try:
        tried, said = examples(name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        pytest.skip(f"{name} needs the optional package {error.name}")
    tally("examples run from docstrings", tried)
    assert not said, said


def test_a_wrong_example_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted_example.py").write_text(PLANTED)
    monkeypatch.syspath_prepend(tmp_path)
    tried, said = examples("planted_example")
    assert tried == 1
    assert "Expected:\n    3\nGot:\n    2" in said


# What is under test ------------------------------------------------------------------------


def stale(modules: dict[str, Path]) -> list[str]:
    """The modules that are not installed, or from other sources than those of the checkout."""
    findings = []
    for name, path in modules.items():
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:  # nor is its package installed
            spec = None
        if spec is None or spec.origin is None:
            findings.append(f"{name} is not installed")
        elif Path(spec.origin).read_bytes() != path.read_bytes():
            findings.append(f"{name} is installed from other sources: {spec.origin}")
    return findings


def test_what_is_installed_is_this_checkout() -> None:
    findings = stale(MODULES)
    move = "`python3 bootstrap.py test` installs the checkout and tests it"
    assert not findings, "\n".join([*findings, move])


def test_other_sources_are_found(tmp_path: Path) -> None:
    (tmp_path / "older.py").write_text("# what somebody else wrote\n")
    names = ("backproof", "backproof.absent", "backproof.absent.too")
    other, *absent = stale(dict.fromkeys(names, tmp_path / "older.py"))
    assert "other sources" in other
    assert all("not installed" in line for line in absent)


def test_linear_algebra_keeps_to_the_capped_threads() -> None:
    import scipy.linalg  # noqa: F401 - loads the libraries whose threads are counted
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert pools
    assert {pool["num_threads"] for pool in pools} == {int(os.environ["OPENBLAS_NUM_THREADS"])}
