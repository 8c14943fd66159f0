"""Layer normalisation along one axis, with a gain and a shift."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification, axis_of
from backproof.theory.trace.tracing import trace


def state(axis: int = -1, eps: float = 1e-5, rank: int = 2) -> Model:
    """Layer normalisation.

        y = γ (x − μ)/√(σ² + ε) + β,     μ = mean x,     σ² = mean (x − μ)²

    ``x`` is an array whose ``axis`` has d entries, over which mean and (biased) variance are
    taken; ``gamma`` and ``beta`` are (d,).
    """
    axis = axis_of("layernorm", axis, rank)
    behind = ", None" * (rank - 1 - axis)
    return trace(
        f"""
        mu = np.mean(x, axis={axis}, keepdims=True)
        var = np.mean((x - mu)**2, axis={axis}, keepdims=True)
        xhat = (x - mu)/np.sqrt(var + {eps!r})
        y = gamma[:{behind}]*xhat + beta[:{behind}]
        return {{'y': y}}
        """,
        x=SHAPES[rank],
        gamma=SHAPES[rank].split()[axis],
        beta=SHAPES[rank].split()[axis],
    )


layernorm = Specification(
    "layernorm",
    state,
    wrt=("x", "gamma", "beta"),
    varied={"eps": (1e-3, 1e-12), "rank": (3,)},
    implicit=("rank",),
    reference="J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization (arXiv:1607.06450), "
    "equations 3 and 4",
)
