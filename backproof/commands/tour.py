"""`backproof tour`: one model stated, derived, compiled and trained, judged, and documented."""

from __future__ import annotations

import inspect
import os
import shlex
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.syntax import Syntax

import backproof as bp
from backproof.commands.terminal import console, counted, equations, verdict
from backproof.drawings.tour import confusion_counts, confusion_matrix, loss_curve
from backproof.examples import digits, digits_right, digits_wrong
from backproof.examples.digits import Training
from backproof.numerics import judge
from backproof.theory.errors import BackproofError

NETWORK = "mlp:64,64,10:relu:categorical:l2=1e-4"
EXCERPT = ("dz1", "dW1")  # the quantities whose code is shown
WIDTH = 88


class Tour:
    """The tour: five rooms, each with what it shows and how long it took.

    `out` is the folder for its files, made if need be; `seed` fixes the split of the images, the
    start of the training and the points at which the judge compares.
    """

    def __init__(self, out: Path, seed: int, stage: Console, quiet: bool = False) -> None:
        self.out, self.seed, self.stage, self.quiet = out, seed, stage, quiet
        self.seconds: dict[str, float] = {}
        self.reports: dict[str, Any] = {}
        self.files: list[Path] = []

    def run(self) -> dict[str, Any]:
        """Walk through all rooms; what was found, as plain data.

        Raises `BackproofError` where `out` cannot be a folder.
        """
        self._make_folder()
        self.state()
        self.derive()
        self.compile()
        self.train()
        self.judge()
        self.document()
        return self._farewell()

    # the rooms -----------------------------------------------------------------------------

    def state(self) -> None:
        with self._room("state", "what is computed, as a mathematician writes it"):
            self.model = digits.network()
            self.data = digits.digits(self.seed)
            self._say(
                "A network reads handwritten digits, 8×8 pixels each: 64 rectified units, a "
                "softmax over 10 digits, and a penalty on the weights. It is stated once:"
            )
            self._equations(str(self.model))
            train, test = (len(part["y"]) for part in (self.data.train, self.data.test))
            self._say(f"{train + test:,} images: {train:,} to train with, {test} held out.")

    def derive(self) -> None:
        with self._room("derive", "backpropagation, by named rules"):
            self.gradient = bp.derive(self.model)
            self._say("The chain rule, applied backwards through these equations, gives")
            self._equations("\n".join(map(str, self.gradient.derived)))
            self._say(f"in {len(self.gradient.steps)} steps. Each has a reason; one of them:")
            steps = self.gradient.derivation_steps
            step = next((s for s in steps if s.rule.startswith("gradient of")), steps[-1])
            self._equations(f"{bp.text(step.before)}\n  → {bp.text(step.after)}")
            self._say(f"because {step.because}.")

    def compile(self) -> None:
        with self._room("run", "the same equations as NumPy code"):
            self.kernel = bp.compile(self.gradient)
            self._write("kernel.py", KERNEL_HEAD + self.kernel.source)
            self._say(f"The kernel has {len(self.kernel.source.splitlines())} lines; here are")
            lines = []
            for block in self.kernel.blocks:
                if block.equation.tensor.name in EXCERPT:
                    lines += [f"# {block.equation}", *block.lines]
            python = Syntax("", "python", theme="ansi_dark", background_color="default")
            code = python.highlight("\n".join(f"    {line}" for line in lines))
            self.stage.print("\n", code, sep="")

    def train(self) -> None:
        with self._room("train", "the network learns with the compiled kernel"):
            started = time.perf_counter()
            self.training = self._trained("training", None)
            each = (time.perf_counter() - started) / self.training.evaluations
            self.predicted = digits.predictions(
                self.model, self.data.test["x"], self.training.parameters
            )
            self.accuracy = self._accuracy(self.predicted)
            losses = self.training.losses
            self._say(
                f"L-BFGS, {len(losses)} iterations, {self.training.evaluations} gradients of "
                f"{sum(p.size for p in self.training.parameters.values()):,} parameters in "
                f"{1000 * each:.1f} ms each. Loss {losses[0]:.3f} → {losses[-1]:.4f}."
            )
            self._result("test accuracy", f"{self.accuracy:.1%} of the images held out", True)

    def judge(self) -> None:
        with self._room("judge", "is this hand-written gradient right?"):
            self._say(
                "Two backward passes written by hand are compared with what was derived. "
                "They differ in two lines, by one factor."
            )
            for example in (digits_right, digits_wrong):
                name = f"{example.__name__.rpartition('.')[2]}.py"
                self._write(name, inspect.getsource(example))
                with counted(f"judging {name}", self.quiet) as progress:
                    report = judge.verify(
                        example.backward, self.gradient, seed=self.seed, progress=progress
                    )
                self.reports[name] = replace(report, title=f"{name}::backward")
                self.stage.print("\n", verdict(self._gist(self.reports[name]), "  "), sep="")
            wrong = self._trained("training with the wrong one", digits_wrong.backward)
            read = digits.predictions(self.model, self.data.test["x"], wrong.parameters)
            self.wrong_accuracy = self._accuracy(read)
            alike = abs(self.wrong_accuracy - self.accuracy) < 0.01
            self.stage.print()
            self._say(
                f"Trained with digits_wrong.py the network reads {self.wrong_accuracy:.1%} of the "
                f"images held out; with the derived gradient, {self.accuracy:.1%}."
                + (" Training alone does not tell the two apart." if alike else "")
            )

    def document(self) -> None:
        with self._room("document", "all of it on one page"):
            counts = confusion_counts(self.data.test["y"], self.predicted)
            figures = [
                (
                    "The loss after each iteration, on the images trained with and held out.",
                    loss_curve(self.training.losses, self.training.held_out),
                ),
                (
                    f"How the {counts.sum()} images held out were read: {np.trace(counts)} "
                    f"as they were meant, {self.accuracy:.1%}.",
                    confusion_matrix(counts),
                ),
            ]
            page = self.out / "digits.html"
            things = (self.gradient, self.kernel, *self.reports.values())
            title = "Reading handwritten digits"
            self.files += bp.document(*things, to=page, title=title, figures=figures)
            self._write("digits.py", inspect.getsource(digits))
            self._say(
                f"{page} holds the model, the derivation, both verdicts and two pictures; it opens "
                "in a browser with no network. digits.py beside it is the whole example in "
                f"{len(inspect.getsource(digits).splitlines())} lines."
            )

    # how it is told ------------------------------------------------------------------------

    @contextmanager
    def _room(self, name: str, what: str) -> Iterator[None]:
        """A heading, and the time at the end."""
        number = len(self.seconds) + 1
        self.stage.rule(f"[head]{number}  {name}[/]  [aside]{what}[/]", align="left", style="aside")
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started
        self.stage.print(f"[aside]{self.seconds[name]:.2f} s[/]\n")

    def _say(self, text: str) -> None:
        self.stage.print(textwrap.fill(text, min(WIDTH, self.stage.width)), markup=False)

    def _equations(self, text: str) -> None:
        self.stage.print("\n", equations(text, indent="    "), "\n", sep="")

    def _write(self, name: str, text: str) -> None:
        (self.out / name).write_text(text, "utf-8")
        self.files.append(self.out / name)

    def _result(self, name: str, said: str, good: bool) -> None:
        self.stage.print(f"  [{'good' if good else 'bad'}]{name}: {said}[/]")

    def _gist(self, report: Any) -> str:
        """A report as far as the diagnosis; of one without, the verdict and the outputs."""
        return str(report).split("\n\nA small example")[0].split("\n\nWhat was checked")[0]

    def _trained(self, what: str, gradient: Any) -> Training:
        """The network trained from the tour's start, with a bar where somebody looks."""
        bar = Progress(
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            console=console(stderr=True),
            transient=True,
            disable=self.quiet or not console(stderr=True).is_terminal,
        )
        start = digits.initial(self.model, self.seed)
        with bar:
            task = bar.add_task(what, total=digits.ITERATIONS, loss="")
            return digits.train(
                self.model,
                self.data,
                start,
                gradient,
                each=lambda t: bar.update(task, advance=1, loss=f"loss {t.losses[-1]:.4f}"),
            )

    def _accuracy(self, predicted: np.ndarray) -> float:
        return float(np.mean(predicted == self.data.test["y"]))

    def _make_folder(self) -> None:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise BackproofError(
                "--out", f"{self.out}, which is a file", "a folder", "name another"
            ) from None

    def _farewell(self) -> dict[str, Any]:
        total = sum(self.seconds.values())
        self.stage.rule(f"[head]done[/]  [aside]{total:.1f} s[/]", align="left", style="aside")
        self._say("Now try it yourself:")
        run, wrong = command(), shlex.quote(str(self.out / "digits_wrong.py"))
        self.stage.print(
            f"    {run} verify {wrong}::backward \\\n        --against {NETWORK}\n"
            f"    {run} derive {NETWORK} --steps\n    {run} derive --help",
            markup=False,
        )
        verdicts = {name: report.verdict for name, report in self.reports.items()}
        return {
            "accuracy": self.accuracy,
            "accuracy with digits_wrong.py": self.wrong_accuracy,
            "losses": self.training.losses,
            "verdicts": verdicts,
            "as expected": list(verdicts.values()) == ["verified", "refuted"],
            "files": [str(path) for path in self.files],
            "seconds": {name: round(seconds, 3) for name, seconds in self.seconds.items()},
        }


def command() -> str:
    """How `backproof` is called here: by its name, or through the set-up program."""
    if not Path(sys.prefix, "backproof-setup.json").exists():  # left there by bootstrap.py
        return "backproof"
    program = Path(os.path.relpath(Path(sys.prefix).parent / "bootstrap.py"))
    return f"python3 {shlex.quote(str(program))} run"


KERNEL_HEAD = '''"""Generated by `backproof tour` from the equations in the comments."""

import numpy as np
from scipy import special


'''
