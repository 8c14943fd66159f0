"""A ReLU network of one input has at most Π (m_i + 1) affine pieces, and that is attained."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

RELU_PIECES = Theorem(
    name="relu-pieces",
    title="The affine pieces of a ReLU network of one input",
    part="expressivity",
    lecture="width and depth of feed-forward networks",
    hypotheses=(
        Hypothesis("one input, layers of m₁, …, m_l ReLU nodes", r"N : \mathbb R \to \mathbb R"),
    ),
    conclusion=(
        r"\text{pieces}(N) \le \prod_{i=1}^{l} (m_i + 1), \quad "
        r"\text{attained for all } m_i = m \text{ exactly if } m \ge 3 \text{ or } l = 1"
    ),
    says=(
        "a ReLU network of one input has at most Π (m_i + 1) affine pieces; for equal widths m "
        "that is attained exactly if m ≥ 3 or there is one layer"
    ),
    proof=(
        ProofStep(
            "Units of a layer share their knots",
            r"K' \le K + m(K + 1)",
            "A layer's units are combinations of the units before, whose union of knots has K "
            "points. On each of the K + 1 pieces a unit is affine and has at most one zero, where "
            "its ReLU adds a knot.",
            ("derived",),
            "backproof.theory.expressivity.pieces",
        ),
        ProofStep(
            "Pieces are knots and one",
            r"K' + 1 \le (m + 1)(K + 1)",
            "By induction over the layers, beginning with one piece. An affine output adds none.",
            ("derived",),
            "backproof.theory.expressivity.pieces",
        ),
        ProofStep(
            "Attained",
            r"s_0 = s_2 + s_3,\; \textstyle\sum_i 1/s_i = 1 \;\implies\; "
            r"\text{one layer maps each of } m + 1 \text{ intervals onto } [0, 1]",
            "Slopes ±s_i in turn. The slope at knot i changes by ∓(s_{i−1} + s_i); unit 3 points "
            "to the left and gives the slope s₀ = s₂ + s₃ there. Compositions multiply the pieces, "
            "and the affine combination of one layer is merged with the weights of the next.",
            ("derived", "exact"),
            "backproof.numerics.expressivity.piecewise",
        ),
        ProofStep(
            "Not attained by narrow networks",
            r"m \le 2,\; l \ge 2: \quad \text{pieces} \le (m^2 + m + 1)(m + 1)^{l - 2} < (m + 1)^l",
            "In the second layer m + 1 zeros of a unit on m + 1 pieces need slopes that alternate "
            "strictly. For one or two ReLUs no orientation allows that: the inequalities for the "
            "jumps have no solution (Fourier and Motzkin's elimination).",
            ("derived", "enumerated"),
            "backproof.theory.expressivity.pieces.alternating",
        ),
    ),
    reference=(
        "Proved here. For regions in more dimensions: G. Montúfar, R. Pascanu, K. Cho, Y. Bengio, "
        "On the number of linear regions of deep neural networks, NeurIPS 2014; T. Serra, "
        "C. Tjandraatmadja, S. Ramalingam, Bounding and counting linear regions of deep neural "
        "networks, ICML 2018"
    ),
    notes=(
        "Telgarsky (2015) adds up the pieces of units one by one, which gives (2m)^l: larger as "
        "soon as m > 1.",
        "One layer of m units whose knots differ has m + 1 pieces on the line, for every m.",
    ),
)
