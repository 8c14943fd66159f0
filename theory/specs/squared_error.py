"""The squared error of a prediction."""

from backproof.theory.fragments import reduced
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(reduction: str = "mean") -> Model:
    """The squared error.

        y = mean of (x − target)²

    ``x`` and ``target`` have one shape; the mean is over all entries.
    """
    return trace(f"return {{'y': {reduced('(x - target)**2', reduction)}}}", x="N k", target="N k")


squared_error = Specification(
    "squared_error",
    state,
    varied={"reduction": ("sum", "none")},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 5.4",
)
