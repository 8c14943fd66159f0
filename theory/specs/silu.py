"""The sigmoid linear unit (swish): silu(x) = x σ(x)."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The sigmoid linear unit (swish).

        silu(x) = x σ(x)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': x*special.expit(x)}", x=SHAPES[rank])


silu = Specification(
    "silu",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="S. Elfwing, E. Uchibe, K. Doya, Sigmoid-weighted linear units "
    "(arXiv:1702.03118), equation 1",
)
