"""Rows of a table, looked up by labels."""

from backproof.theory.declarations import array
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(rank: int = 1) -> Model:
    """Rows of a table, looked up by labels that may repeat.

        y[n,d] = E[ids[n],d]

    ``E`` is (rows, d), ``ids`` an array of any shape.
    """
    ids = array({1: "n", 2: "b n"}[rank], dtype=int, below="k")
    return trace("return {'y': E[ids]}", E="k d", ids=ids)


embedding = Specification(
    "embedding",
    state,
    wrt=("E",),
    varied={"rank": (2,)},
    implicit=("rank",),
    reference="Y. Bengio et al., A neural probabilistic language model (2003), section 2",
)
