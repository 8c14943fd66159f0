"""Optimisers: one small file each, stating one step on one parameter; listed here."""

from backproof.theory.optimisers.adagrad import adagrad
from backproof.theory.optimisers.adam import adam
from backproof.theory.optimisers.adamax import adamax
from backproof.theory.optimisers.adamw import adamw
from backproof.theory.optimisers.gradient_descent import gradient_descent
from backproof.theory.optimisers.momentum import momentum
from backproof.theory.optimisers.nesterov import nesterov
from backproof.theory.optimisers.rmsprop import rmsprop
from backproof.theory.optimisers.rule import UpdateRule
from backproof.theory.optimisers.sgd import sgd

OPTIMISERS = (
    gradient_descent,
    sgd,
    momentum,
    nesterov,
    adagrad,
    rmsprop,
    adam,
    adamax,
    adamw,
)

__all__ = ["OPTIMISERS", "UpdateRule", *(rule.name for rule in OPTIMISERS)]
