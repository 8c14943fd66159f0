"""Hornik 1991, theorem 3: derivatives too, uniformly and in mean over compact supports."""

from backproof.theory.hypotheses.smoothness import differentiable
from backproof.theory.proofs import duality
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem
from backproof.theory.theorems.universality.hornik_lp import BOUNDED, NONCONSTANT, REFERENCE

DERIVATIVES = ProofStep(
    "Functionals on C^m",
    r"L(f) = \sum_{|\alpha| \le m} \int \partial^\alpha f \, d\mu_\alpha",
    "f ↦ (∂^α f) embeds C^m in a finite product of spaces C(X), on which Hahn–Banach and Riesz "
    "give one measure for each derivative (Adams, Sobolev Spaces, 3.9).",
    ("cited", "derived"),
)
MOLLIFIED = ProofStep(
    "Smoothing moves the derivatives",
    r"\int \partial^\alpha f_h \, d\mu_\alpha = (-1)^{|\alpha|}\int f \,\partial^\alpha g_h",
    "Convolved with a Gaussian the measures have smooth densities, and integration by parts turns "
    "L into one integral of f against a function, as in the case m = 0.",
    ("derived",),
    "backproof.theory.universality.smoothing",
)

HORNIK_SMOOTH = Theorem(
    name="hornik-smooth",
    title="Hornik's theorem in C^m(X) and C^{m,p}(μ), compact support",
    uses=("hornik-continuous",),
    lecture="universality, Hornik (iii)",
    hypotheses=(
        BOUNDED,
        NONCONSTANT,
        Hypothesis(
            "σ is m times continuously differentiable", r"\sigma \in C^m(\mathbb R)", differentiable
        ),
        Hypothesis("μ has compact support", r"\operatorname{supp}\mu \text{ compact}"),
    ),
    conclusion=(
        r"\{\textstyle\sum \alpha_j\, \sigma(w_j\cdot x + b_j)\} "
        r"\text{ is uniformly } m\text{-dense on compacta, and dense in } C^{m,p}(\mu)"
    ),
    says=("sums Σ α_j σ(w_j·x + b_j) are m-dense uniformly on compacta, and dense in C^{m,p}(μ)"),
    proof=(
        duality.HAHN_BANACH,
        DERIVATIVES,
        duality.ANNIHILATED,
        MOLLIFIED,
        duality.PROJECTIONS,
        duality.CHANGE,
        duality.IDEAL,
    ),
    reference=f"{REFERENCE}, theorem 3",
    order=True,
    notes=("The density is in C^m with the sup norms of all derivatives up to order m on X.",),
    witnesses=("monomials", "polynomials", "taylor"),
)
