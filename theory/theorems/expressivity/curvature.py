"""Safran and Shamir 2016 on smooth targets: what curves costs affine pieces, so width or depth."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

REFERENCE = (
    "I. Safran, O. Shamir, Depth-width tradeoffs in approximating natural functions with neural "
    "networks, ICML 2017 (arXiv:1610.09887)"
)
DERIVED = "backproof.theory.expressivity.curvature"

CURVATURE = Theorem(
    name="curvature",
    title="Safran and Shamir: smooth targets need pieces",
    part="expressivity",
    uses=("relu-pieces",),
    lecture="course plan, expressivity: depth against width",
    hypotheses=(
        Hypothesis("f is twice differentiable, |f″| ≥ c on an interval", r"|f''| \ge c > 0"),
        Hypothesis("N is a ReLU network with layers of m₁, …, m_l", r"n = \prod (m_i + 1)"),
    ),
    conclusion=(
        r"\int (f - N)^2 \ge \frac{c^2 L^5}{720\, n^4}, \qquad "
        r"\sup |f - N| \ge \frac{c\, L^2}{16\, n^2}"
    ),
    says=(
        "on an interval of length L where |f″| ≥ c a ReLU network of n pieces errs at least "
        "c²L⁵/(720 n⁴) in mean square and cL²/(16 n²) in sup, which for x² on [0, 1] are "
        "1/(180 n⁴) and 1/(8 n²)"
    ),
    proof=(
        ProofStep(
            "One piece of x² in mean square",
            r"\min_{a,b} \int_0^h (x^2 - a - bx)^2\,dx = \frac{h^5}{180}",
            "Both derivatives vanish: two linear equations.",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "One piece of x² in sup",
            r"\min_{a,b} \sup_{[0,h]} |x^2 - a - bx| = \frac{h^2}{8}",
            "Equal errors of alternating signs at 0, h/2 and h (Chebyshev).",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "n pieces",
            r"\sum_i h_i^5 \ge \frac{L^5}{n^4}, \qquad \max_i h_i \ge \frac Ln",
            "h⁵ is convex (Jensen), and the longest piece is no shorter than the mean.",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "From x² to any f, in mean square",
            r"\int f P_2 = \int f'' K,\; K = \frac{x^2 (h - x)^2}{2h^2} \ge 0 \implies "
            r"\int (f - g)^2 \ge \frac{(c \int K)^2}{\int P_2^2} = \frac{c^2 h^5}{720}",
            "P₂ is orthogonal to affine g; integrated by parts twice, without terms at the ends.",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "From x² to any f, in sup",
            r"f(0) - 2 f(\tfrac h2) + f(h) \ge \frac{c h^2}{4} \implies "
            r"\sup |f - g| \ge \frac{c h^2}{16}",
            "f − cx²/2 is convex; the second difference of an affine g is zero.",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "Curvature that varies",
            r"\sum_i \frac{c_i^2 h_i^5}{720\, n_i^4} \ge "
            r"\frac{(\sum_i c_i^{2/5} h_i)^5}{720\,(n + q - 1)^4}",
            "Hölder's inequality over q adjacent intervals, whose q − 1 inner ends cut that many "
            "pieces more. Finer intervals give ∫|f″|^{2/5} in the limit.",
            ("derived",),
            DERIVED,
        ),
        ProofStep(
            "Width and depth",
            r"n \le \prod_i (m_i + 1) \le (m + 1)^l",
            "For accuracy ε at fixed depth l the width must grow like the power ε^{−1/2l}; with "
            "depth log 1/ε a width of three is enough for x² (Yarotsky).",
            ("derived",),
            "backproof.theory.expressivity.pieces",
        ),
    ),
    reference=REFERENCE,
    notes=(
        "The paper counts pieces by (2m)^l; Π (m_i + 1) is smaller, so the bound here is larger.",
        "inf |f″| is certified by an enclosure where a target is given.",
        "In more dimensions the sup bound holds with the second derivative along any segment: on "
        "it a network is one of one input, with the same widths.",
    ),
)
