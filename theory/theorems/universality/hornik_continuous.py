"""Hornik 1991, theorem 2: density in C(X) for a continuous bounded nonconstant activation."""

from backproof.theory.hypotheses.smoothness import continuous
from backproof.theory.proofs import duality
from backproof.theory.theorems.theorem import Hypothesis, Theorem
from backproof.theory.theorems.universality.hornik_lp import BOUNDED, NONCONSTANT, REFERENCE

HORNIK_CONTINUOUS = Theorem(
    name="hornik-continuous",
    title="Hornik's theorem in C(X)",
    uses=("cybenko",),
    lecture="universality, Hornik (ii)",
    hypotheses=(
        BOUNDED,
        NONCONSTANT,
        Hypothesis("σ is continuous", r"\sigma \in C(\mathbb R)", lambda s, _: continuous(s)),
        Hypothesis("X is a compact subset of ℝⁿ", r"X \subset \mathbb R^n \text{ compact}"),
    ),
    conclusion=r"\{\textstyle\sum \alpha_j\, \sigma(w_j\cdot x + b_j)\} \text{ is dense in } C(X)",
    says=("sums Σ α_j σ(w_j·x + b_j) are dense in C(X)"),
    proof=(
        duality.HAHN_BANACH,
        duality.RIESZ_CONTINUOUS,
        duality.ANNIHILATED,
        duality.PROJECTIONS,
        duality.SMOOTHING,
        duality.CHANGE,
        duality.IDEAL,
    ),
    reference=f"{REFERENCE}, theorem 2",
    notes=("For σ(t) → 0, 1 this is Cybenko's theorem, on any compact set.",),
    witnesses=("staircase", "jackson", "product", "bernstein_network"),
)
