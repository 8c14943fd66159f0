"""The command line: what it prints, its exit codes, and one clear message for each bad input."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import backproof as bp
from backproof.commands.command import app, main
from backproof.commands.verify import EXIT_CODES
from backproof.examples import digits_right, digits_wrong
from backproof.numerics import judge

NETWORK = "mlp:64,64,10:relu:categorical:l2=1e-4"
SQUARES = ["np.sum((W @ x - y)**2)", "--shape", "W=m n", "--shape", "x=n", "--shape", "y=m"]
COMMANDS = ("tour", "derive", "verify", "document")


def run(*words: str, stdin: str = "") -> Result:
    """One call of the command line, in this process."""
    return CliRunner().invoke(app, list(words), input=stdin, env={"COLUMNS": "80"})


def outside(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One call of the installed command, in a process of its own."""
    command = [str(Path(sys.executable).parent / "backproof"), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def user_file(folder: Path, text: str, name: str = "hand.py") -> Path:
    """A file of a user."""
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return path


# What is printed ---------------------------------------------------------------------------


def test_version() -> None:
    assert run("--version").stdout == f"backproof {bp.__version__}\n"


def test_derive_prints_the_equations_of_the_library() -> None:
    result = run("derive", *SQUARES, "--wrt", "W,x")
    model = bp.trace(SQUARES[0], W="m n", x="n", y="m")
    assert result.exit_code == 0
    assert result.stdout == f"{bp.derive(model, wrt=('W', 'x'))}\n"
    assert result.stderr == ""


def test_derive_takes_a_formula_that_starts_with_a_minus() -> None:
    assert "dx[i] = -2 x[i]" in run("derive", "-x @ x", "--shape", "x=n").stdout


def test_derive_reads_standard_input() -> None:
    body = "z = W @ x\nreturn np.sum(z**2)\n"
    assert "dz[" in run("derive", "-", "--shape", "W=m n", "--shape", "x=n", stdin=body).stdout


def test_derive_hessian_and_its_product_with_a_vector() -> None:
    cube = ["derive", "np.sum(x**3)", "--shape", "x=n", "--order", "2"]
    assert "δ[i,j]" in run(*cube).stdout
    product = run(*cube, "--along", "v")
    assert product.exit_code == 0
    assert "v[i]" in product.stdout
    assert "δ" not in product.stdout


def test_derive_the_gradient_of_each_example() -> None:
    loss = ["derive", "np.mean((X @ w - y)**2)", "--shape", "X=N d", "--shape", "w=d"]
    words = [*loss, "--shape", "y=N", "--wrt", "w"]
    assert "dw[n,i] = dt1[n] X[n,i]" in run(*words, "--per-sample", "N").stdout
    assert run(*words, "--per-sample", "M").exit_code == 2


def test_derive_in_a_convention_for_symmetric_inputs() -> None:
    form = ["derive", "x @ S @ y", "--shape", "S=n n", "--shape", "x=n", "--shape", "y=n"]
    asked = [*form, "--wrt", "S", "--symmetric", "constrained"]
    printed = run(*asked, "--assume", "S=symmetric").stdout
    assert "dS_sym[i,j] = dS[i,j] + dS[j,i] - δ[i,j] dS[i,j]" in printed
    refused = run(*asked)
    assert refused.exit_code == 2
    assert "not declared symmetric" in refused.stderr


def test_derive_shows_every_step_with_its_reason() -> None:
    derivation = bp.derive(bp.trace(SQUARES[0], W="m n", x="n", y="m"), wrt="W")
    printed = run("derive", *SQUARES, "--wrt", "W", "--steps").stdout
    assert derivation.steps
    for number, step in enumerate(derivation.steps, 1):
        assert f"{number}. {step.rule}: {step.because}" in printed


def test_derive_prints_latex() -> None:
    printed = run("derive", *SQUARES, "--wrt", "W", "--format", "latex").stdout
    assert printed.startswith(r"\begin{aligned}")
    assert printed.count("&=") == 4


def test_derive_prints_numpy_that_compiles() -> None:
    printed = run("derive", NETWORK, "--format", "numpy").stdout
    compile(printed, "kernel", "exec")
    assert "np.matmul" in printed


BACKENDS = {"numpy": "np.matmul", "c": "#include", "jax": "import jax", "torch": "import torch"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_derive_prints_the_kernel_of_a_backend(backend: str) -> None:
    if backend in ("jax", "torch"):
        pytest.importorskip(backend)
    words = ("derive", NETWORK, "--backend", backend, "--dtype", "float32")
    printed = run(*words)
    assert printed.exit_code == 0, printed.output
    assert BACKENDS[backend] in printed.stdout
    assert "db2[k] = Σ_n dz2[n,k]" in printed.stdout  # every equation stands over its lines
    told = json.loads(run(*words, "--json").stdout)
    assert (told["backend"], told["dtype"]) == (backend, "float32")
    assert told["source"].strip() == printed.stdout.strip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--backend", "fortran"), "one of numpy, c, jax, torch"),
        (("--backend", "numpy", "--steps"), "leave --steps out"),
        (("--backend", "numpy", "--format", "latex"), "leave --format out"),
    ],
)
def test_a_kernel_that_cannot_be_printed_is_refused(words: tuple[str, ...], said: str) -> None:
    found = run("derive", NETWORK, *words)
    assert found.exit_code == 2
    assert said in found.output


