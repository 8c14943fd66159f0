"""Arora, Bhaskara, Ge and Ma 2014: random sparse networks are read and learnt, layer by layer."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

LAYER = "backproof.theory.generative.sparse_layer"

ARORA_BHASKARA_GE_MA = Theorem(
    name="arora-bhaskara-ge-ma",
    title="Random sparse networks are autoencoders (Arora, Bhaskara, Ge and Ma)",
    part="generative",
    lecture="generative models: learning deep representations layer by layer",
    hypotheses=(
        Hypothesis(
            "m × n pairs have an edge with probability d/m and a fair sign, independently",
            r"P(G_{vu} = \pm 1) = \tfrac{p}{2}, \quad p = \tfrac dm",
        ),
        Hypothesis(
            "s of n hidden units are active, and y is the sign of Gh",
            r"|h| = s, \qquad y = [G h > 0]",
        ),
        Hypothesis(
            "few active units meet in one observed unit: s d/m is small",
            r"\frac{s d}{m} \ll 1",
        ),
    ),
    conclusion=(
        r"\hat h = [G^{\mathsf T} y > 0.2\, d]: \qquad "
        r"\max(f_1, f_0) \le P(\hat h \ne h) \le s f_1 + (n - s) f_0"
    ),
    says=(
        "the transposed matrix decodes what the matrix encodes, but for a chance that lies between "
        "one unit's and the sum over units, both known exactly, and that falls exponentially with "
        "d; pairs with a common parent are told by their covariance, which gives the graph"
    ),
    proof=(
        ProofStep(
            "Independent terms",
            r"(G^{\mathsf T} y)_u = \sum_{v=1}^m X_v, \qquad P(X_v = 1) = \alpha, \ "
            r"P(X_v = -1) = \beta",
            "Rows of G are independent. For an active unit α = (p/2) P(R ≥ 0) and "
            "β = (p/2) P(R ≥ 2) with R the sum of s − 1 edges; for the others "
            "α = β = (p/2) P(R > 0) with s edges.",
            ("derived", "exact"),
            LAYER,
        ),
        ProofStep(
            "Failure of a unit",
            r"f_1 = P(\textstyle\sum X_v \le 0.2 d), \qquad f_0 = P(\textstyle\sum X_v > 0.2 d)",
            "A + B is binomial, and A given it too: the tails are finite sums.",
            ("derived", "exact"),
            "backproof.numerics.generative.sparse_chances",
        ),
        ProofStep(
            "All units",
            r"\max(f_1, f_0) \le P(\hat h \ne h) \le s f_1 + (n - s) f_0",
            "One unit's failure is a failure; the union bound.",
            ("derived",),
        ),
        ProofStep(
            "The correlation test",
            r"\mathrm{Cov}(y_u, y_v) = \rho(1 - \rho)\,\big(P(R_{s-1} \ge 0) - P(R_s > 0)\big)^2",
            "Given whether their common parent is active the two bits are independent, over the "
            "draw of all other edges.",
            ("derived",),
            LAYER,
        ),
        ProofStep(
            "From pairs to the layer",
            r"\{v : G_{vu} = 1\} \text{ is a clique}",
            "Cliques of correlated units are the positive children of hidden units; a vote of them "
            "reads the unit; a lone positive parent whose child stays silent shows a negative "
            "edge. The layer above is learnt from the hidden units that were read.",
            ("cited",),
            "backproof.numerics.generative.layer_learning",
        ),
    ),
    reference=(
        "S. Arora, A. Bhaskara, R. Ge, T. Ma, Provable bounds for learning some deep "
        "representations, ICML 2014, arXiv:1310.6343"
    ),
    notes=(
        "The paper proves that its algorithm learns almost all networks with d = n^γ; here the "
        "chances are computed exactly at given sizes, and the algorithm is run.",
        "An observed unit without a positive edge is never active: its negative edges cannot be "
        "learnt by anyone and are not counted.",
        "The range of γ and of the densities in the paper, and the details of its graph recovery, "
        "are from memory, unconfirmed; nothing rests on them.",
    ),
)
