"""The check of each theorem that has one, by the theorem's name."""

from __future__ import annotations

from backproof.numerics.algorithms import CHECKS as ALGORITHMS
from backproof.numerics.complexity import CHECKS as COMPLEXITY
from backproof.numerics.evidence import Check
from backproof.numerics.expressivity import CHECKS as EXPRESSIVITY
from backproof.numerics.generative import CHECKS as GENERATIVE
from backproof.numerics.universality.checks import CHECKS as UNIVERSALITY

CHECKS: dict[str, Check] = {
    **UNIVERSALITY,
    **EXPRESSIVITY,
    **COMPLEXITY,
    **ALGORITHMS,
    **GENERATIVE,
}
