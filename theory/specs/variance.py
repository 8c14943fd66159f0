"""The variance along one axis, of the population or of a sample."""

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification, axis_of
from backproof.theory.trace.tracing import trace


def state(axis: int = -1, ddof: int = 0, rank: int = 2) -> Model:
    """The variance along one axis.

        y = Σ (x − mean x)² / (N − ddof)

    ``x`` is an array whose ``axis`` has N entries; ``ddof`` is 0 (the population's) or 1.

    """
    axis = axis_of("variance", axis, rank)
    if ddof not in (0, 1):
        raise BackproofError("variance", f"ddof={ddof!r}", "0 or 1", "pick one")
    return trace(f"return {{'y': np.var(x, axis={axis}, ddof={ddof})}}", x=SHAPES[rank])


variance = Specification(
    "variance",
    state,
    varied={"axis": (0, 1), "ddof": (1,), "rank": (3,)},
    implicit=("rank",),
    reference="T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample "
    "variance (1983), equation 1.1",
)
