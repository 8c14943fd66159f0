"""Checks of the theorems on the complexity of learning."""

from backproof.numerics.complexity import daniely, livni, shamir
from backproof.numerics.evidence import Check

CHECKS: dict[str, Check] = {
    "livni-basis-learner": livni.basis_learner,
    "livni-sigmoid": livni.sigmoid_networks,
    "livni-geco": livni.geco_bound,
    "daniely": daniely.check,
    "shamir": shamir.periodic,
    "shamir-parities": shamir.parities,
}
