"""The deep belief network as an estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproof.estimators.machine_estimator import MachineEstimator
from backproof.numerics.sampling.belief_chains import greedy
from backproof.theory.energy.builders import rbm


class DBN(MachineEstimator):
    """A deep belief network of binary layers: greedy learning, then up-down steps.

    Parameters: ``layers`` are the widths of the hidden layers, from the lowest; ``n_iter`` epochs
    for each layer; ``n_up_down`` epochs of wake and sleep after them; the others as in `RBM`.

    >>> X = np.array([[0.0, 1.0], [1.0, 0.0]] * 20)
    >>> DBN((3, 2), n_iter=5, random_state=0).fit(X).transform(X).shape
    (40, 2)
    """

    def __init__(
        self,
        layers: Sequence[int] = (16, 8),
        *,
        learning_rate: float = 0.05,
        batch_size: int = 10,
        n_iter: int = 10,
        n_up_down: int = 0,
        n_betas: int = 1000,
        n_runs: int = 100,
        verbose: bool = False,
        random_state: Any = None,
    ) -> None:
        self.layers = layers
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_iter = n_iter
        self.n_up_down = n_up_down
        self.n_betas = n_betas
        self.n_runs = n_runs
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> DBN:
        """Learn layer by layer from the rows of X, then by up-down steps."""
        rows = self._rows(X, reset=True)
        self._begin(rows)
        for _ in self._watched(self.n_up_down):
            self._epoch(rows)
        return self

    def _begin(self, rows: np.ndarray) -> None:
        self._random = self._generator()
        self.log_Z_ = None
        self._sampler = greedy(
            rows,
            self.layers,
            self._random,
            self.n_iter,
            self.learning_rate,
            self.batch_size,
            rows.dtype.name,
        )

    def _step(self, rows: np.ndarray) -> None:
        self._sampler.up_down(rows, self.learning_rate)

    def transform(self, X: Any) -> np.ndarray:
        """The means of the last layer by the recognition model, layer after layer."""
        rows = self._rows(X)
        return self._sampler.up(rows, means=True)[-1].astype(rows.dtype)

    def score_samples(self, X: Any) -> np.ndarray:
        """An estimate of the bound on log p(v) of each row, over 20 draws of the hidden layers."""
        rows = self._rows(X)
        random = np.random.default_rng(0)  # the same rows have the same scores
        return self._sampler.log_bound(rows, self.log_partition(), random, draws=20)

    def log_partition(self) -> float:
        """log Z of the top two layers, kept until the parameters change."""
        values = self._sampler.top.values
        return self._log_Z(rbm(), values, min(values["W"].shape))

    def sample(self, n_samples: int = 1, n_sweeps: int = 200) -> np.ndarray:
        """Visible states: sweeps in the top layers, then one exact pass downward."""
        return self._sampler.sample(n_samples, n_sweeps)

    @property
    def _n_features_out(self) -> int:
        return int(self.layers[-1])
