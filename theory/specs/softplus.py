"""The softplus function, accurate in both tails: softplus(x) = log(1 + eˣ)."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The softplus function, accurate in both tails.

        softplus(x) = log(1 + eˣ)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': np.logaddexp(0, x)}", x=SHAPES[rank])


softplus = Specification(
    "softplus",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    sharp=True,
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 3.31",
)
