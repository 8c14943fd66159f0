"""Scalar functions that sums and integrals over a unit's support bring: one small file each."""

from backproof.theory.energy.scalars.langevin import langevin
from backproof.theory.energy.scalars.langevin_slope import langevin_slope
from backproof.theory.energy.scalars.log_erfcx import log_erfcx
from backproof.theory.energy.scalars.log_sinhc import log_sinhc
from backproof.theory.energy.scalars.tail_mean import tail_mean
from backproof.theory.energy.scalars.tail_quantile import tail_quantile
from backproof.theory.energy.scalars.tail_variance import tail_variance
from backproof.theory.energy.scalars.tilt_quantile import tilt_quantile

FUNCTIONS = (
    langevin,
    langevin_slope,
    log_erfcx,
    log_sinhc,
    tail_mean,
    tail_quantile,
    tail_variance,
    tilt_quantile,
)

__all__ = ["FUNCTIONS", *(f.__name__ for f in FUNCTIONS)]
