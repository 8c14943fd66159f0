"""The set-up knows what it may keep, what it has to make again, and what is not its own."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program in a small checkout of its own, where steps are recorded and not run."""
    folder = tmp_path / "a checkout"
    for name in ("theory/a.py", "numerics/b.py", "backproof/c.py", "README.md", "LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "pyproject.toml").write_text('[build-system]\nrequires = ["setuptools"]\n')
    program = folder / "bootstrap.py"
    program.write_bytes((ROOT / "bootstrap.py").read_bytes())
    spec = importlib.util.spec_from_file_location("bootstrap", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.steps = []  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "call", lambda command, *_: record(module, command[3:]))
    monkeypatch.setattr(module, "replace_by", lambda command, *_: pytest.fail(f"ran {command}"))
    return module


def record(bootstrap: Any, step: list[str]) -> None:
    """Note a step, and leave what it would have left."""
    bootstrap.steps.append(step[0] if step[0] == "venv" else step[-1])
    python(bootstrap, "exit 0")


def python(bootstrap: Any, text: str) -> None:
    """Put a program in the place of the environment's Python."""
    bootstrap.BIN.mkdir(parents=True, exist_ok=True)
    bootstrap.PYTHON.write_text(f"#!/bin/sh\n{text}\n")
    bootstrap.PYTHON.chmod(0o755)


def steps(bootstrap: Any, tests: bool = False) -> list[str]:
    """What one call does."""
    bootstrap.steps.clear()
    bootstrap.set_up(tests=tests, verbose=False)
    return list(bootstrap.steps)


NEW = ["venv", "setuptools", "."]


def test_a_second_call_has_nothing_to_do(bootstrap: Any) -> None:
    assert steps(bootstrap) == NEW
    assert steps(bootstrap) == []


def test_the_tests_need_more_and_keep_it(bootstrap: Any) -> None:
    steps(bootstrap)
    assert steps(bootstrap, tests=True) == ["setuptools", ".[test]"]
    assert steps(bootstrap) == steps(bootstrap, tests=True) == []


def test_changed_sources_are_installed_again(bootstrap: Any) -> None:
    steps(bootstrap, tests=True)
    (bootstrap.ROOT / "theory" / "a.py").write_text("changed")
    assert steps(bootstrap) == ["."]
    (bootstrap.ROOT / "numerics" / "b.py").rename(bootstrap.ROOT / "numerics" / "renamed.py")
    assert steps(bootstrap) == ["."]
    (bootstrap.ROOT / "theory" / "__pycache__").mkdir()
    (bootstrap.ROOT / "theory" / "__pycache__" / "a.pyc").write_text("left by Python")
    assert steps(bootstrap, tests=True) == []


def test_every_module_of_the_project_is_installed(bootstrap: Any) -> None:
    """Those beside the rooms too: pytest looks for the plugin wherever the project is installed."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        modules = tomllib.load(file)["tool"]["setuptools"]["py-modules"]
    for name in modules:
        (bootstrap.ROOT / f"{name}.py").write_text("")
        assert (bootstrap.ROOT / f"{name}.py") in bootstrap.source_files(), name


@pytest.mark.parametrize("key", ["python", "pyproject", "root", "state"])
def test_another_origin_makes_it_new(bootstrap: Any, key: str) -> None:
    steps(bootstrap)
    bootstrap.write_stamp({**bootstrap.read_stamp(), key: "another"})
    assert steps(bootstrap) == NEW


def test_a_lost_python_makes_it_new(bootstrap: Any) -> None:
    steps(bootstrap)
    bootstrap.PYTHON.unlink()
    assert steps(bootstrap) == NEW


def test_an_interrupted_call_is_made_good(bootstrap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    steps(bootstrap)
    (bootstrap.ROOT / "theory" / "a.py").write_text("changed")
    with monkeypatch.context() as context:
        context.setattr(bootstrap, "pip", interrupted)
        assert bootstrap.main(["tour"]) == 130
    assert steps(bootstrap) == NEW


def test_what_is_half_made_is_made_again(bootstrap: Any) -> None:
    python(bootstrap, "exit 1")
    assert steps(bootstrap) == NEW


def test_an_environment_of_somebody_else_is_left_alone(
    bootstrap: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    python(bootstrap, "exit 0")
    assert bootstrap.main(["tour"]) == 2
    assert "did not make" in capsys.readouterr().err
    assert bootstrap.PYTHON.exists()
    assert bootstrap.steps == []


def test_a_python_without_ensurepip_says_what_to_install(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: name == "venv")
    assert bootstrap.main(["test"]) == 2
    said = capsys.readouterr().err
    assert "lacks its module ensurepip" in said
    assert "apt-get install python3-venv" in said
    assert not bootstrap.VENV.exists()


def test_a_failed_step_says_what_to_do(bootstrap: Any) -> None:
    command = ["python", "-I", "-m", "pip", "install", "x"]
    said = bootstrap.explanation(command, 1, "ERROR: nothing found (from versions: none)\n")
    assert "exit code 1: pip install x" in said
    assert "  | ERROR: nothing found" in said
    assert "Next: connect to the network" in said
    assert str(bootstrap.LOG) in bootstrap.explanation(command, 1, "what nobody has seen yet")


def test_tests_run_on_one_thread_unless_told(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    variables = bootstrap.test_environment()
    assert (variables["OMP_NUM_THREADS"], variables["MKL_NUM_THREADS"]) == ("3", "1")


def test_tests_find_the_installed_package_alone(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    variables = bootstrap.test_environment()
    assert variables["PATH"].split(os.pathsep)[0] == str(bootstrap.BIN)
    assert variables["PYTHONSAFEPATH"] == "1"
    assert "PYTHONPATH" not in variables


def test_the_command_gets_its_words_and_gives_its_exit_code(bootstrap: Any) -> None:
    steps(bootstrap)
    bootstrap.BACKPROOF.write_text('#!/bin/sh\necho "$# $2" && exit 7\n')
    bootstrap.BACKPROOF.chmod(0o755)
    program = str(bootstrap.ROOT / "bootstrap.py")
    done = subprocess.run(
        [sys.executable, program, "run", "derive", "two words"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "2 two words\n", "")


def test_help_and_wrong_words(bootstrap: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([]) == bootstrap.main(["--help"]) == 0
    assert "bootstrap.py tour" in capsys.readouterr().out
    assert bootstrap.main(["tuor"]) == 2
    assert "tour, test and run" in capsys.readouterr().err


def test_an_old_python_can_read_the_reason() -> None:
    text = (ROOT / "bootstrap.py").read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 6))
    calls = [node for node in tree.body if isinstance(node, ast.Expr)]
    assert ast.unparse(calls[1]) == "require_python()"  # calls[0] is the docstring


def test_an_old_python_is_told(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as stop:
        bootstrap.require_python()
    assert stop.value.code == 2
    assert "Python 3.11 or newer; this is Python 3.9" in capsys.readouterr().err


def test_the_stamp_is_readable(bootstrap: Any) -> None:
    steps(bootstrap, tests=True)
    stamp = json.loads(bootstrap.STAMP.read_text())
    assert stamp["state"] == "ready"
    assert stamp["tests"] is True
