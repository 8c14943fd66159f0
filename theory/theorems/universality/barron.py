"""Barron 1993: a rate that does not depend on the dimension, for functions of few frequencies."""

from backproof.theory.hypotheses.limits import sigmoidal
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

BARRON = Theorem(
    name="barron",
    title="Barron's theorem",
    uses=("cybenko", "maurey-jones"),
    lecture="universality, how many units",
    hypotheses=(
        Hypothesis(
            "σ has the limits 0 at −∞ and 1 at +∞",
            r"\sigma(t) \to 0 \;(t \to -\infty), \quad \sigma(t) \to 1 \;(t \to \infty)",
            lambda s, _: sigmoidal(s),
        ),
        Hypothesis("σ is bounded and measurable", r"\sup |\sigma| < \infty"),
        Hypothesis(
            "f has a Fourier representation with C_f finite",
            r"f(x) = \int e^{i \xi\cdot x} F(d\xi),\; C_f = \int |\xi|\, |F|(d\xi) < \infty",
        ),
        Hypothesis("μ is a probability on the ball of radius r", r"\mu\{|x| \le r\} = 1"),
    ),
    conclusion=(
        r"\exists\, f_n(x) = c_0 + \sum_{j=1}^n c_j\, \sigma(w_j\cdot x + b_j): \quad "
        r"\int (f - f_n)^2\, d\mu \le \frac{(2 r C_f)^2}{n}"
    ),
    says=("some network of n sigmoidal units is within (2 r C_f)²/n of f in mean square"),
    proof=(
        ProofStep(
            "The constant",
            r"f = e^{-|x|^2/2}: \quad C_f = \mathbb E\,|\mathcal N(0, I_d)| = "
            r"\sqrt2\, \frac{\Gamma(\frac{d+1}{2})}{\Gamma(\frac d2)}",
            "Derived by a radial integral; for sums of sines and cosines C_f adds up amplitudes "
            "times frequencies; for polynomials on a ball it is bounded by a periodic extension.",
            ("derived",),
            "backproof.theory.universality.barron",
        ),
        ProofStep(
            "A convex hull",
            r"f - f(0) \in \overline{\operatorname{conv}}\{\pm 2 r C_f\, \mathbf 1[w\cdot x + b > "
            r"0]\}",
            "On each frequency f is a function of one variable, a combination of steps whose "
            "variation is at most 2r|ξ| (Barron, theorem 2 and lemma 5); steps are limits of steep "
            "units.",
            ("cited",),
        ),
        ProofStep(
            "Greedy approximation",
            r"\lVert f - f_n \rVert^2 \le \Big(1 - \frac1n\Big)^2 \lVert f - f_{n-1}\rVert^2 + "
            r"\frac{K^2 - \lVert f\rVert^2}{n^2} \implies \lVert f - f_n\rVert^2 \le \frac{K^2}{n}",
            "The average over a representation of f in the hull is a bound for the best unit "
            "(Maurey, Jones).",
            ("derived",),
            "backproof.numerics.universality.greedy",
        ),
    ),
    reference=(
        "A. R. Barron, Universal approximation bounds for superpositions of a sigmoidal function, "
        "IEEE Transactions on Information Theory 39 (1993) 930–945, theorem 1"
    ),
    notes=("Numbers of lemmas are from memory, unconfirmed.",),
    witnesses=("barron",),
)
