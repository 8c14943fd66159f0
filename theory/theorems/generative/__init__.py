"""Generative models: where depth is needed to infer what generated the data."""

from backproof.theory.theorems.generative.arora_bhaskara_ge_ma import ARORA_BHASKARA_GE_MA
from backproof.theory.theorems.generative.kesten_stigum import KESTEN_STIGUM
from backproof.theory.theorems.generative.mossel import MOSSEL
from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (ARORA_BHASKARA_GE_MA, KESTEN_STIGUM, MOSSEL)
