"""The free energy of a restricted Boltzmann machine, from its energy."""

from backproof.theory.energy.builders import rbm
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification


def state(rank: int = 2) -> Model:
    """The free energy of a restricted Boltzmann machine with binary units, of each row.

        F[r] = −log Σ_h exp(−E(v[r], h)) = −Σ_i b_v[i] v[r,i] − Σ_j softplus(z_h[r,j])

    ``v`` is (N, n), or (n,) with rank=1; ``W`` (n, m), ``b_v`` (n,), ``b_h`` (m,).
    """
    return free_energy(rbm("n", "m"), batch="N" if rank == 2 else None)


rbm_free_energy = Specification(
    "rbm_free_energy",
    state,
    wrt=("W", "b_v", "b_h"),
    varied={"rank": (1,)},
    implicit=("rank",),
    reference="G. Hinton, A practical guide to training restricted Boltzmann machines (2012), "
    "section 16.1",
)
