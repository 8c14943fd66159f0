"""Checks of the theorems on algorithms."""

from backproof.numerics.algorithms import hardt, janzamin, stein
from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {
    "stein": stein.check,
    "janzamin": janzamin.check,
    "hardt-recht-singer": hardt.check,
}
