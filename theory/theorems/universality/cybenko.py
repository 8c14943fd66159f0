"""Cybenko 1989: sums of sigmoidal units are dense in the continuous functions on a cube."""

from backproof.theory.hypotheses.limits import sigmoidal
from backproof.theory.hypotheses.smoothness import continuous
from backproof.theory.proofs import duality
from backproof.theory.theorems.theorem import Hypothesis, Theorem

CYBENKO = Theorem(
    name="cybenko",
    title="Cybenko's theorem",
    lecture="universality, theorem of Cybenko and its proof",
    hypotheses=(
        Hypothesis("σ is continuous", r"\sigma \in C(\mathbb R)", lambda s, _: continuous(s)),
        Hypothesis(
            "σ has the limits 0 at −∞ and 1 at +∞",
            r"\sigma(t) \to 0 \;(t \to -\infty), \quad \sigma(t) \to 1 \;(t \to \infty)",
            lambda s, _: sigmoidal(s),
        ),
    ),
    conclusion=(
        r"\{\textstyle\sum_{j \le N} \alpha_j\, \sigma(w_j \cdot x + b_j)\} "
        r"\text{ is dense in } C([0,1]^n),\; \lVert\cdot\rVert_\infty"
    ),
    says=("sums Σ α_j σ(w_j·x + b_j) are dense in C([0,1]ⁿ), in the sup norm"),
    proof=(
        duality.HAHN_BANACH,
        duality.RIESZ_CONTINUOUS,
        duality.ANNIHILATED,
        duality.LIMITS,
        duality.HALF_SPACES,
        duality.PROJECTIONS,
        duality.INTERVALS,
    ),
    reference=(
        "G. Cybenko, Approximation by superpositions of a sigmoidal function, Mathematics of "
        "Control, Signals and Systems 2 (1989) 303–314, theorems 1 and 2"
    ),
    notes=(
        "Monotonicity is not needed. Limits a ≠ b other than 0 and 1, as of tanh, are reduced to "
        "these by (σ − a)/(b − a), the constant function being in the closure.",
    ),
    witnesses=("steps", "staircase", "jackson", "product", "ridge"),
)
