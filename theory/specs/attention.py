"""Scaled dot-product attention, causal or not."""

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace

MASK = "np.where(np.arange(S.shape[-2])[:, None] >= np.arange(S.shape[-1])[None, :], S, -np.inf)"
PRODUCTS = {  # by the number of axes: the scores, and what they weigh
    2: ("Q @ K.T", "A @ V"),
    3: ("np.einsum('hnd,hmd->hnm', Q, K)", "np.einsum('hnm,hmp->hnp', A, V)"),
}


def state(causal: bool = False, rank: int = 2) -> Model:
    """Scaled dot-product attention.

        y = softmax(Q Kᵀ/√d) V,     where with causal=True position i attends to j ≤ i alone

    ``Q`` is (n, d), ``K`` (m, d), ``V`` (m, p); with causal=True, m = n. With rank=3 there is an
    axis of heads in front.
    """
    if rank not in PRODUCTS:
        raise BackproofError("attention", f"rank={rank!r}", "2 or 3", "pick one")
    rows, heads = "n" if causal else "m", "h " * (rank - 2)
    scores, values = PRODUCTS[rank]
    return trace(
        f"""
        S = {scores}/np.sqrt(Q.shape[{rank - 1}])
        {f"S = {MASK}" if causal else ""}
        A = special.softmax(S, axis={rank - 1})
        return {{'y': {values}}}
        """,
        Q=f"{heads}n d",
        K=f"{heads}{rows} d",
        V=f"{heads}{rows} p",
    )


attention = Specification(
    "attention",
    state,
    wrt=("Q", "K", "V"),
    varied={"causal": (True,), "rank": (3,)},
    implicit=("rank",),
    reference="A. Vaswani et al., Attention is all you need (arXiv:1706.03762), equation 1",
)
