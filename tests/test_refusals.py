"""Bad input on the command line: one clear message, exit code 2, and no traceback."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backproof.commands.command import app

FILES = {
    "broken.py": "def f(x:\n",
    "raises.py": "import math\n\nROOT = math.sqrt(-1)\n",
    "exits.py": "import sys\nsys.exit(3)\n",
    "absent.py": "import no_such_module_here\n",
    "holds.py": "number = 3\nclass Thing: ...\ndef seven(): return 7\ndef square(x): return x**2\n",
}
SQUARE = ["verify", "holds.py::square", "--against", "x**2"]
BAD: tuple[tuple[list[str], str], ...] = (
    (["derive"], "no statement"),
    (["derive", "x", "--file", "a.py::b"], "two"),
    (["derive", "--file", "holds.py"], "add ::NAME"),
    (["derive", "np.sum(W @ x)", "--shape", "x=n"], '--shape W="…"'),
    (["derive", "np.sum(W @ x)", "--shape", "W=m n", "--shape", "x=k"], "sizes n and k"),
    (["derive", "np.sum((W @ x", "--shape", "x=n"], "never closed"),
    (["derive", "np.fft.fft(x)", "--shape", "x=n"], "np.fft.fft"),
    (["derive", "", "--shape", "x=n"], "source"),
    (["derive", "3"], "constant 3"),
    (["derive", "x", "--shape", "x"], "NAME="),
    (["derive", "x", "--shape", "x=n", "--shape", "x=m"], "x twice"),
    (["derive", "x", "--shape", "x=n!"], "n!"),
    (["derive", "x", "--shape", "x=n", "--shape", "z=n", "--wrt", "u"], "unknown name u"),
    (["derive", "x[t]", "--shape", "x=n", "--labels", "t=b"], 't="b<k"'),
    (["derive", "x", "--shape", "x=n", "--assume", "S=symmetric"], "S, which has no shape"),
    (["derive", "x", "--shape", "x=n", "--assume", "x=nice"], "nice"),
    (["derive", "x", "--shape", "x=n", "--order", "2"], "a scalar"),
    (["derive", "np.sum(x)", "--shape", "x=n", "--along", "v"], "order=2"),
    (["derive", "np.sum(x)", "--shape", "x=n", "--order", "3"], "order=3"),
    (["derive", "np.sum(x)", "--shape", "x=n", "--format", "pdf"], "--format"),
    (["derive", "mlp:64"], "two widths"),
    (["derive", "mlp:64,10:cube"], "cube"),
    (["derive", "mlp:64,10:relu:categorical:l3=1"], "l3"),
    (["derive", "mlp:64,10:relu:categorical:more"], "mlp:SIZES"),
    (["derive", "mlp:64,10:l2=1:relu"], "mlp:SIZES"),
    (["derive", "mlp:64,10", "--shape", "x=n"], "drop --shape"),
    (["derive", "nowhere.py::f"], "no such file"),
    (["derive", "folder.py::f"], "a folder"),
    (["derive", "broken.py::f"], "broken.py:1"),
    (["derive", "raises.py::f"], "raises.py:3"),
    (["derive", "exits.py::f"], "exits.py:2"),
    (["derive", "absent.py::f"], "no_such_module_here"),
    (["derive", "holds.py::sqare"], "write holds.py::square"),
    (["derive", "holds.py::"], "FILE.py::name"),
    (["derive", "holds.py::number"], "of type int"),
    (["derive", "holds.py::seven"], "of type int"),
    (["derive", "holds.py::square"], "--shape x="),
    (["verify", "holds.py::Thing", "--against", "x**2", "--shape", "x="], "a class"),
    (["verify", "holds.py::number", "--against", "x**2", "--shape", "x="], "of type int"),
    (["verify", "holds.py", "--against", "x**2", "--shape", "x="], "FILE.py::name"),
    (["verify", "holds.py::square"], "--against"),
    ([*SQUARE], '--shape x="…"'),
    ([*SQUARE, "--shape", "x=", "--dtype", "f"], "dtype"),
    ([*SQUARE, "--shape", "x=", "--inputs", "u"], "name 'u'"),
    ([*SQUARE, "--shape", "x=", "--outputs", "u"], "name 'u'"),
    (["document", "x**2", "--shape", "x=", "--to", "page.docx"], ".html, .md, .tex or .ipynb"),
    (["document", "x**2", "--shape", "x=", "--to", "nowhere/page.md"], "no folder nowhere"),
    (["document", "x**2", "--shape", "x=", "--to", "folder.md"], "folder.md"),
    (["tour", "--out", "holds.py"], "which is a file"),
    (["tour", "--out", "holds.py/inner"], "which is a file"),
    (["tuor"], "tuor"),
)


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_bad_input_gets_one_message(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for name in ("folder.py", "folder.md"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    result = CliRunner().invoke(app, words, env={"COLUMNS": "80"})
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    message = " ".join(result.stderr.replace("│", " ").split())
    assert said in message
    assert "Traceback" not in message
    assert len(result.stderr.splitlines()) <= 8
