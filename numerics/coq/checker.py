"""Running `coqc`: what went through, what is left of what did not, and which axioms were used."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from backproof.numerics.coq.development import Development
from backproof.numerics.enclosures.certificate import EvidenceRow
from backproof.theory.claims import Claim

PACKAGES = "coq libcoq-coquelicot libcoq-interval"
CHECKED = frozenset({"machine-checked"})


@dataclass(frozen=True)
class Proof(Claim):
    """What `coqc` said about a development.

    ``verdict`` is ``"proved"`` (every lemma), ``"not proved"`` (``unproved`` maps a lemma to the
    goal that is left) or ``"not checked"`` with a ``reason``, such as that `coqc` is not
    installed.  ``axioms`` are those that `Print Assumptions` lists.
    """

    verdict: str = "not checked"
    lemmas: tuple[str, ...] = ()
    unproved: dict[str, str] = field(default_factory=dict)
    axioms: tuple[str, ...] = ()
    source: str = field(default="", repr=False)
    file: Path | None = None
    seconds: float = 0.0
    coq: str = ""
    reason: str = ""

    def __str__(self) -> str:
        ground = f" (by: {', '.join(sorted(self.rests_on))})" if self.rests_on else ""
        lines = [f"{self.statement}: {self.verdict}{ground}"]
        lines += [f"  because {self.reason}"] if self.reason else []
        if self.verdict != "not checked":
            count = len(self.lemmas) - len(self.unproved)
            lines.append(
                f"  {count} of {len(self.lemmas)} lemmas, {self.coq}, {self.seconds:.1f} s"
            )
        for name, goal in self.unproved.items():
            lines.append(f"  not proved: {name}")
            lines += [f"    {line}" for line in goal.splitlines()]
        if self.axioms:
            lines.append(f"  axioms: {', '.join(summed_up(self.axioms))}")
        if self.file is not None:
            lines.append(f"  {self.file}")
        return "\n".join(lines)

    def __bool__(self) -> bool:
        raise TypeError("a proof is no yes or no: ask for .verdict, or call .require()")

    def require(self) -> Proof:
        """The proof itself if everything was proved; `AssertionError` with the story if not."""
        if self.verdict != "proved":
            raise AssertionError(str(self))
        return self

    @property
    def evidence(self) -> tuple[EvidenceRow, ...]:
        """One row for a document."""
        verdict = {"proved": "verified"}.get(self.verdict, "not checked")
        detail = (
            f"{len(self.lemmas)} lemmas, {self.coq}; axioms: {', '.join(self.axioms) or 'none'}"
        )
        if self.verdict != "proved":
            detail = self.reason or f"not proved: {', '.join(self.unproved)}"
        grounds = tuple(sorted(self.rests_on)) if verdict == "verified" else ()
        return (EvidenceRow(self.statement, verdict, grounds, detail),)

    def to_dict(self) -> dict[str, Any]:
        """The proof as data that JSON can hold."""
        return {
            "statement": self.statement,
            "verdict": self.verdict,
            "lemmas": list(self.lemmas),
            "unproved": dict(self.unproved),
            "axioms": list(self.axioms),
            "rests_on": sorted(self.rests_on),
            "file": None if self.file is None else str(self.file),
            "seconds": round(self.seconds, 3),
            "coq": self.coq,
            "reason": self.reason,
        }


MACHINE = ("PrimInt63", "Uint63", "PrimFloat", "FloatAxioms")  # arithmetic that the kernel trusts


def summed_up(axioms: Sequence[str]) -> list[str]:
    """The axioms, those of machine arithmetic counted together."""
    machine = [a for a in axioms if a.split(".")[0] in MACHINE]
    rest = [a for a in axioms if a not in machine]
    return [*rest, *([f"{len(machine)} of 63-bit machine integers"] if machine else [])]


@cache
def version() -> str:
    """What `coqc --version` says, empty where there is none.

    >>> version() == "" or "Coq" in version()
    True
    """
    if shutil.which("coqc") is None:
        return ""
    done = subprocess.run(["coqc", "--version"], capture_output=True, text=True, check=False)
    first = done.stdout.splitlines()
    return first[0].removeprefix("The ").replace(" Proof Assistant, version", "") if first else ""


@cache
def missing() -> str:
    """Why nothing can be checked here, empty where everything is there."""
    if not version():
        return f"coqc is not installed (Debian: {PACKAGES})"
    where = subprocess.run(["coqc", "-where"], capture_output=True, text=True, check=False)
    rooms = Path(where.stdout.strip()) / "user-contrib"
    absent = [name for name in ("Coquelicot", "Interval") if not (rooms / name).is_dir()]
    return f"Coq lacks {' and '.join(absent)} (Debian: {PACKAGES})" if absent else ""


Heard = Callable[[str, int, int], None]


def unheard(stage: str, done: int, total: int) -> None:
    """Nobody listens."""


def check(
    development: Development,
    to: str | Path | None = None,
    timeout: float = 300,
    heard: Heard = unheard,
) -> Proof:
    """Run `coqc` on a development, and again without each lemma that does not go through.

    ``heard`` is told the stage, how many lemmas are through, and of how many.
    """
    lemmas = (*development.known, *(lemma.name for lemma in development.lemmas))
    text = development.text()
    file = Path(to) if to is not None else None
    if file is not None:
        file.write_text(text, "utf-8")

    def claim(verdict: str, **more: Any) -> Proof:
        grounds = CHECKED if verdict == "proved" else frozenset()
        return Proof(
            development.title, grounds, (), verdict, lemmas, file=file, coq=version(), **more
        )

    if missing():
        return claim("not checked", source=text, reason=missing())
    failed: list[str] = []
    start = time.perf_counter()
    while True:
        text = development.text(failed)
        code, out, error = _run(text, timeout, heard)
        spent = time.perf_counter() - start
        if code == 0:
            break
        if code is None:
            return claim(
                "not checked", source=text, seconds=spent, reason=f"no answer in {timeout} s"
            )
        culprit = _culprit(text, error, development, failed)
        if culprit is None and (theorem := _theorem(text, error)) is not None:
            goal = error.strip().partition("Error:")[2].strip()
            return claim("not proved", source=text, seconds=spent, unproved={theorem: goal})
        if culprit is None:
            return claim("not checked", source=text, seconds=spent, reason=error.strip()[-2000:])
        failed.append(culprit)
    if file is not None and failed:
        file.write_text(text, "utf-8")
    unproved = dict(zip(failed, _goals(out, failed, text), strict=True))
    verdict = "not proved" if failed else "proved"
    return claim(verdict, unproved=unproved, axioms=_axioms(out), source=text, seconds=spent)


def _run(text: str, timeout: float, heard: Heard) -> tuple[int | None, str, str]:
    """The exit code (none when time ran out), standard output, and standard error.

    With `-time` Coq says each sentence that it has gone through at once: the lemmas among them are
    counted for whoever listens, and everything else is what it printed.
    """
    total = len(re.findall(r"\bQed\.", text))
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "development.v"
        path.write_text(text, "utf-8")
        error = Path(folder) / "error"
        with error.open("w", encoding="utf-8") as stderr:
            command = ["coqc", "-q", "-w", "none", "-time", path.name]
            with subprocess.Popen(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, text=True
            ) as process:
                timer = threading.Timer(timeout, process.kill)
                timer.start()
                try:
                    done = 0
                    for line in process.stdout or ():
                        if not line.startswith("Chars "):
                            said.append(line)
                        elif "[Qed.]" in line:
                            done += 1
                            stage = "lemmas" if done < total else "listing the axioms"
                            heard(stage, done, total)
                finally:
                    timer.cancel()
        if process.returncode < 0:
            return None, "", ""
        return process.returncode, "".join(said), error.read_text("utf-8")


def _culprit(text: str, error: str, development: Development, failed: Sequence[str]) -> str | None:
    """The lemma in which the last error lies."""
    lines = re.findall(r'File "[^"]*", line (\d+)', error)
    if not lines:
        return None
    before = text.splitlines()[: int(lines[-1])]
    for line in reversed(before):
        if match := re.match(r"Lemma (\w+) :$", line):
            name = match[1]
            known = {lemma.name for lemma in development.lemmas} - set(failed)
            return name if name in known else None
    return None


def _theorem(text: str, error: str) -> str | None:
    """The theorem of the library in whose proof the last error lies."""
    lines = re.findall(r'File "[^"]*", line (\d+)', error)
    before = text.splitlines()[: int(lines[-1])] if lines else []
    for line in reversed(before):
        if match := re.match(r"(?:Lemma|Theorem) (\w+)", line):
            return match[1]
        if line.startswith(("Definition", "Fixpoint", "Qed.")):
            return None
    return None


def _goals(out: str, failed: Sequence[str], text: str) -> list[str]:
    """What `Show` printed for each of the failed lemmas, in the order in which they failed."""
    shown = re.split(r"(?m)^(?=\d+ (?:sub)?goals?|No more (?:sub)?goals)", out.split("Axioms:")[0])
    goals = [part.strip() for part in shown if re.match(r"\d+ (?:sub)?goal|No more", part)]
    order = sorted(failed, key=lambda name: text.index(f"NOT PROVED: {name} "))
    by_name = dict(zip(order, goals, strict=False))
    return [by_name.get(name, "") for name in failed]


def _axioms(out: str) -> tuple[str, ...]:
    """The names that `Print Assumptions` lists."""
    _, _, listed = out.partition("Axioms:")
    return tuple(re.findall(r"(?m)^([A-Za-z_][\w.']*)(?= :|\s*$)", listed))
