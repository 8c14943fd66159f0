"""Builders of well-known machines: one small file each, listed here."""

from backproof.theory.energy.builders.boltzmann import boltzmann
from backproof.theory.energy.builders.dbm import dbm
from backproof.theory.energy.builders.gaussian_gaussian import gaussian_gaussian
from backproof.theory.energy.builders.hopfield import hopfield
from backproof.theory.energy.builders.hopfield_dual import hopfield_dual
from backproof.theory.energy.builders.ising import ising
from backproof.theory.energy.builders.potts import potts
from backproof.theory.energy.builders.rbm import rbm

BUILDERS = (boltzmann, dbm, gaussian_gaussian, hopfield, hopfield_dual, ising, potts, rbm)

__all__ = ["BUILDERS", *(b.__name__ for b in BUILDERS)]
