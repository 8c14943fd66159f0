"""Telgarsky 2015: deep networks that no shallow one of moderate width comes near to."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

REFERENCE = (
    "M. Telgarsky, Representation benefits of deep feedforward networks, arXiv:1509.08101 (2015), "
    "theorem 1.1; Benefits of depth in neural networks, COLT 2016"
)
TRIANGLE = ProofStep(
    "The triangle map",
    r"f(x) = \mathrm{relu}(2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x - \tfrac12)) = "
    r"\begin{cases} 2x & 0 \le x \le \tfrac12 \\ 2 - 2x & \tfrac12 \le x \le 1\end{cases}",
    "Two layers, of two nodes and of one.",
    ("derived",),
    "backproof.theory.expressivity.triangle_map",
)
COMPOSITION = ProofStep(
    "Composition",
    r"f^{k+1}(x) = f^k(2x) \text{ on } [0, \tfrac12], \quad f^k(2 - 2x) \text{ on } [\tfrac12, 1]",
    "So f^{k+1} is a copy of f^k and a mirrored one: twice as many pieces, twice as many teeth. By "
    "induction f^k has 2^k pieces and 2^(k−1) teeth, and f^k(i/2^k) = i mod 2.",
    ("derived", "exact"),
    "backproof.numerics.expressivity.sawtooth",
)

TELGARSKY = Theorem(
    name="telgarsky",
    title="Telgarsky's theorem",
    part="expressivity",
    uses=("relu-pieces",),
    lecture="course plan, expressivity: why depth",
    hypotheses=(
        Hypothesis("k, l and m are positive integers", r"k, l, m \in \mathbb N"),
        Hypothesis("the shallow width is moderate", r"m \le 2^{(k - 3)/l - 1}"),
    ),
    conclusion=(
        r"\exists\, (x_i, y_i)_{i < 2^k}: \quad "
        r"\min_{2k \text{ layers},\, \le 2 \text{ nodes}} R(g) = 0, \qquad "
        r"\min_{l \text{ layers of } m} R(g) \ge \tfrac16"
    ),
    says=(
        "there are 2^k points on which some ReLU network of 2k layers with at most two nodes each "
        "errs nowhere while every one of l layers of width m errs on at least a sixth"
    ),
    proof=(
        TRIANGLE,
        COMPOSITION,
        ProofStep(
            "Pieces of the shallow network",
            r"t \le (2m)^l",
            "As in the paper: the sum of m functions of p pieces has at most mp, a ReLU doubles "
            "them.",
            ("derived",),
            "backproof.theory.expressivity.pieces",
        ),
        ProofStep(
            "Crossings",
            r"2t \text{ intervals on which } \mathbf 1[g \ge \tfrac12] \text{ is constant}",
            "A level cuts an affine piece at most once.",
            ("derived",),
        ),
        ProofStep(
            "Errors",
            r"R(g) \ge \frac{n - 4t}{3n}",
            "At most 4t of the n points lie in intervals with one or two; of p ≥ 3 alternating "
            "points in one interval at least (p − 1)/2 ≥ p/3 are wrong.",
            ("derived",),
            "backproof.theory.expressivity.runs",
        ),
        ProofStep(
            "Counting",
            r"(2m)^l \le 2^{k - 3},\; n = 2^k \implies R(g) \ge \frac{1 - \tfrac12}{3} = \frac16",
            "The hypothesis on m in other words.",
            ("derived",),
        ),
    ),
    reference=REFERENCE,
    notes=("R(g) is the share of points with 1[g(x) ≥ ½] ≠ y.",),
)
