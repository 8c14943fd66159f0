"""The logarithm of the softmax along one axis: y[i] = x[i] − log Σ_k exp x[k]."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification, axis_of
from backproof.theory.trace.tracing import trace


def state(axis: int = -1, rank: int = 2) -> Model:
    """The logarithm of the softmax along one axis.

        y[i] = x[i] − log Σ_k exp x[k]

    ``x`` has one axis or more; the sum runs over ``axis``.
    """
    axis = axis_of("log_softmax", axis, rank)
    return trace(f"return {{'y': special.log_softmax(x, axis={axis})}}", x=SHAPES[rank])


log_softmax = Specification(
    "log_softmax",
    state,
    varied={"axis": (0,), "rank": (3, 1)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 4.1",
)
