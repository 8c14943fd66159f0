"""The softmax along one axis: y[i] = exp(x[i]) / Σ_k exp(x[k])."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification, axis_of
from backproof.theory.trace.tracing import trace


def state(axis: int = -1, rank: int = 2) -> Model:
    """The softmax along one axis.

        y[i] = exp(x[i]) / Σ_k exp(x[k])

    ``x`` has one axis or more; the sum runs over ``axis``.
    """
    axis = axis_of("softmax", axis, rank)
    return trace(f"return {{'y': special.softmax(x, axis={axis})}}", x=SHAPES[rank])


softmax = Specification(
    "softmax",
    state,
    varied={"axis": (0,), "rank": (3, 1)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 4.1",
)
