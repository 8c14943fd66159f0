"""x log t, which is 0 at x = 0."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """A number times a logarithm.

        y = x log t,     0 where x is 0

    ``x`` and ``t`` are arrays of one shape.

    """
    return trace("return {'y': special.xlogy(x, t)}", x=SHAPES[rank], t=SHAPES[rank])


xlogy = Specification(
    "xlogy",
    state,
    wrt=("x", "t"),
    varied={"rank": (2, 0)},
    implicit=("rank",),
    reference="T. M. Cover, J. A. Thomas, Elements of Information Theory (2006), section 2.1",
)
