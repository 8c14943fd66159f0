"""The wheel holds the whole library and nothing else."""

import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

PLACES = {"theory": "backproof/theory", "numerics": "backproof/numerics", "backproof": "backproof"}


def foreign(wheel: Path) -> list[str]:
    """What the wheel would put into a user's site-packages that is not named after the library."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    own = ("backproof", "pytest_backproof.py")
    return sorted(top for top in tops if top not in own and not top.endswith(".dist-info"))


def missing(checkout: Path, wheel: Path) -> list[str]:
    """The library's files that the wheel lacks, each with the line that would add it."""
    held = set(zipfile.ZipFile(wheel).namelist())
    settings = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    findings = []
    for room, place in PLACES.items():
        for path in sorted((checkout / room).rglob("*")):
            installed = f"{place}/{path.relative_to(checkout / room).as_posix()}"
            if path.is_file() and installed not in held:
                line = remedy(installed, settings["packages"])
                findings.append(f"{path.relative_to(checkout)} is not in the wheel: {line}")
    return sorted(findings)


def remedy(installed: str, packages: list[str]) -> str:
    """What to add to pyproject.toml so that the file `installed` is in the wheel."""
    package = str(Path(installed).parent).replace("/", ".")
    if installed.endswith(".py") and package not in packages:
        return f'add the line     "{package}",     to packages in [tool.setuptools]'
    return f'add "**/*{Path(installed).suffix}" to [tool.setuptools.package-data]'


def test_the_wheel_holds_backproof_alone(wheel: Path) -> None:
    assert foreign(wheel) == []


def test_the_wheel_holds_every_file_of_the_library(checkout: Path, wheel: Path) -> None:
    findings = missing(checkout, wheel)
    assert not findings, "\n".join(findings)
    assert "backproof/py.typed" in zipfile.ZipFile(wheel).namelist()


@pytest.fixture
def planted(checkout: Path, tmp_path: Path) -> Path:
    """A checkout of one's own, to spoil."""
    ignore = shutil.ignore_patterns("build", "dist", "*.egg-info")
    return Path(shutil.copytree(checkout, tmp_path / "checkout", ignore=ignore))


def test_a_package_that_pyproject_does_not_list_is_named(
    planted: Path, wheel_of: Callable[[Path], Path]
) -> None:
    for name in ("theory/planted/__init__.py", "numerics/planted.dat"):
        (planted / name).parent.mkdir(exist_ok=True)
        (planted / name).write_text("")
    data, package = (line for line in missing(planted, wheel_of(planted)) if "planted" in line)
    assert package.startswith("theory/planted/__init__.py is not in the wheel")
    assert '"backproof.theory.planted",' in package
    assert data.startswith("numerics/planted.dat is not in the wheel")
    assert '"**/*.dat"' in data


def test_a_package_with_a_generic_name_is_named(
    planted: Path, wheel_of: Callable[[Path], Path]
) -> None:
    project = planted / "pyproject.toml"
    text = project.read_text("utf-8")
    project.write_text(text.replace("packages = [", 'packages = [\n    "theory",', 1), "utf-8")
    assert foreign(wheel_of(planted)) == ["theory"]
