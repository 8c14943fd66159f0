"""Batch normalisation with the statistics of the batch, as in training."""

from __future__ import annotations

from dataclasses import dataclass

from backproof.theory.layers.layer import Layer, Stage, last_axes
from backproof.theory.layers.layer_norm import normalised
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Each channel brought to mean 0 and variance 1 over the batch and all places.

        mu[k] = mean_n,i,j h[n,k,i,j]    var[k] = mean_n,i,j (h[n,k,i,j] − mu[k])²
        z[n,k,i,j] = gamma[k] (h[n,k,i,j] − mu[k]) / √(var[k] + ε) + beta[k]

    The channel is the second axis, the batch the first.  The statistics are those of the batch
    at hand, with the division by the number of entries, and the derivative goes through them.

    Shapes: (N, c, …), unchanged; ``gamma`` and ``beta`` are (c,).

    Reference: S. Ioffe and C. Szegedy, Batch normalization (arXiv:1502.03167), algorithm 1.

    >>> print(BatchNorm().model("N d"))
    mu1[i] = Σ_n x[n,i] / N
    dev1[n,i] = x[n,i] - mu1[i]
    var1[i] = Σ_n dev1[n,i]**2 / N
    r1[n,i] = dev1[n,i] / sqrt(var1[i] + 0.00001)
    z1[n,i] = gamma1[i] r1[n,i] + beta1[i]
    """

    epsilon: float = 1e-5

    def state(self, stage: Stage, h: Value) -> Value:
        last_axes("BatchNorm", h, 2, "a batch of channels")
        channel = h.indices[1]
        over = tuple(i for i in h.indices if i != channel)
        return normalised(stage, h, over, (channel,), self.epsilon)
