"""Samplers of energies: chains, learning by chains, annealed importance sampling, tempering.

>>> import numpy as np, backproof as bp
>>> machine = bp.energy.rbm(2, 2)
>>> values = {"W": np.ones((2, 2)), "b_v": np.zeros(2), "b_h": np.zeros(2)}
>>> path = bp.sampling.Path(machine, values)
>>> estimate = bp.sampling.forward(path, 100, runs=200, seed=1)
>>> abs(estimate.log_Z - bp.exact.solve(machine, values=values).log_Z) < 6 * estimate.error
True
"""

from backproof.numerics.sampling.annealing import Bracket, Estimate, bracket, forward, reverse
from backproof.numerics.sampling.belief_chains import BeliefSampler, greedy, stacked
from backproof.numerics.sampling.centring import Centring
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.contrastive import Learner, learner
from backproof.numerics.sampling.diagnostics import (
    effective_sample_size,
    monte_carlo_error,
    split_r_hat,
)
from backproof.numerics.sampling.graph import GraphChains
from backproof.numerics.sampling.path import Path
from backproof.numerics.sampling.tempering import Tempering
from backproof.numerics.sampling.training import Training
from backproof.numerics.sampling.variational import DeepLearner

__all__ = [
    "BeliefSampler",
    "Bracket",
    "Centring",
    "Chains",
    "Conditionals",
    "DeepLearner",
    "Estimate",
    "GraphChains",
    "Learner",
    "Path",
    "Tempering",
    "Training",
    "bracket",
    "effective_sample_size",
    "forward",
    "greedy",
    "learner",
    "monte_carlo_error",
    "reverse",
    "split_r_hat",
    "stacked",
]
