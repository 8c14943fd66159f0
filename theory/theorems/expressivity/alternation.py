"""The sharper count behind Telgarsky's theorem: ½ − (t + 1)/(2n) in place of (n − 4t)/(3n)."""

from backproof.theory.theorems.expressivity.telgarsky import COMPOSITION, TRIANGLE
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

ALTERNATION = Theorem(
    name="alternation",
    title="Alternating points and few pieces, the exact count",
    part="expressivity",
    uses=("telgarsky", "relu-pieces"),
    lecture="course plan, expressivity: why depth",
    hypotheses=(
        Hypothesis(
            "n points of the line with labels 0, 1, 0, 1, …",
            r"x_0 < \dots < x_{n-1}, \; y_i = i \bmod 2",
        ),
        Hypothesis("g has t affine pieces and is continuous", r"g \in C, \; t < n"),
    ),
    conclusion=(
        r"\min_g R(g) = \frac1n\Big\lceil \frac{n - t - 1}{2} \Big\rceil \ge "
        r"\frac12 - \frac{t + 1}{2n}, \qquad \int_0^1 |f^k - \tfrac12| = \tfrac14"
    ),
    says=(
        "the least error of a continuous function of t pieces on n alternating points is "
        "⌈(n − t − 1)/2⌉/n, and a network of l layers of width m has t ≤ (m + 1)^l"
    ),
    proof=(
        ProofStep(
            "Runs",
            r"\text{errors} \ge \sum_i \lfloor p_i/2 \rfloor \ge \sum_i \frac{p_i - 1}{2} = "
            r"\frac{n - r}{2}",
            "On a run of p alternating points a constant errs at least ⌊p/2⌋ times; the number of "
            "errors is an integer, so it is at least ⌈(n − r)/2⌉.",
            ("derived",),
            "backproof.theory.expressivity.runs",
        ),
        ProofStep(
            "Attained",
            r"p = (1, \dots, 1, n - r + 1): \quad \lfloor (n - r + 1)/2 \rfloor = "
            r"\lceil (n - r)/2 \rceil",
            "Single points that are right, then one long run. A dynamic programme over (points, "
            "runs, last label) and, for n ≤ 12, all labellings find the same.",
            ("derived", "enumerated"),
            "backproof.theory.expressivity.runs",
        ),
        ProofStep(
            "Pieces that need not meet",
            r"r \le 2t: \quad R(g) \ge \tfrac12 - \tfrac tn",
            "A level cuts each piece at most once.",
            ("derived",),
        ),
        ProofStep(
            "Pieces that meet",
            r"r \le t + 1: \quad R(g) \ge \tfrac12 - \tfrac{t + 1}{2n}",
            "On a closed piece 1[g ≥ ½] is monotone, so it changes at most once; closed pieces of "
            "a continuous function share their ends, so nothing changes between them.",
            ("derived",),
        ),
        ProofStep(
            "By a network",
            r"g = \sum_{i < t} c_i\, \mathrm{relu}(x - x_i), \quad c_0 = n,\; c_i = \pm 2n",
            "One hidden layer of t nodes passes through the first t + 1 points and goes on: t + 1 "
            "runs, the last one long.",
            ("derived", "exact"),
            "backproof.numerics.expressivity.sawtooth",
        ),
        TRIANGLE,
        COMPOSITION,
        ProofStep(
            "Oscillation in the mean",
            r"\int_0^1 |f^{k+1} - \tfrac12| = \tfrac12\int_0^1 |f^k - \tfrac12| + "
            r"\tfrac12\int_0^1 |f^k - \tfrac12|",
            "Substitution on each half: the integral does not depend on k and is "
            "∫|x − ½| = ¼. Oscillations do not shrink.",
            ("derived",),
            "backproof.theory.expressivity.triangle_map",
        ),
    ),
    reference=(
        "Proved here; it sharpens lemma 3.1 and theorem 1.1 of M. Telgarsky, Representation "
        "benefits of deep feedforward networks, arXiv:1509.08101 (2015)"
    ),
    notes=(
        "Under Telgarsky's hypothesis (2m)^l ≤ 2^(k−3) the error is at least 7/16 − 2^(−k−1), not "
        "only 1/6; and with (m + 1)^l pieces the hypothesis itself may be weakened.",
        "Numbers of lemmas in the reference are from memory, unconfirmed.",
    ),
)
