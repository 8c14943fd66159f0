"""Batch normalisation with the statistics of the batch."""

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(eps: float = 1e-5, rank: int = 2) -> Model:
    """Batch normalisation in training: mean and (biased) variance of each feature over the batch.

        y[n,i] = γ[i] (x[n,i] − μ[i])/√(σ²[i] + ε) + β[i]

    ``x`` is (N, d), or (N, d, height, width) with rank=4, where the places of an image count as
    further rows; ``gamma`` and ``beta`` are (d,).
    """
    if rank not in (2, 4):
        raise BackproofError("batchnorm", f"rank={rank!r}", "2, or 4 for images", "pick one")
    over, behind = ("0", "") if rank == 2 else ("(0, 2, 3)", "[:, None, None]")
    return trace(
        f"""
        mu = np.mean(x, axis={over}, keepdims=True)
        var = np.mean((x - mu)**2, axis={over}, keepdims=True)
        xhat = (x - mu)/np.sqrt(var + {eps!r})
        return {{'y': gamma{behind}*xhat + beta{behind}}}
        """,
        x="N d" if rank == 2 else "N d H L",
        gamma="d",
        beta="d",
    )


batchnorm = Specification(
    "batchnorm",
    state,
    wrt=("x", "gamma", "beta"),
    varied={"eps": (1e-3, 1e-12), "rank": (4,)},
    implicit=("rank",),
    reference="S. Ioffe, C. Szegedy, Batch normalization (arXiv:1502.03167), algorithm 1",
)
