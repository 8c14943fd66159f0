"""Cohen, Sharir and Shashua 2015: almost every deep circuit is exponentially wide when flat."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

REFERENCE = (
    "N. Cohen, O. Sharir, A. Shashua, On the expressive power of deep learning: a tensor analysis, "
    "COLT 2016 (arXiv:1509.05009)"
)
CIRCUITS = "backproof.theory.expressivity.circuits"
RANKS = "backproof.numerics.expressivity.ranks"
TENSOR = ProofStep(
    "A network is a tensor",
    r"h(F_1, \dots, F_N) = \langle T, F_1 \otimes \dots \otimes F_N \rangle",
    "Linear layers and products of pairs of channels are multilinear in the patches: one hidden "
    "layer gives T = Σ_z top_z U_1[z] ⊗ … ⊗ U_N[z] (CP), more of them the hierarchical Tucker "
    "decomposition. Both are stated as traced einsums.",
    ("derived", "exact"),
    CIRCUITS,
)
POLYNOMIAL = ProofStep(
    "One minor that is not zero",
    r"\det T_{R,C}(\theta_0) \ne 0 \implies \operatorname{rank} \ge |R| \text{ for almost every } "
    r"\theta",
    "A minor is a polynomial in the parameters. One that is not the zero polynomial vanishes on a "
    "set of Lebesgue measure zero only. An integer θ₀ with its minor is the certificate.",
    ("derived", "exact"),
    RANKS,
)

COHEN = Theorem(
    name="cohen",
    title="Cohen, Sharir and Shashua: deep circuits against shallow ones",
    part="expressivity",
    lecture="course plan, expressivity: convolution and pooling as tensors",
    hypotheses=(
        Hypothesis("N = 2^L patches of M features", r"F_1, \dots, F_N \in \mathbb R^M"),
        Hypothesis(
            "T is the tensor of a network of L hidden layers, r₀ channels in the first",
            r"V_{l,j} = A_{l,j}(V_{l-1,2j-1} \odot V_{l-1,2j})",
        ),
    ),
    conclusion=(
        r"\operatorname{rank}_{CP} T \ge \operatorname{rank} T_{odd,even} = \min(r_0, M)^{N/2} "
        r"\quad \text{for almost all parameters}"
    ),
    says=(
        "almost every tensor of a deep convolutional arithmetic circuit has CP rank at least "
        "min(r₀, M)^(N/2), so that a shallow network needs so many channels to equal it"
    ),
    proof=(
        TENSOR,
        ProofStep(
            "A CP tensor of Z terms",
            r"\operatorname{rank} (u_1 \otimes \dots \otimes u_N)_{odd,even} = 1 \implies "
            r"\operatorname{rank} T_{odd,even} \le Z",
            "A product of vectors is the outer product of its odd and its even part; ranks of sums "
            "add up at most.",
            ("derived",),
            CIRCUITS,
        ),
        ProofStep(
            "Not more for a deep one",
            r"V_1[\gamma] = \sum_\alpha A_{\gamma\alpha}\, U_1[\alpha] \otimes U_2[\alpha] \in "
            r"\operatorname{span} U_1 \otimes \operatorname{span} U_2",
            "Each span has dimension at most min(r₀, M), and everything above takes Kronecker "
            "products and sums of these matrices in the same N/2 pairs of spaces.",
            ("derived",),
            CIRCUITS,
        ),
        ProofStep(
            "A witness for every size",
            r"U_j[\alpha] = e_\alpha,\; A_1 = (1, \dots, 1) \implies "
            r"T = \bigotimes_{j=1}^{N/2} \sum_\alpha e_\alpha \otimes e_\alpha, \quad "
            r"T_{odd,even} = I",
            "Passed on unchanged above. The identity of size min(r₀, M)^(N/2) is a minor that is "
            "one.",
            ("derived", "exact"),
            CIRCUITS,
        ),
        POLYNOMIAL,
    ),
    reference=f"{REFERENCE}, theorem 1",
    notes=(
        "Small integers meet the set of measure zero: a coefficient that is zero is enough to lose "
        "half of the rank. So a few points are drawn, and one of them is the certificate.",
        "The theorem has been checked by a proof assistant elsewhere: A. Bentkamp, Expressiveness "
        "of deep learning, Archive of Formal Proofs, 2016 (Isabelle).",
    ),
)

COHEN_CUT = Theorem(
    name="cohen-cut",
    title="Cohen, Sharir and Shashua: circuits cut at a level",
    part="expressivity",
    uses=("cohen",),
    lecture="course plan, expressivity: every layer counts",
    hypotheses=(
        Hypothesis("T is as in cohen, with r_l channels at level l", r"r_0, \dots, r_{L-1}"),
        Hypothesis(
            "another network multiplies all nodes at once after l hidden layers",
            r"1 \le l \le L",
        ),
    ),
    conclusion=(
        r"\text{its last hidden layer needs } q_{l-1}^{\,2^{L-l}} \text{ channels},\quad "
        r"q_0 = \min(r_0, M),\; q_l = \min(r_l, r_{l-1}, q_{l-1}^2)"
    ),
    says=(
        "to equal almost any deep circuit, a network cut after l hidden layers needs "
        "q^(2^(L−l)) channels in the last, with q the number of free tensors of a node below"
    ),
    proof=(
        TENSOR,
        ProofStep(
            "Groups of patches",
            r"G = 2^{l-1}: \quad \operatorname{rank} T_{odd,even}^{(G)} \le r'_{l-1}",
            "Matricised by groups of G neighbours, the cut network is a CP tensor of as many terms "
            "as its last hidden layer has channels.",
            ("derived",),
            CIRCUITS,
        ),
        ProofStep(
            "Free tensors of a node",
            r"\dim \operatorname{span}\{V_l[\gamma]\} \le q_l = \min(r_l, r_{l-1}, q_{l-1}^2)",
            "They are r_l combinations of r_{l−1} products of two tensors from spaces of dimension "
            "q_{l−1}. Kronecker products above give at most q_{l−1}^(2^(L−l)).",
            ("derived",),
            CIRCUITS,
        ),
        ProofStep(
            "A witness for every size",
            r"V_l[\alpha] = V_{l-1,left}[\alpha \operatorname{div} q] \otimes "
            r"V_{l-1,right}[\alpha \bmod q]",
            "Zeros and ones below level l make q_{l−1} independent products; at level l they are "
            "added up, Σ_α V[α] ⊗ V[α], and passed on: a permuted identity.",
            ("derived", "exact"),
            CIRCUITS,
        ),
        POLYNOMIAL,
    ),
    reference=f"{REFERENCE}, theorem 2, in a sharper form that is proved here",
    notes=(
        "The paper has min(M, r₀, …, r_{l−1}) in place of q_{l−1} (from memory, unconfirmed; "
        "nothing rests on it), which is smaller where M < r₀: for M = 2, r = 4, l = 2 it gives 4 "
        "and the rank is 16.",
        "The witness gives different weights to different positions, so shared weights are not "
        "covered by it for l ≥ 2.",
    ),
)
