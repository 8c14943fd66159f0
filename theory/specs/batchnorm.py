"""Batch normalisation with the statistics of the batch."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(eps: float = 1e-5) -> Model:
    """Batch normalisation in training: mean and (biased) variance of each feature over the batch.

        y[n,i] = γ[i] (x[n,i] − μ[i])/√(σ²[i] + ε) + β[i]

    ``x`` is (N, d), ``gamma`` and ``beta`` (d,).
    """
    return trace(
        f"""
        mu = np.mean(x, axis=0)
        var = np.mean((x - mu)**2, axis=0)
        xhat = (x - mu)/np.sqrt(var + {eps!r})
        return {{'y': gamma*xhat + beta}}
        """,
        x="N d",
        gamma="d",
        beta="d",
    )


batchnorm = Specification(
    "batchnorm",
    state,
    wrt=("x", "gamma", "beta"),
    varied={"eps": (1e-3, 1e-12)},
    reference="S. Ioffe, C. Szegedy, Batch normalization (arXiv:1502.03167), algorithm 1",
)
