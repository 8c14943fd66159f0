"""The restricted Boltzmann machine as an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np

import backproof as bp
from backproof.estimators.machine_estimator import MachineEstimator
from backproof.numerics.kernel import compile
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.contrastive import Learner


class RBM(MachineEstimator):
    """A restricted Boltzmann machine of binary hidden units, learnt by CD-k or PCD.

    The gradient is the derived one with the chains in the model's place; batch and chains each
    have their own mean, so its expectation does not depend on how many there are of either.

    Parameters: ``n_components`` hidden units; ``learning_rate``, ``batch_size``, ``n_iter`` of
    stochastic gradient descent; ``k`` sweeps a gradient; ``n_chains`` persistent chains, or
    ``None`` for chains that start at the data; ``visible_unit`` is "binary" or "gaussian" (unit
    precision at the start); ``n_betas`` and ``n_runs`` of annealing where log Z has too many
    states; ``centred`` steps are those of the centred energy's parameters; ``verbose`` shows a bar.
    Attributes after fitting: ``components_`` (n_components, n_features),
    ``intercept_visible_``, ``intercept_hidden_``.

    >>> X = np.array([[0.0, 1.0], [1.0, 0.0]] * 50)
    >>> model = RBM(n_components=3, n_iter=40, learning_rate=0.5, random_state=0).fit(X)
    >>> model.transform(X).shape, bool(model.score(X) > np.log(0.25))
    ((100, 3), True)
    """

    def __init__(
        self,
        n_components: int = 16,
        *,
        learning_rate: float = 0.05,
        batch_size: int = 10,
        n_iter: int = 10,
        k: int = 1,
        n_chains: int | None = None,
        visible_unit: str = "binary",
        n_betas: int = 1000,
        n_runs: int = 100,
        centred: bool = False,
        verbose: bool = False,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_iter = n_iter
        self.k = k
        self.n_chains = n_chains
        self.visible_unit = visible_unit
        self.n_betas = n_betas
        self.n_runs = n_runs
        self.centred = centred
        self.verbose = verbose
        self.random_state = random_state

    # learning ------------------------------------------------------------------------------

    def _begin(self, rows: np.ndarray) -> None:
        self._random = self._generator()
        self.machine_ = bp.energy.rbm(visible_unit=self.visible_unit)
        n, m = rows.shape[1], self.n_components
        mean = rows.mean(0, dtype=float)
        values = {
            "W": 0.01 * self._random.standard_normal((n, m)),
            "b_v": mean,
            "b_h": np.zeros(m),
        }
        if self.visible_unit == "binary":
            share = np.clip(mean, 0.01, 0.99)
            values["b_v"] = np.log(share / (1 - share))
        else:
            values["q_v"] = np.ones(n)
        conditionals = Conditionals(self.machine_, values, rows.dtype.name)
        chains = None
        if self.n_chains is not None:
            chains = {"v": conditionals.start(self.n_chains, self._random)["v"]}
        self._learner = Learner(
            conditionals, self._random, self.k, chains, self._centring(conditionals, rows)
        )
        self.log_Z_ = None

    def _step(self, rows: np.ndarray) -> None:
        fixed = self._learner.conditionals.values.get("q_v")
        kept = None if fixed is None else fixed.copy()
        self._learner.step({"v": rows}, self.learning_rate)
        if kept is not None:  # precisions stay: a step may make them negative
            self._learner.conditionals.values["q_v"] = kept

    @property
    def components_(self) -> np.ndarray:
        """The weights, a row for each hidden unit."""
        return self._values["W"].T

    @property
    def intercept_visible_(self) -> np.ndarray:
        """The visible biases."""
        return self._values["b_v"]

    @property
    def intercept_hidden_(self) -> np.ndarray:
        """The hidden biases."""
        return self._values["b_h"]

    @property
    def _values(self) -> dict[str, np.ndarray]:
        return self._learner.conditionals.values

    # use -----------------------------------------------------------------------------------

    def transform(self, X: Any) -> np.ndarray:
        """P(h = 1 | v) of each row."""
        rows = self._rows(X)
        values = {name: x.astype(rows.dtype) for name, x in self._values.items()}
        here = Conditionals(self.machine_, values, rows.dtype.name)
        return here.mean("h", {"v": rows})

    def free_energy(self, X: Any) -> np.ndarray:
        """F(v) of each row."""
        rows = self._rows(X)
        kernel = compile(bp.energy.free_energy(self.machine_, "N"))
        values = {name: x.astype(float) for name, x in self._values.items()}
        return np.asarray(kernel(v=rows.astype(float), **values))

    def score_samples(self, X: Any) -> np.ndarray:
        """log p(v) of each row: exact where log Z can be enumerated, else by annealing."""
        return -self.free_energy(X) - self.log_partition()

    def log_partition(self) -> float:
        """log Z, kept until the parameters change."""
        visible = [self.n_features_in_] if self.visible_unit == "binary" else []
        return self._log_Z(self.machine_, self._values, min([self.n_components, *visible]))

    def sample(self, n_samples: int = 1, n_sweeps: int = 200) -> np.ndarray:
        """Visible states after Gibbs sweeps from independent units."""
        chains = Chains.start(self.machine_, self._values, n_samples, self._random)
        return chains.advance(n_sweeps)["v"]

    @property
    def _n_features_out(self) -> int:
        return self.n_components
