"""The hyperbolic tangent: tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The hyperbolic tangent.

        tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': np.tanh(x)}", x=SHAPES[rank])


tanh = Specification(
    "tanh",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3.2",
)
