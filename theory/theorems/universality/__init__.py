"""Universality: what sums of units, one hidden layer, can come near to."""

from backproof.theory.theorems.theorem import Theorem
from backproof.theory.theorems.universality.barron import BARRON
from backproof.theory.theorems.universality.cybenko import CYBENKO
from backproof.theory.theorems.universality.hornik_continuous import HORNIK_CONTINUOUS
from backproof.theory.theorems.universality.hornik_lp import HORNIK_LP
from backproof.theory.theorems.universality.hornik_smooth import HORNIK_SMOOTH
from backproof.theory.theorems.universality.hornik_weighted import HORNIK_WEIGHTED
from backproof.theory.theorems.universality.jackson import JACKSON
from backproof.theory.theorems.universality.leshno_pinkus import LESHNO_PINKUS
from backproof.theory.theorems.universality.maurey_jones import MAUREY_JONES

THEOREMS: tuple[Theorem, ...] = (
    CYBENKO,
    HORNIK_LP,
    HORNIK_CONTINUOUS,
    HORNIK_SMOOTH,
    HORNIK_WEIGHTED,
    LESHNO_PINKUS,
    JACKSON,
    MAUREY_JONES,
    BARRON,
)
