"""Checks of the theorems of universality, by name."""

from backproof.numerics.evidence import Check
from backproof.numerics.universality import (
    barron,
    cybenko,
    hornik_continuous,
    hornik_lp,
    hornik_smooth,
    hornik_weighted,
    jackson_operator,
    leshno_pinkus,
    maurey_jones,
)

CHECKS: dict[str, Check] = {
    "cybenko": cybenko.check,
    "hornik-lp": hornik_lp.check,
    "hornik-continuous": hornik_continuous.check,
    "hornik-smooth": hornik_smooth.check,
    "hornik-weighted": hornik_weighted.check,
    "leshno-pinkus": leshno_pinkus.check,
    "jackson": jackson_operator.check,
    "maurey-jones": maurey_jones.check,
    "barron": barron.check,
}
