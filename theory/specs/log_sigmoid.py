"""The logarithm of the logistic function, accurate where σ(x) is 0 or 1."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The logarithm of the logistic function, accurate where σ(x) is 0 or 1.

        log σ(x) = −log(1 + e⁻ˣ)

    ``x`` is an array of any shape.
    """
    return trace("return {'y': -np.logaddexp(0, -x)}", x=SHAPES[rank])


log_sigmoid = Specification(
    "log_sigmoid",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    sharp=True,
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 3.10",
)
