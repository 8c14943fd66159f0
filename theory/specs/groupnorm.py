"""Normalisation of groups of channels, with a gain and a shift for each channel."""

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(groups: int = 2, eps: float = 1e-5) -> Model:
    """Group normalisation.

        y[n,c,l] = γ[c] (x[n,c,l] − μ)/√(σ² + ε) + β[c]

    where μ and σ² are the mean and the (biased) variance over the places and the channels of a
    group. ``x`` is (N, groups·c, L), ``gamma`` and ``beta`` (groups·c,).

    """
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1:
        found = f"groups={groups!r}"
        raise BackproofError("groupnorm", found, "a whole number ≥ 1", "change it")
    return trace(
        f"""
        u = np.reshape(x, (x.shape[0], {groups}, x.shape[1]//{groups}, x.shape[2]))
        mu = np.mean(u, axis=(2, 3), keepdims=True)
        var = np.mean((u - mu)**2, axis=(2, 3), keepdims=True)
        xhat = np.reshape((u - mu)/np.sqrt(var + {eps!r}), x.shape)
        return {{'y': gamma[:, None]*xhat + beta[:, None]}}
        """,
        x=f"N {groups}*c L",
        gamma=f"{groups}*c",
        beta=f"{groups}*c",
    )


groupnorm = Specification(
    "groupnorm",
    state,
    wrt=("x", "gamma", "beta"),
    varied={"groups": (1, 3), "eps": (1e-3,)},
    reference="Y. Wu, K. He, Group normalization (arXiv:1803.08494), equations 1, 2 and 7",
)
