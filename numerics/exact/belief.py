"""Exact answers about deep belief networks, layer by layer.

With P_k the distribution of layer k over its 2ⁿ states, and T_k its conditional given the layer
above, P_k = T_k P_{k+1}: the cost is the product of two neighbouring layers' numbers of states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from backproof.numerics.unit_code import unit_code
from backproof.theory.energy.belief import BeliefNetwork
from backproof.theory.energy.units import binary
from backproof.theory.errors import BackproofError

BINARY = unit_code(binary)  # log-normaliser and mean of a binary unit in its field
LIMIT = 2**26  # entries of the largest conditional


def binary_states(size: int) -> np.ndarray:
    """All states of some binary units in lexicographic order, the last unit changing fastest."""
    return (np.arange(2**size)[:, None] >> np.arange(size)[::-1]) & 1


@dataclass(frozen=True)
class BeliefSolution:
    """log Z of the top layers, p(v) of every state, posteriors, the bound, and the gradient.

    Every answer is a sum over all states, layer by layer.
    """

    network: BeliefNetwork
    limit: int = LIMIT
    rests_on: tuple[str, ...] = ("derived", "enumerated")

    def __post_init__(self) -> None:
        widths = self.network.layers
        largest = max(a + b for a, b in pairwise(widths))
        if largest > np.log2(self.limit):
            raise BackproofError(
                "bp.exact",
                f"two neighbouring layers of {largest} units, 2^{largest} pairs of states",
                f"at most {self.limit:.3g}",
                "use a smaller network, or sample",
            )

    # distributions -------------------------------------------------------------------------

    @cached_property
    def _states(self) -> list[np.ndarray]:
        return [binary_states(n).astype(float) for n in self.network.layers]

    @cached_property
    def _W(self) -> list[np.ndarray]:
        return [np.array(W) for W in self.network.W]

    @cached_property
    def _b(self) -> list[np.ndarray]:
        return [np.array(b) for b in self.network.b]

    @cached_property
    def _top(self) -> np.ndarray:
        """−E of each pair of states of the top two layers."""
        lower, upper = self._states[-2:]
        return np.asarray(
            (lower @ self._b[-2])[:, None]
            + (upper @ self._b[-1])[None]
            + lower @ self._W[-1] @ upper.T
        )

    @cached_property
    def log_Z(self) -> float:
        """log of the partition function of the top two layers."""
        return float(_logsumexp(self._top.ravel()[None])[0])

    def _down(self, k: int) -> np.ndarray:
        """log P(h_k | h_{k+1}), a row for each state of layer k, for a directed layer."""
        field = self._b[k] + self._states[k + 1] @ self._W[k].T
        return np.asarray(self._states[k] @ field.T - BINARY.log_normaliser(field).sum(1)[None])

    @cached_property
    def _log_P(self) -> list[np.ndarray]:
        """log P of every state of each layer but the last."""
        found = [_logsumexp(self._top) - self.log_Z]
        for k in range(len(self._states) - 3, -1, -1):
            found.insert(0, _logsumexp(self._down(k) + found[0][None]))
        return found

    @property
    def probabilities(self) -> np.ndarray:
        """p(v) of every visible state, in lexicographic order."""
        return np.exp(self._log_P[0])

    @property
    def mean(self) -> np.ndarray:
        """E[v] of each visible unit."""
        return np.asarray(self.probabilities @ self._states[0])

    # data ----------------------------------------------------------------------------------

    def _rows(self, data: Any) -> np.ndarray:
        rows = np.atleast_2d(np.asarray(data, float))
        if rows.shape[1] != self.network.layers[0] or not np.isin(rows, (0, 1)).all():
            raise BackproofError(
                "data",
                f"shape {rows.shape}"
                + ("" if np.isin(rows, (0, 1)).all() else " with other states"),
                f"rows of {self.network.layers[0]} zeros and ones",
                "pass binary visible states",
            )
        return rows @ (2 ** np.arange(rows.shape[1])[::-1])

    def log_probability(self, data: Sequence[Sequence[float]]) -> np.ndarray:
        """log p(v) of each row."""
        return np.asarray(self._log_P[0][self._rows(data).astype(int)])

    def log_likelihood(self, data: Sequence[Sequence[float]]) -> float:
        """The mean of log p(v) over the rows."""
        return float(self.log_probability(data).mean())

    def free_energy(self, data: Sequence[Sequence[float]]) -> np.ndarray:
        """−log p(v) − log Z, so that log p(v) = −F(v) − log Z."""
        return -self.log_probability(data) - self.log_Z

    def posterior_mean(self, data: Sequence[Sequence[float]]) -> np.ndarray:
        """E[h¹ | v] of each row."""
        joint = self._joint(0)
        rows = joint[self._rows(data).astype(int)]
        return np.asarray((rows / rows.sum(1, keepdims=True)) @ self._states[1])

    def _joint(self, k: int) -> np.ndarray:
        """P(h_k, h_{k+1}) of every pair of states."""
        if k == len(self._states) - 2:
            return np.asarray(np.exp(self._top - self.log_Z))
        return np.asarray(np.exp(self._down(k) + self._log_P[k + 1][None]))

    def gradient(self, data: Sequence[Sequence[float]]) -> dict[str, list[Any]]:
        """The gradient of the mean log-likelihood, ``W`` and ``b`` in the form of the network.

        For a directed layer E[(h_k − σ) h_{k+1}] under the posterior; for the top two layers
        E[h h′] under the posterior minus under the model.
        """
        numbers = self._rows(data).astype(int)
        weight = np.bincount(numbers, minlength=2 ** self.network.layers[0]) / len(numbers)
        W = [np.zeros_like(w) for w in self._W]
        b = [np.zeros_like(x) for x in self._b]
        top = len(W) - 1
        for k in range(len(W)):
            lower, upper = self._states[k], self._states[k + 1]
            joint = self._joint(k)
            marginal = joint.sum(1, keepdims=True)
            posterior = joint * (weight[:, None] / np.where(marginal > 0, marginal, 1))
            excess = posterior - joint if k == top else posterior
            if k == top:
                W[k] += lower.T @ excess @ upper
                b[k] += excess.sum(1) @ lower
                b[k + 1] += excess.sum(0) @ upper
            else:
                on = BINARY.mean(self._b[k] + upper @ self._W[k].T)
                share = posterior.sum(0)
                W[k] += lower.T @ posterior @ upper - on.T @ (share[:, None] * upper)
                b[k] += posterior.sum(1) @ lower - share @ on
            weight = posterior.sum(0)
        return {"W": [w.tolist() for w in W], "b": [x.tolist() for x in b]}

    def elbo(self, data: Sequence[Sequence[float]]) -> np.ndarray:
        """E_q[log p(v, h) − log q(h | v)] of each row, q the network's recognition model.

        Layers of q are factorial given the layer below; the sum over all of them is exact.
        """
        if self.network.recognition is None:
            raise BackproofError(
                "elbo", "no recognition weights", "recognition_R and recognition_r", "add them"
            )
        R, r = self.network.recognition
        values: np.ndarray | None = None
        for k in range(len(R) - 1, -1, -1):
            field = np.array(r[k]) + self._states[k] @ np.array(R[k]).T
            log_q = field @ self._states[k + 1].T - BINARY.log_normaliser(field).sum(1)[:, None]
            log_p = self._top - self.log_Z if k == len(R) - 1 else self._down(k)
            inner = log_p - log_q + (0 if values is None else values[None])
            values = (np.exp(log_q) * inner).sum(1)
        assert values is not None
        return np.asarray(values[self._rows(data).astype(int)])


def _logsumexp(rows: np.ndarray) -> np.ndarray:
    peak = rows.max(1)
    return np.asarray(peak + np.log(np.exp(rows - peak[:, None]).sum(1)))
