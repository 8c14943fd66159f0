"""Checks of the theorems on generative models."""

from backproof.numerics.evidence import Check
from backproof.numerics.generative import arora, kesten_stigum, mossel

CHECKS: dict[str, Check] = {
    "arora-bhaskara-ge-ma": arora.check,
    "kesten-stigum": kesten_stigum.check,
    "mossel": mossel.check,
}
