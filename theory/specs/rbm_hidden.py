"""Probabilities of the hidden units of a restricted Boltzmann machine, from its energy."""

from backproof.theory.energy.builders import rbm
from backproof.theory.energy.conditionals import conditional
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification


def state(rank: int = 2) -> Model:
    """Probabilities that the hidden units are 1 given the others, of each row.

        p_h[r,j] = σ(Σ_i W[i,j] v[r,i] + b_h[j])

    ``v`` is (N, n), or without N with rank=1; ``W`` (n, m), ``b_h`` (m,).
    """
    return conditional(rbm("n", "m"), "h", batch="N" if rank == 2 else None)


rbm_hidden = Specification(
    "rbm_hidden",
    state,
    wrt=("v", "W", "b_h"),
    varied={"rank": (1,)},
    implicit=("rank",),
    reference="G. Hinton, A practical guide to training restricted Boltzmann machines (2012), "
    "equations 7 and 8",
)
