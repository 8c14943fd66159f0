"""Checks of the theorems on generative models."""

from backproof.numerics.evidence import Check
from backproof.numerics.generative import kesten_stigum, mossel

CHECKS: dict[str, Check] = {"kesten-stigum": kesten_stigum.check, "mossel": mossel.check}
