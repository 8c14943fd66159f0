"""The rectifier; its derivative at zero is 0: relu(x) = max(x, 0)."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The rectifier; its derivative at zero is 0.

        relu(x) = max(x, 0)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': np.maximum(x, 0)}", x=SHAPES[rank])


relu = Specification(
    "relu",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 6.37",
)
