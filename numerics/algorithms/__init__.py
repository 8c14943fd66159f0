"""Checks of the theorems on algorithms."""

from backproof.numerics.algorithms import hardt
from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {"hardt-recht-singer": hardt.check}
