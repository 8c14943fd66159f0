"""Regularisers Ω: one small file each, stating the penalty of one entry; listed here."""

from backproof.theory.gates import gate
from backproof.theory.regularisers.elastic_net import elastic_net
from backproof.theory.regularisers.group_lasso import group_lasso
from backproof.theory.regularisers.hard_concrete import hard_concrete
from backproof.theory.regularisers.l0 import l0
from backproof.theory.regularisers.l1 import l1
from backproof.theory.regularisers.l2 import l2
from backproof.theory.regularisers.regulariser import Regulariser

REGULARISERS = (l2, l1, l0, elastic_net, group_lasso, hard_concrete)

__all__ = ["REGULARISERS", "Regulariser", "gate", *(r.name for r in REGULARISERS)]