def test_a_page_has_the_kernel_of_a_backend(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert run("document", NETWORK, "--to", str(page), "--backend", "c").exit_code == 0
    assert "as C code" in page.read_text("utf-8")


@pytest.mark.parametrize("option", ["--json", "--format=json"])
def test_derive_prints_json(option: str) -> None:
    found = json.loads(run("derive", NETWORK, "--steps", option).stdout)
    assert found["results"]["W1"] == "dW1"
    assert found["arguments"]["y"] == {"shape": ["N"], "dtype": "integer", "below": "10"}
    last = found["equations"][-1]
    assert last["derived"]
    assert last["text"] == "db2[k] = Σ_n dz2[n,k]"
    # J_Ω = J + Ω sends a share to J and to Ω, and Ω one to each of two weights
    assert len(found["steps"]) == len(bp.derive(bp.networks.mlp([64, 64, 10])).steps) + 4
    assert all(step["because"] for step in found["steps"])


def test_a_convolutional_network_is_stated_by_its_blocks() -> None:
    words = "cnn:1,12,12:4,8:10:tanh:categorical:kernel=3:pool=2:l2=lam"
    found = json.loads(run("derive", words, "--json").stdout)
    assert set(found["results"]) == {"K1", "b1", "K2", "b2", "W3", "b3"}
    assert found["arguments"]["lam"]["shape"] == []
    for wrong, said in (
        ("cnn:1,8,8:4", "CHANNELS,H,W:FILTERS:CLASSES"),
        ("cnn:1,8,8:4:10,2", "one number of classes"),
        ("cnn:1,8,8:4:10:kernel=wide", "kernel=3"),
        ("cnn:1,8,8:4:10:kernel=9", "a window that fits"),
    ):
        done = run("derive", wrong)
        assert done.exit_code == 2
        assert said in " ".join(done.output.split())


def test_the_pipe_may_close_early() -> None:
    command = f"{Path(sys.executable).parent}/backproof derive {NETWORK} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_a_stream_that_cannot_hold_sigma_gets_its_number(tmp_path: Path) -> None:
    variables = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [str(Path(sys.executable).parent / "backproof"), "derive", *SQUARES]
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "\\u03a3_j W[i,j] x[j]" in done.stdout


# Files of the user -------------------------------------------------------------------------

LOSSES = """
    import numpy as np
    import backproof as bp
    from beside import SCALE

    print("this file speaks while it is imported")

    def loss(W, x):
        return SCALE * np.sum((W @ x)**2)

    def model():
        return bp.networks.mlp(["d", "k"], likelihood="gaussian")

    derivation = bp.derive(model(), wrt="W1")
"""


@pytest.fixture
def losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a NumPy function, a function that returns a model, and a derivation."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    user_file(tmp_path, "SCALE = 3.0\n", "beside.py")
    return user_file(tmp_path, LOSSES, "losses.py")


@pytest.mark.parametrize("how", [[], ["--file"]])
def test_derive_takes_a_function_of_a_file(losses: Path, how: list[str]) -> None:
    result = run("derive", *how, f"{losses}::loss", "--shape", "W=m n", "--shape", "x=n", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["results"] == {"W": "dW", "x": "dx"}
    assert result.stderr == "this file speaks while it is imported\n"


@pytest.mark.parametrize("name", ["model", "derivation"])
def test_derive_takes_a_model_and_a_derivation_of_a_file(losses: Path, name: str) -> None:
    result = run("derive", f"{losses}::{name}")
    assert result.exit_code == 0, result.stderr
    assert "dW1[" in result.stdout


def test_what_the_file_holds_now_is_read(tmp_path: Path) -> None:
    path = user_file(tmp_path, "def f(x): return 2.0 * x\n")
    words = ("derive", f"{path}::f", "--shape", "x=")
    assert "dx = 2" in outside(*words, folder=tmp_path).stdout
    stamp = path.stat()
    path.write_text("def f(x): return 3.0 * x\n")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert "dx = 3" in outside(*words, folder=tmp_path).stdout


def test_a_file_that_is_named_twice_is_executed_once(tmp_path: Path) -> None:
    text = "print('executed')\ndef f(x): return x**2\ndef g(x): return 2 * x\n"
    path = user_file(tmp_path, text)
    result = run("verify", f"{path}::g", "--against", f"{path}::f", "--shape", "x=")
    assert result.exit_code == 0, result.output
    assert result.stderr == "executed\n"


def test_a_source_is_parsed_and_never_executed(tmp_path: Path) -> None:
    for source in ("open('owned', 'w')", "__import__('os').system('touch owned')"):
        done = outside("derive", source, "--shape", "x=n", folder=tmp_path)
        assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


# Verdicts and exit codes -------------------------------------------------------------------


def example(module: object) -> str:
    """The path of an example file with its function."""
    return f"{module.__file__}::backward"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("module", "verdict"), [(digits_right, "verified"), (digits_wrong, "refuted")]
)
def test_verify_judges_the_examples(module: object, verdict: str) -> None:
    words = ("verify", example(module), "--against", NETWORK, "--seed", "1")
    result = run(*words)
    assert result.exit_code == EXIT_CODES[verdict], result.output
    assert verdict in result.stdout
    found = json.loads(run(*words, "--json").stdout)
    assert found["verdict"] == verdict


def test_verify_takes_names_in_the_order_of_the_function(tmp_path: Path) -> None:
    text = "def f(y, A, v):\n    print('speaks')\n    return 2 * (A @ v - y)[:, None] * v\n"
    path = user_file(tmp_path, text)
    names = ["--inputs", "y,W,x", "--outputs", "W"]
    words = ("verify", f"{path}::f", "--against", *SQUARES, "--wrt", "W", *names)
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["verdict"] == "verified"
    assert run(*words, "--dtype", "float32", "--quiet").exit_code == 0


def test_the_example_of_a_refutation_runs(tmp_path: Path) -> None:
    path = user_file(tmp_path, "def f(W, x, y): return (W @ x - y)[:, None] * x\n")
    report = outside("verify", f"{path}::f", "--against", *SQUARES, "--wrt", "W", folder=tmp_path)
    assert report.returncode == EXIT_CODES["refuted"], report.stderr
    example = report.stdout.partition("A small example\n")[2].partition("\n\nWhat was")[0]
    command = [sys.executable, str(user_file(tmp_path, example, "witness.py"))]
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].startswith("AssertionError")
    path.write_text(path.read_text().replace("return (", "return 2 * ("))
    assert subprocess.run(command, env=variables, capture_output=True).returncode == 0


