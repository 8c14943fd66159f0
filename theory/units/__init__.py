"""Units: one small file each, stating support and energy only; listed here."""

from backproof.theory.units.bernoulli import bernoulli
from backproof.theory.units.categorical import categorical
from backproof.theory.units.gaussian import gaussian
from backproof.theory.units.heteroscedastic import heteroscedastic
from backproof.theory.units.laplace import laplace
from backproof.theory.units.poisson import poisson
from backproof.theory.units.unit import Unit

UNITS = (gaussian, bernoulli, categorical, poisson, laplace, heteroscedastic)

__all__ = ["UNITS", "Unit", *(unit.name for unit in UNITS)]
