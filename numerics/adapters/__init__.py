"""Functions of other frameworks, and objects that keep arrays, as functions of NumPy arrays."""

from backproof.numerics.adapters.adapted import Adapted, adapted
from backproof.numerics.adapters.estimator import Estimator
from backproof.numerics.adapters.frameworks import FRAMEWORKS, Framework

__all__ = ["FRAMEWORKS", "Adapted", "Estimator", "Framework", "adapted"]
