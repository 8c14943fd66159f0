"""Samplers of energies: chains, learning by chains, annealed importance sampling, tempering.

>>> import numpy as np, backproof as bp
>>> machine = bp.energy.rbm(2, 2)
>>> values = {"W": np.ones((2, 2)), "b_v": np.zeros(2), "b_h": np.zeros(2)}
>>> path = bp.sampling.Path(machine, values)
>>> estimate = bp.sampling.forward(path, 100, runs=200, seed=1)
>>> abs(estimate.log_Z - bp.exact.solve(machine, values=values).log_Z) < 6 * estimate.error
True

Independent runs and chains may be shared by any executor of `concurrent.futures`, such as
``ProcessPoolExecutor()`` or a Dask cluster's ``Client.get_executor()``; the answer stays the same:

>>> from concurrent.futures import ThreadPoolExecutor
>>> with ThreadPoolExecutor(2) as executor:
...     shared = bp.sampling.forward(path, 100, runs=200, seed=1, executor=executor)
>>> shared.log_Z == estimate.log_Z
True
"""

from backproof.commands.bars import bar, watched
from backproof.numerics.sampling import annealing
from backproof.numerics.sampling.annealing import Bracket, Estimate
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
from backproof.numerics.sampling.graph_chains import GraphChains
from backproof.numerics.sampling.graph_path import GraphPath
from backproof.numerics.sampling.many_chains import ManyChains
from backproof.numerics.sampling.path import Path
from backproof.numerics.sampling.tempering import Tempering
from backproof.numerics.sampling.training import Training
from backproof.numerics.sampling.variational import DeepLearner

forward = watched(annealing.forward, "annealing upward")
reverse = watched(annealing.reverse, "annealing downward")
bracket = watched(annealing.bracket, "annealing")

__all__ = [
    "BeliefSampler",
    "Bracket",
    "Centring",
    "Chains",
    "Conditionals",
    "DeepLearner",
    "Estimate",
    "GraphChains",
    "GraphPath",
    "Learner",
    "ManyChains",
    "Path",
    "Tempering",
    "Training",
    "bar",
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
