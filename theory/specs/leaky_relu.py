"""The leaky rectifier: a slope of its own below zero."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(slope: float = 0.01, rank: int = 1) -> Model:
    """The leaky rectifier; its derivative at zero is the slope.

        y = x where x > 0, slope·x elsewhere

    ``x`` is an array of any shape.
    """
    return trace(f"return {{'y': np.where(x > 0, x, {slope!r}*x)}}", x=SHAPES[rank])


leaky_relu = Specification(
    "leaky_relu",
    state,
    varied={"slope": (0.2,), "rank": (2, 0)},
    implicit=("rank",),
    reference="A. Maas, A. Hannun, A. Ng, Rectifier nonlinearities improve neural network "
    "acoustic models (2013), section 2",
)
