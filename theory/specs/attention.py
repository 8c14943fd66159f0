"""Scaled dot-product attention, causal or not."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace

MASK = "S = np.where(np.arange(S.shape[0])[:, None] >= np.arange(S.shape[1])[None, :], S, -np.inf)"


def state(causal: bool = False) -> Model:
    """Scaled dot-product attention.

        y = softmax(Q Kᵀ/√d) V,     where with causal=True position i attends to j ≤ i alone

    ``Q`` is (n, d), ``K`` (m, d), ``V`` (m, p); with causal=True, m = n.
    """
    rows = "n" if causal else "m"
    return trace(
        f"""
        S = Q @ K.T/np.sqrt(Q.shape[1])
        {MASK if causal else ""}
        A = special.softmax(S, axis=1)
        return {{'y': A @ V}}
        """,
        Q="n d",
        K=f"{rows} d",
        V=f"{rows} p",
    )


attention = Specification(
    "attention",
    state,
    wrt=("Q", "K", "V"),
    varied={"causal": (True,)},
    reference="A. Vaswani et al., Attention is all you need (arXiv:1706.03762), equation 1",
)
