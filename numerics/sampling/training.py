"""Training: epochs of stochastic gradients over rows, kept in a file between runs.

Each epoch takes the rows in a new order, in batches; a last batch of fewer rows is a batch like
the others.  Every gradient is a mean over the rows it was given, so its expectation does not
depend on how many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from backproof.numerics.sampling.checkpoints import generator, generator_state, read, write
from backproof.theory.errors import BackproofError

Arrays = dict[str, np.ndarray]
Progress = Callable[[int, int], None]


class Trainee(Protocol):
    """What learns: `Learner`, `DeepLearner`, `BeliefSampler`.

    ``arrays`` are all that a step changes, but the generator; ``adopt`` takes them back.
    """

    random: np.random.Generator

    def step(self, data: Mapping[str, np.ndarray], rate: float) -> None: ...
    def arrays(self) -> Arrays: ...
    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None: ...


@dataclass
class Training:
    """A learner on its way through the rows of ``data``, arrays by visible group.

    ``epochs`` counts whole passes, ``steps`` all steps. The order of the rows is drawn from the
    learner's generator. `save` and `resume` keep everything: a run that is cut after any step and
    resumed gives the same parameters, bit for bit, as one that was not.

    >>> import backproof as bp
    >>> rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> values = {"W": np.zeros((2, 2)), "b_v": np.zeros(2), "b_h": np.zeros(2)}
    >>> learner = bp.sampling.learner(bp.energy.rbm(2, 2), values, np.random.default_rng(0))
    >>> training = bp.sampling.Training(learner, {"v": rows}, batch=2)
    >>> training.advance(epochs=3, rate=0.1)
    >>> training.epochs, training.steps
    (3, 6)
    """

    learner: Trainee
    data: Mapping[str, np.ndarray]
    batch: int
    epochs: int = 0
    steps: int = 0
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    place: int = 0  # rows of the order that are done

    def __post_init__(self) -> None:
        lengths = {name: len(rows) for name, rows in self.data.items()}
        if len(set(lengths.values())) != 1 or not self.rows:
            raise BackproofError(
                "data", f"rows {lengths}", "the same number for every group, one or more", "check"
            )
        if self.batch < 1:
            raise BackproofError("batch", f"{self.batch}", "one row or more", "raise batch")

    @property
    def rows(self) -> int:
        """How many rows of data there are."""
        return len(next(iter(self.data.values()), ()))

    def advance(self, epochs: int, rate: float, progress: Progress | None = None) -> None:
        """Go through the rows so many times more; an epoch that was begun is finished first."""
        first, last = self.epochs, self.epochs + epochs
        total = epochs * self.rows
        while self.epochs < last:
            self.step(rate)
            if progress is not None:
                progress((self.epochs - first) * self.rows + self.place, total)

    def step(self, rate: float) -> None:
        """A step with the next batch: θ ← θ − rate ∂J/∂θ."""
        if not len(self.order):
            self.order = self.learner.random.permutation(self.rows)
        chosen = self.order[self.place : self.place + self.batch]
        self.learner.step({name: rows[chosen] for name, rows in self.data.items()}, rate)
        self.steps += 1
        self.place += len(chosen)
        if self.place == self.rows:
            self.epochs, self.place, self.order = self.epochs + 1, 0, np.zeros(0, int)

    # checkpoints ---------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write parameters, chains, offsets, generator, order and counts to an ``.npz`` file."""
        note = {
            "random": generator_state(self.learner.random),
            "rows": self.rows,
            "batch": self.batch,
            "epochs": self.epochs,
            "steps": self.steps,
            "place": self.place,
        }
        write(path, {**self.learner.arrays(), "order": self.order}, note)

    def resume(self, path: str | Path) -> None:
        """Go back to where a file was written.

        Raises `BackproofError` for a file of another learner, or of other rows or batches.
        """
        arrays, note = read(path)
        found = (note.get("rows"), note.get("batch"))
        if found != (self.rows, self.batch) or "order" not in arrays:
            here = f"{self.rows} rows in batches of {self.batch}"
            raise BackproofError(
                str(path), "{} rows in batches of {}".format(*found), here, "check the file"
            )
        self.order = arrays.pop("order")
        own = {k: (x.shape, x.dtype) for k, x in self.learner.arrays().items()}
        kept = {k: (x.shape, x.dtype) for k, x in arrays.items()}
        if own != kept:
            odd = next(k for k in {**own, **kept} if own.get(k) != kept.get(k))
            raise BackproofError(
                str(path), f"{odd}: {kept.get(odd)}", f"{own.get(odd)}", "pass the same learner"
            )
        self.learner.adopt(arrays)
        self.learner.random.bit_generator.state = generator(note["random"]).bit_generator.state
        self.epochs, self.steps, self.place = note["epochs"], note["steps"], note["place"]
