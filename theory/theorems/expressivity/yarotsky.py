"""Yarotsky 2017, Telgarsky 2017: x² by a deep ReLU network, a quarter of the error a layer."""

from backproof.theory.theorems.expressivity.telgarsky import COMPOSITION
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

YAROTSKY = Theorem(
    name="yarotsky",
    title="The square by a deep network",
    part="expressivity",
    uses=("telgarsky",),
    lecture="universality with depth; expressivity",
    hypotheses=(Hypothesis("m layers", r"m \in \mathbb N"),),
    conclusion=(
        r"\sup_{[0,1]} \Big| x^2 - \Big(x - \sum_{s=1}^{m} \frac{f^s(x)}{4^s}\Big) \Big| = "
        r"2^{-2m-2}"
    ),
    says=("a ReLU network of m layers of width three is within 2^(−2m−2) of x² on [0, 1], exactly"),
    proof=(
        COMPOSITION,
        ProofStep(
            "Chords of a finer grid",
            r"f_{m-1} - f_m = 4^{-m} f^m",
            "f_m interpolates x² on the grid of step 2^−m: at each new grid point the chord is "
            "above x² by (2^{−m+1})²/4 = 4^−m, which is where the saw f^m is one.",
            ("derived",),
            "backproof.theory.universality.triangle",
        ),
        ProofStep(
            "The error of chords",
            r"\max \Big| x^2 - \text{chord} \Big| = \frac{h^2}{4} = 2^{-2m-2},\quad h = 2^{-m}",
            "At the middle of every chord.",
            ("derived", "exact"),
            "backproof.theory.universality.triangle",
        ),
        ProofStep(
            "Width three",
            r"(\mathrm{relu}(T),\, \mathrm{relu}(T - \tfrac12),\, \text{sum})",
            "Two nodes carry the saw, one the sum so far, which is not negative.",
            ("derived",),
            "backproof.numerics.universality.witnesses.yarotsky",
        ),
    ),
    reference=(
        "D. Yarotsky, Error bounds for approximations with deep ReLU networks, Neural Networks 94 "
        "(2017) 103–114, proposition 2; M. Telgarsky, Neural networks and rational functions, "
        "ICML 2017"
    ),
    notes=(
        "2^m pieces with error 1/(4·4^m): twice the least error 1/(8n²) that n pieces can have.",
    ),
    witnesses=("yarotsky",),
)
