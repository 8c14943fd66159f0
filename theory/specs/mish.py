"""The mish function: x tanh(softplus(x))."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """The mish function.

        mish(x) = x tanh(log(1 + eˣ))

    ``x`` is an array of any shape.

    """
    return trace("return {'y': x*np.tanh(np.logaddexp(0, x))}", x=SHAPES[rank])


mish = Specification(
    "mish",
    state,
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="D. Misra, Mish: a self regularized non-monotonic activation function "
    "(arXiv:1908.08681), equation 1",
)
