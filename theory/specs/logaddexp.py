"""The logarithm of a sum of two exponentials, without overflow."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The logarithm of a sum of two exponentials.

        y = log(eˣ + eᵗ)

    ``x`` and ``t`` are arrays of one shape.

    """
    return trace("return {'y': np.logaddexp(x, t)}", x=SHAPES[rank], t=SHAPES[rank])


logaddexp = Specification(
    "logaddexp",
    state,
    wrt=("x", "t"),
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="N. J. Higham, Accurately computing the log-sum-exp and softmax functions (2021), "
    "equation 1.1",
)
