"""Checks of the theorems of universality, by name."""

from backproof.numerics.evidence import Check
from backproof.numerics.universality import (
    cybenko,
    hornik_continuous,
    hornik_lp,
    hornik_smooth,
    hornik_weighted,
    leshno_pinkus,
    rates,
)

CHECKS: dict[str, Check] = {
    "cybenko": cybenko.check,
    "hornik-lp": hornik_lp.check,
    "hornik-continuous": hornik_continuous.check,
    "hornik-smooth": hornik_smooth.check,
    "hornik-weighted": hornik_weighted.check,
    "leshno-pinkus": leshno_pinkus.check,
    "jackson": rates.check_jackson,
    "barron": rates.check_barron,
}
