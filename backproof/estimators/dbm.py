"""The deep Boltzmann machine as an estimator."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import backproof as bp
from backproof.estimators.machine_estimator import MachineEstimator
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.variational import DeepLearner


class DBM(MachineEstimator):
    """A deep Boltzmann machine of binary layers, learnt by mean field and persistent chains.

    Parameters: ``layers`` are the widths of the hidden layers, from the lowest; ``n_rounds`` of
    the mean-field equations; ``n_chains`` persistent chains; the others as in `RBM`.

    >>> X = np.array([[0.0, 1.0], [1.0, 0.0]] * 20)
    >>> DBM((3, 2), n_iter=5, random_state=0).fit(X).transform(X).shape
    (40, 2)
    """

    def __init__(
        self,
        layers: Sequence[int] = (16, 8),
        *,
        learning_rate: float = 0.05,
        batch_size: int = 10,
        n_iter: int = 10,
        n_rounds: int = 10,
        n_chains: int = 50,
        n_betas: int = 1000,
        n_runs: int = 100,
        centred: bool = False,
        verbose: bool = False,
        random_state: Any = None,
    ) -> None:
        self.layers = layers
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_iter = n_iter
        self.n_rounds = n_rounds
        self.n_chains = n_chains
        self.n_betas = n_betas
        self.n_runs = n_runs
        self.centred = centred
        self.verbose = verbose
        self.random_state = random_state

    def _begin(self, rows: np.ndarray) -> None:
        self._random = self._generator()
        widths = [rows.shape[1], *self.layers]
        self.machine_ = bp.energy.dbm(widths)
        share = np.clip(rows.mean(0, dtype=float), 0.01, 0.99)
        values: dict[str, np.ndarray] = {"b_v": np.log(share / (1 - share))}
        for k, (below, above) in enumerate(pairwise(widths), start=1):
            values[f"W{k}"] = 0.01 * self._random.standard_normal((below, above))
            values[f"b_h{k}"] = np.zeros(above)
        conditionals = Conditionals(self.machine_, values, rows.dtype.name)
        start = conditionals.start(self.n_chains, self._random)
        chains = Chains(conditionals, start, self._random)
        self._learner = DeepLearner(
            conditionals, chains, self.n_rounds, centring=self._centring(conditionals, rows)
        )
        self.log_Z_ = None

    def _step(self, rows: np.ndarray) -> None:
        self._learner.step({"v": rows}, self.learning_rate)

    def transform(self, X: Any) -> np.ndarray:
        """The mean-field means of the last layer for each row."""
        rows = self._rows(X)
        means, _ = self._learner.posterior({"v": rows})
        return means[f"h{len(self.layers)}"].astype(rows.dtype.name)

    def score_samples(self, X: Any) -> np.ndarray:
        """The variational bound on log p(v) of each row, with log Z enumerated or annealed."""
        rows = self._rows(X)
        bound = self._learner.bound({"v": rows.astype(float)})
        return np.asarray(bound) - self.log_partition()

    def log_partition(self) -> float:
        """log Z, kept until the parameters change."""
        widths = [self.n_features_in_, *self.layers]
        units = min(sum(widths[0::2]), sum(widths[1::2]))
        return self._log_Z(self.machine_, self._learner.conditionals.values, units)

    def sample(self, n_samples: int = 1, n_sweeps: int = 200) -> np.ndarray:
        """Visible states after Gibbs sweeps from independent units."""
        values = self._learner.conditionals.values
        return Chains.start(self.machine_, values, n_samples, self._random).advance(n_sweeps)["v"]

    @property
    def _n_features_out(self) -> int:
        return int(self.layers[-1])
