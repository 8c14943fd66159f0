"""Hornik 1991, theorem 4: derivatives in mean, for any finite measure."""

from backproof.theory.hypotheses.limits import derivatives_bounded
from backproof.theory.hypotheses.smoothness import differentiable
from backproof.theory.proofs import duality
from backproof.theory.theorems.theorem import Hypothesis, Theorem
from backproof.theory.theorems.universality.hornik_lp import BOUNDED, NONCONSTANT, REFERENCE
from backproof.theory.theorems.universality.hornik_smooth import DERIVATIVES, MOLLIFIED

HORNIK_WEIGHTED = Theorem(
    name="hornik-weighted",
    title="Hornik's theorem in C^{m,p}(μ), any finite measure",
    uses=("hornik-smooth",),
    lecture="universality, Hornik (iv)",
    hypotheses=(
        BOUNDED,
        NONCONSTANT,
        Hypothesis(
            "σ is m times continuously differentiable", r"\sigma \in C^m(\mathbb R)", differentiable
        ),
        Hypothesis(
            "the derivatives of σ up to order m are bounded",
            r"\sup|\sigma^{(k)}| < \infty,\; k \le m",
            derivatives_bounded,
        ),
        Hypothesis("μ is a finite measure on ℝⁿ", r"\mu(\mathbb R^n) < \infty"),
    ),
    conclusion=(
        r"\{\textstyle\sum \alpha_j\, \sigma(w_j\cdot x + b_j)\} \text{ is dense in } C^{m,p}(\mu)"
    ),
    says=("sums Σ α_j σ(w_j·x + b_j) are dense in C^{m,p}(μ)"),
    proof=(
        duality.HAHN_BANACH,
        DERIVATIVES,
        duality.ANNIHILATED,
        MOLLIFIED,
        duality.PROJECTIONS,
        duality.CHANGE,
        duality.IDEAL,
    ),
    reference=f"{REFERENCE}, theorem 4",
    order=True,
    notes=(
        "Bounded derivatives put the units into C^{m,p}(μ) for every finite μ.",
        "The witnesses below are on [0, 1]; those on the whole line, for a Gaussian μ, are in the "
        "table of what was predicted and measured.",
    ),
    witnesses=("taylor",),
)
