"""Machines as scikit-learn estimators: `fit`, `partial_fit`, `transform`, `score_samples`."""

from backproof.estimators.dbm import DBM
from backproof.estimators.dbn import DBN
from backproof.estimators.rbm import RBM

ESTIMATORS = (RBM, DBM, DBN)

__all__ = ["DBM", "DBN", "ESTIMATORS", "RBM"]