def test_only_verified_is_zero() -> None:
    assert [verdict for verdict, code in EXIT_CODES.items() if code == 0] == ["verified"]
    assert 2 not in EXIT_CODES.values()
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)
    told = run("verify", "--help").stdout
    for verdict, code in EXIT_CODES.items():
        assert f"{code} {verdict}" in " ".join(told.split())


def test_a_transpose_is_a_convention_and_not_zero(tmp_path: Path) -> None:
    path = user_file(tmp_path, "def f(W, x, y): return (2 * (W @ x - y)[:, None] * x).T\n")
    result = run("verify", f"{path}::f", "--against", *SQUARES, "--wrt", "W")
    assert result.exit_code in (EXIT_CODES["refuted"], EXIT_CODES["convention differs"])


def test_a_function_that_fails_is_not_verified(tmp_path: Path) -> None:
    path = user_file(tmp_path, "def f(W, x, y): raise RuntimeError('no')\n")
    result = run("verify", f"{path}::f", "--against", *SQUARES, "--wrt", "W")
    assert result.exit_code in (EXIT_CODES["refuted"], EXIT_CODES["not checked"])
    assert "Traceback" not in result.output


def test_a_defect_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(judge, "verify", fail)
    words = ["verify", example(digits_right), "--against", NETWORK]
    monkeypatch.setattr(sys, "argv", ["backproof", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 70
    assert 70 not in EXIT_CODES.values()


# Pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".html", ".md", ".tex", ".ipynb"])
def test_document_writes_a_page(tmp_path: Path, suffix: str) -> None:
    page = tmp_path / f"page{suffix}"
    result = run("document", *SQUARES, "--wrt", "W", "--to", str(page))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{page}\n"
    assert len(page.read_text("utf-8")) > 500


def test_document_holds_a_verdict(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    result = run("document", NETWORK, "--verify", example(digits_wrong), "--to", str(page))
    assert result.exit_code == 0, result.output
    assert "refuted" in page.read_text("utf-8").lower()


# Help --------------------------------------------------------------------------------------


def examples(command: str) -> str:
    """The example of a help page as it is printed, from its heading to the next blank line."""
    printed = [line.rstrip() for line in run(command, "--help").stdout.splitlines()]
    start = next(n for n, line in enumerate(printed) if line.strip() in ("Example:", "Examples:"))
    end = next(n for n in range(start, len(printed)) if not printed[n])
    return textwrap.dedent("\n".join(printed[start + 1 : end]))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_the_help_runs(command: str, tmp_path: Path) -> None:
    bash = shutil.which("bash") or pytest.skip("no bash to run the examples of the help")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [bash, "-e", "-c", examples(command)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, examples(command) + done.stdout + done.stderr
    assert done.stdout


def test_every_command_is_listed() -> None:
    listed = re.findall(r"^│ (\w+) ", run("--help").stdout, re.MULTILINE)
    assert set(listed) >= set(COMMANDS)
