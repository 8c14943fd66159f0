"""What the estimators share: checked data, batches, a generator, and log Z when it is asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np
from rich.console import Console
from rich.progress import track
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

import backproof as bp
from backproof.numerics.sampling.annealing import forward
from backproof.numerics.sampling.centring import Centring
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.path import Path

EXACT = 2**14  # states up to which log Z is enumerated


class MachineEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Unsupervised learning by stochastic gradients over batches, in the order of a permutation."""

    n_iter: int
    batch_size: int
    learning_rate: float
    random_state: Any
    n_betas: int
    n_runs: int
    visible_unit: str = "binary"
    centred: bool = False
    verbose: bool = False

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from the rows of X, from new parameters."""
        rows = self._rows(X, reset=True)
        self._begin(rows)
        for _ in self._watched(self.n_iter):
            self._epoch(rows)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learn from one more pass over the rows of X, from the parameters as they are."""
        first = not hasattr(self, "n_features_in_")
        rows = self._rows(X, reset=first)
        if first:
            self._begin(rows)
        self._epoch(rows)
        return self

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `score_samples` over the rows."""
        return float(self.score_samples(X).mean())

    def score_samples(self, X: Any) -> np.ndarray:
        """log p(v) of each row, or its bound."""
        raise NotImplementedError

    # for the estimators --------------------------------------------------------------------

    def _begin(self, rows: np.ndarray) -> None:
        raise NotImplementedError

    def _step(self, rows: np.ndarray) -> None:
        raise NotImplementedError

    def _epoch(self, rows: np.ndarray) -> None:
        for batch in self._batches(rows):
            self._step(batch)
        self.log_Z_: float | None = None

    def _watched(self, epochs: int) -> Iterable[int]:
        """The numbers of the epochs, with a bar on the terminal where ``verbose`` asks for one."""
        if not self.verbose:
            return range(epochs)
        console = Console(stderr=True)
        return track(range(epochs), type(self).__name__, console=console, transient=True)

    def _centring(self, conditionals: Conditionals, rows: np.ndarray) -> Centring | None:
        """Offsets at the data's means, where ``centred`` asks for them."""
        return Centring.at(conditionals, {"v": rows.mean(0)}) if self.centred else None

    def _batches(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        order = self._random.permutation(len(rows))
        for first in range(0, len(rows), self.batch_size):
            yield rows[order[first : first + self.batch_size]]

    def _log_Z(self, machine: Any, values: Mapping[str, np.ndarray], units: int) -> float:
        """log Z, enumerated over so many units or else annealed; kept until the next step."""
        if self.log_Z_ is None:
            numbers = {name: x.astype(float) for name, x in values.items()}
            if 2**units <= EXACT:
                self.log_Z_ = bp.exact.solve(machine, values=numbers).log_Z
            else:
                self.log_Z_ = forward(
                    Path(machine, numbers), self.n_betas, self.n_runs, seed=0
                ).log_Z
        return self.log_Z_

    def _rows(self, X: Any, reset: bool = False) -> np.ndarray:
        if not reset:
            check_is_fitted(self)
        kinds = (np.float64, np.float32)
        rows = np.asarray(validate_data(self, X, dtype=kinds, reset=reset))
        if self.visible_unit == "binary" and (rows.min() < 0 or rows.max() > 1):
            warnings.warn(
                "X has entries outside [0, 1], which are no states of binary units and no "
                "probabilities of them: the formulas are evaluated, but are no likelihood. "
                'Scale X, or use visible_unit="gaussian" where there is one.',
                UserWarning,
                stacklevel=3,
            )
        return rows

    def _generator(self) -> np.random.Generator:
        """A generator whose seed is drawn from scikit-learn's ``random_state``."""
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        return np.random.Generator(np.random.SFC64(seed))

    @property
    def _n_features_out(self) -> int:
        raise NotImplementedError
