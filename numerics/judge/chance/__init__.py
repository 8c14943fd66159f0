"""Judges of what is random: samplers, transitions and estimators on models that are enumerated.

A sampler is held against the exact distribution of a small machine by tests whose false-alarm
rate is a theorem and is shared out over all tests of a run.
"""

from backproof.numerics.judge.chance.conditional import Conditional
from backproof.numerics.judge.chance.contract import Contract
from backproof.numerics.judge.chance.divergence import Divergence
from backproof.numerics.judge.chance.metropolis import Metropolis
from backproof.numerics.judge.chance.persistent import Persistent
from backproof.numerics.judge.chance.pseudolikelihood import Pseudolikelihood
from backproof.numerics.judge.chance.transition import Transition

CONTRACTS: tuple[Contract, ...] = (
    Conditional("rbm_sample_hidden", "h"),
    Conditional("rbm_sample_visible", "v"),
    Transition("gibbs"),
    Divergence("contrastive_divergence"),
    Persistent("persistent_contrastive_divergence"),
    Pseudolikelihood("pseudo_log_likelihood"),
    Metropolis("metropolis_hastings"),
)

__all__ = ["CONTRACTS", "Contract"]
