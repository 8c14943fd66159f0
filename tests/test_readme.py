"""The README tells the truth: its commands run, and print what it shows."""

import doctest
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return [text for name, text in BLOCKS if name == language]


def sessions(block: str) -> list[tuple[str, str]]:
    """The commands of a console block (`$ …`, continued by `> …`), each with what it prints."""
    found: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (found[-1][0] + line[2:], "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def printed(command: str, folder: Path) -> str:
    """What a command prints, errors too."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {**os.environ, "PATH": path, "COLUMNS": "80"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README shows: Python blocks that begin with `# name.py`."""
    place = tmp_path_factory.mktemp("readme")
    for text in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", text):
            (place / name[1]).write_text(text, "utf-8")
    return place


SESSIONS = [session for block in blocks("console") for session in sessions(block)]


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=[c[:40] for c, _ in SESSIONS])
def test_a_command_prints_what_is_shown(command: str, shown: str, folder: Path) -> None:
    got = printed(command, folder)
    alike = doctest.OutputChecker().check_output(shown, got, doctest.ELLIPSIS)
    assert alike, f"$ {command}prints\n{got}and the README shows\n{shown}"


def test_the_python_sessions_print_what_is_shown() -> None:
    shown = "\n".join(text for text in blocks("python") if text.startswith(">>>"))
    test = doctest.DocTestParser().get_doctest(shown, {}, "README", "README.md", 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=said.append)
    assert runner.tries >= 6
    assert not said, "".join(said)


def test_a_wrong_session_would_be_found(tmp_path: Path) -> None:
    ((command, shown),) = sessions("$ echo one \\\n>   two\none two\n")
    assert shown == "one two\n"
    assert printed(command, tmp_path) == shown
    assert printed("backproof derive 3", tmp_path).startswith("error: source")


def test_the_readme_shows_enough() -> None:
    commands = " ".join(command for command, _ in SESSIONS)
    for verb in ("derive", "verify", "document"):
        assert f"backproof {verb}" in commands
    (start,) = blocks("sh")
    assert "python3 bootstrap.py tour" in start
    assert "python3 bootstrap.py test" in start
    assert len(README.splitlines()) < 160


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert link.startswith("https://") or (page.parent / link).exists(), (page, link)


def test_the_picture_is_what_its_script_draws() -> None:
    script = ROOT / "docs" / "picture.py"
    drawn = runpy.run_path(str(script))["picture"]()
    assert (ROOT / "docs" / "backproof.svg").read_text("utf-8") == drawn, f"run python {script}"
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert "# verified" in drawn
    assert "# refuted" in drawn
