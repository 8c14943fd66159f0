"""The logarithm of a sum of exponentials: y = log Σ_i exp x[i]."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification, axis_of
from backproof.theory.trace.tracing import trace


def state(axis: int = -1, rank: int = 2) -> Model:
    """The logarithm of a sum of exponentials.

        y = log Σ_i exp x[i]

    ``x`` has one axis or more; the sum runs over ``axis``.
    """
    axis = axis_of("logsumexp", axis, rank)
    return trace(f"return {{'y': special.logsumexp(x, axis={axis})}}", x=SHAPES[rank])


logsumexp = Specification(
    "logsumexp",
    state,
    varied={"axis": (0,), "rank": (3, 1)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 4.1",
)
