"""An affine map of each row: y = x W + b, or x Wᵀ + b."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(transposed: bool = False, rank: int = 2) -> Model:
    """An affine map of each row.

        y[n,k] = Σ_d x[n,d] W[d,k] + b[k]

    ``x`` is (…, d), ``W`` (d, k), or (k, d) with transposed=True, ``b`` (k,).
    """
    product, shape = ("x @ W.T + b", "k d") if transposed else ("x @ W + b", "d k")
    return trace(f"return {{'y': {product}}}", x=SHAPES[rank], W=shape, b="k")


dense = Specification(
    "dense",
    state,
    wrt=("x", "W", "b"),
    varied={"transposed": (True,), "rank": (3,)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3",
)
