"""Units of an energy: one small file each, stating support and energy only; listed here."""

from backproof.theory.energy.units.binary import binary
from backproof.theory.energy.units.bounded import bounded
from backproof.theory.energy.units.categorical import categorical
from backproof.theory.energy.units.exponential import exponential
from backproof.theory.energy.units.gaussian import gaussian
from backproof.theory.energy.units.gaussian_cho import gaussian_cho
from backproof.theory.energy.units.gaussian_mean import gaussian_mean
from backproof.theory.energy.units.rectified import rectified
from backproof.theory.energy.units.spin import spin
from backproof.theory.energy.units.unit import Unit

UNITS = (
    binary,
    bounded,
    categorical,
    exponential,
    gaussian,
    gaussian_cho,
    gaussian_mean,
    rectified,
    spin,
)

__all__ = ["UNITS", "Unit", *(unit.name for unit in UNITS)]
