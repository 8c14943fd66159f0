"""What every test runs under: one thread, chosen examples, and a report that hides nothing."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Set before any test imports NumPy, whose BLAS reads these once; small products only lose by more.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
ROOT = Path(__file__).resolve().parents[1]
# Tests and the processes they start find the installed package, never the folder `backproof` of
# the checkout, which `python -m pytest` would put first: it lacks two of the three rooms.
sys.path[:] = [place for place in sys.path if Path(place).resolve() != ROOT]
os.environ.setdefault("PYTHONSAFEPATH", "1")

ROOMS = ("theory", "numerics", "backproof")
TALLY = pytest.StashKey[Counter[str]]()

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("dev", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Start the tally of what tests count."""
    config.stash[TALLY] = Counter()


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Callable[[str, int], None]:
    """`tally(what, number)` adds to a total that the end of the run prints."""

    def add(what: str, number: int) -> None:
        pytestconfig.stash[TALLY][what] += number

    return add


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the totals; the reasons of skipped tests are printed by `-ra` in pyproject.toml."""
    for what, number in sorted(config.stash[TALLY].items()):
        terminalreporter.write_line(f"{what}: {number}")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a commit of this working tree would hold of the library."""
    copy = tmp_path_factory.mktemp("checkout")
    for file in kept_files():
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, target)
    return copy


def kept_files() -> list[Path]:
    """Tracked files and new files that git does not ignore; all files where there is no git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    wanted = [*ROOMS, "pytest_backproof.py", "pyproject.toml", "README.md", "LICENSE"]
    try:
        listed = subprocess.run([*command, *wanted], cwd=ROOT, capture_output=True, text=True)
        names = listed.stdout.split("\0") if listed.returncode == 0 else []
    except FileNotFoundError:
        names = []
    if not any(names):
        names = [str(path.relative_to(ROOT)) for name in wanted for path in found(ROOT / name)]
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def found(place: Path) -> list[Path]:
    """The file `place`, or the files in the folder `place`, without Python's caches."""
    paths = [place] if place.is_file() else place.rglob("*")
    return [path for path in paths if path.is_file() and "__pycache__" not in path.parts]


@pytest.fixture(scope="session")
def wheel_of() -> Callable[[Path], Path]:
    """`wheel_of(folder)` builds the project in `folder`, with no network, and returns the wheel."""

    def build(folder: Path) -> Path:
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", *options, "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"the wheel cannot be built:\n{done.stdout}{done.stderr}"
        (wheel,) = (folder / "dist").glob("*.whl")
        return wheel

    return build


@pytest.fixture(scope="session")
def wheel(checkout: Path, wheel_of: Callable[[Path], Path]) -> Path:
    """The wheel of this working tree."""
    return wheel_of(checkout)
