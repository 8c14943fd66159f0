"""The logistic function, accurate in both tails: σ(x) = 1 / (1 + e⁻ˣ)."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The logistic function, accurate in both tails.

        σ(x) = 1 / (1 + e⁻ˣ)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': special.expit(x)}", x=SHAPES[rank])


sigmoid = Specification(
    "sigmoid",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    sharp=True,
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 3.30",
)
