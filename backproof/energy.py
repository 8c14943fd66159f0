"""Energies: machines stated, and what is derived from them.

>>> import backproof as bp
>>> machine = bp.energy.rbm(visible=784, hidden=500)
>>> print(bp.energy.conditional(machine, "h"))
z_h[j] = Σ_i W[i,j] v[i] + b_h[j]
p_h[j] = σ(z_h[j])
"""

from backproof.theory.energy import units
from backproof.theory.energy.belief import BeliefNetwork
from backproof.theory.energy.builders import (
    boltzmann,
    dbm,
    gaussian_gaussian,
    hopfield,
    hopfield_dual,
    ising,
    potts,
    rbm,
)
from backproof.theory.energy.centring import centred
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.deep_belief import DeepBelief, dbn, one_implies_two
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.groups import Coupling, Group
from backproof.theory.energy.learning import contrastive, learning_rule
from backproof.theory.energy.literal import Literal, Site, literal
from backproof.theory.energy.loading import load
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blanket, blocks, independence
from backproof.theory.energy.mean_field import mean_field, mean_field_equations, tap
from backproof.theory.energy.pseudo_likelihood import pseudo_likelihood
from backproof.theory.energy.reflection import reflected
from backproof.theory.energy.score_matching import score_matching

__all__ = [
    "BeliefNetwork",
    "Coupling",
    "DeepBelief",
    "Group",
    "Literal",
    "Machine",
    "Site",
    "blanket",
    "blocks",
    "boltzmann",
    "centred",
    "conditional",
    "contrastive",
    "dbm",
    "dbn",
    "free_energy",
    "gaussian_gaussian",
    "hopfield",
    "hopfield_dual",
    "independence",
    "ising",
    "learning_rule",
    "literal",
    "load",
    "mean_field",
    "mean_field_equations",
    "one_implies_two",
    "potts",
    "pseudo_likelihood",
    "rbm",
    "reflected",
    "score_matching",
    "tap",
    "units",
]
