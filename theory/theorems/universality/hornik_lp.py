"""Hornik 1991, theorem 1: density in L^p(μ) for a bounded nonconstant activation."""

from backproof.theory.hypotheses.limits import bounded, nonconstant
from backproof.theory.proofs import duality
from backproof.theory.theorems.theorem import Hypothesis, Theorem

BOUNDED = Hypothesis("σ is bounded", r"\sup|\sigma| < \infty", lambda s, _: bounded(s))
NONCONSTANT = Hypothesis(
    "σ is not constant", r"\sigma \not\equiv \text{const}", lambda s, _: nonconstant(s)
)
REFERENCE = (
    "K. Hornik, Approximation capabilities of multilayer feedforward networks, Neural Networks 4 "
    "(1991) 251–257"
)

HORNIK_LP = Theorem(
    name="hornik-lp",
    title="Hornik's theorem in L^p(μ)",
    lecture="universality, Hornik (i)",
    hypotheses=(
        BOUNDED,
        NONCONSTANT,
        Hypothesis("μ is a finite measure on ℝⁿ", r"\mu(\mathbb R^n) < \infty"),
        Hypothesis("1 ≤ p < ∞", r"1 \le p < \infty"),
    ),
    conclusion=(
        r"\{\textstyle\sum \alpha_j\, \sigma(w_j\cdot x + b_j)\} \text{ is dense in } L^p(\mu)"
    ),
    says=("sums Σ α_j σ(w_j·x + b_j) are dense in L^p(μ)"),
    proof=(
        duality.HAHN_BANACH,
        duality.RIESZ_LP,
        duality.ANNIHILATED,
        duality.PROJECTIONS,
        duality.SMOOTHING,
        duality.CHANGE,
        duality.IDEAL,
    ),
    reference=f"{REFERENCE}, theorem 1",
    notes=(
        "The lecture's wording leaves open whether continuity is meant here. It is not needed: "
        "bounded and nonconstant (and measurable) is the hypothesis; a step will do.",
        "Nonconstant must be read as: not constant almost everywhere. A function that differs "
        "from a constant at one point is nonconstant and useless.",
    ),
    witnesses=("steps", "monotone_steps", "barron"),
)
