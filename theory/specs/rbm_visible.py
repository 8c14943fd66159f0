"""Probabilities of the visible units of a restricted Boltzmann machine, from its energy."""

from backproof.theory.energy.builders import rbm
from backproof.theory.energy.conditionals import conditional
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification


def state(rank: int = 2) -> Model:
    """Probabilities that the visible units are 1 given the others, of each row.

        p_v[r,i] = σ(Σ_j W[i,j] h[r,j] + b_v[i])

    ``h`` is (N, m), or without N with rank=1; ``W`` (n, m), ``b_v`` (n,).
    """
    return conditional(rbm("n", "m"), "v", batch="N" if rank == 2 else None)


rbm_visible = Specification(
    "rbm_visible",
    state,
    wrt=("h", "W", "b_v"),
    varied={"rank": (1,)},
    implicit=("rank",),
    reference="G. Hinton, A practical guide to training restricted Boltzmann machines (2012), "
    "equations 7 and 8",
)
