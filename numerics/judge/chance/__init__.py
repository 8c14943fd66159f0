"""Judges of what is random: samplers, transitions and estimators on models that are enumerated.

A sampler is held against the exact distribution of a small machine by tests whose false-alarm
rate is a theorem and is shared out over all tests of a run.
"""

import sympy as sp

from backproof.numerics.judge.chance.annealed import Annealed
from backproof.numerics.judge.chance.conditional import Conditional
from backproof.numerics.judge.chance.continuous import Continuous
from backproof.numerics.judge.chance.contract import BUDGET, Contract
from backproof.numerics.judge.chance.divergence import Divergence
from backproof.numerics.judge.chance.metropolis import Metropolis
from backproof.numerics.judge.chance.persistent import Persistent
from backproof.numerics.judge.chance.pseudolikelihood import Pseudolikelihood
from backproof.numerics.judge.chance.transition import Transition
from backproof.theory.energy.units import bounded, exponential, gaussian, rectified
from backproof.theory.energy.units.unit import FIELD, STATE

_scale = sp.Symbol("s", positive=True)
_from_its_mean = (STATE - FIELD) / _scale

CONTRACTS: tuple[Contract, ...] = (
    Conditional("rbm_sample_hidden", "h"),
    Conditional("rbm_sample_visible", "v"),
    Transition("gibbs"),
    Divergence("contrastive_divergence"),
    Persistent("persistent_contrastive_divergence"),
    Pseudolikelihood("pseudo_log_likelihood"),
    Metropolis("metropolis_hastings"),
    Annealed("annealed_importance"),
    Continuous.of(gaussian, (-2, 2), (0.5, 3)),
    Continuous.of(exponential, (-3, -0.4)),
    Continuous.of(rectified, (-2, 0.5), (0.5, 3)),
    Continuous.of(bounded, (-4, 5)),
    Continuous(
        "logistic_draws",
        BUDGET,
        _from_its_mean + 2 * sp.log(1 + sp.exp(-_from_its_mean)),
        sp.Reals,
        (_scale,),
        ((-2, 2), (0.5, 2)),
    ),
)

__all__ = ["CONTRACTS", "Contract"]
