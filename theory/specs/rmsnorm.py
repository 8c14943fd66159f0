"""Root-mean-square normalisation of the last axis, with a gain."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(eps: float = 1e-5, rank: int = 2) -> Model:
    """Root-mean-square normalisation.

        y = γ x/√(mean x² + ε)

    ``x`` is an array whose last axis has d entries, over which the mean is taken; ``gamma`` (d,).

    """
    return trace(
        f"""
        ms = np.mean(x**2, axis=-1, keepdims=True)
        return {{'y': gamma*x/np.sqrt(ms + {eps!r})}}
        """,
        x=SHAPES[rank],
        gamma="d",
    )


rmsnorm = Specification(
    "rmsnorm",
    state,
    wrt=("x", "gamma"),
    varied={"eps": (1e-3, 1e-12), "rank": (3,)},
    implicit=("rank",),
    reference="B. Zhang, R. Sennrich, Root mean square layer normalization (arXiv:1910.07467), "
    "equation 4",
)
