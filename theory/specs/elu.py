"""The exponential linear unit."""

from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace


def state(alpha: float = 1.0, rank: int = 1) -> Model:
    """The exponential linear unit.

        elu(x) = x where x > 0, α (eˣ − 1) elsewhere

    ``x`` is an array of any shape.

    """
    return trace(f"return {{'y': np.where(x > 0, x, {alpha!r}*np.expm1(x))}}", x=SHAPES[rank])


elu = Specification(
    "elu",
    state,
    varied={"alpha": (0.5, 1.5), "rank": (2, 0)},
    implicit=("rank",),
    reference="D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network "
    "learning by exponential linear units (arXiv:1511.07289), equation 15",
)
