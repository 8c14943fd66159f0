"""Expressivity: what depth says briefly and width only at length."""

from backproof.theory.theorems.expressivity.alternation import ALTERNATION
from backproof.theory.theorems.expressivity.ball import BALL
from backproof.theory.theorems.expressivity.cohen import COHEN, COHEN_CUT
from backproof.theory.theorems.expressivity.curvature import CURVATURE
from backproof.theory.theorems.expressivity.l1_norm import L1_NORM
from backproof.theory.theorems.expressivity.relu_pieces import RELU_PIECES
from backproof.theory.theorems.expressivity.telgarsky import TELGARSKY
from backproof.theory.theorems.expressivity.yarotsky import YAROTSKY
from backproof.theory.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (
    RELU_PIECES,
    TELGARSKY,
    ALTERNATION,
    CURVATURE,
    YAROTSKY,
    L1_NORM,
    BALL,
    COHEN,
    COHEN_CUT,
)
