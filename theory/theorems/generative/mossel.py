"""Mossel 2016: where only deep algorithms read a hierarchical model."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

PLURALITY = "backproof.theory.generative.plurality"

MOSSEL = Theorem(
    name="mossel",
    title="Depth is needed for hierarchical models (Mossel)",
    part="generative",
    lecture="generative models: hierarchical models and deep learning",
    uses=("kesten-stigum",),
    hypotheses=(
        Hypothesis("every vertex of a tree has b children", r"|\mathrm{children}(v)| = b"),
        Hypothesis(
            "a child copies one of q colours with probability λ and else draws one uniformly",
            r"M = \lambda I + \tfrac{1 - \lambda}{q}\,\mathbf 1\mathbf 1^{\mathsf T}",
        ),
        Hypothesis(
            "copies multiply and correlations do not",
            r"b\lambda > 1 > b\lambda^2",
        ),
        Hypothesis(
            "q is large enough: F(p) ≥ p for some p > 1/q, which is decided exactly",
            r"F(p) = \sum_k \tbinom bk a^k (1-a)^{b-k}\, w_k \ge p, \quad a = a(p)",
        ),
    ),
    conclusion=(
        r"P(\text{plurality is right at depth } n) \ge p \ \text{ for all } n, "
        r"\qquad \rho_n^2 \to 0"
    ),
    says=(
        "an algorithm that goes through the tree level by level reads the root with probability at "
        "least p at every depth, while the counts of the leaves lose all correlation with it"
    ),
    proof=(
        ProofStep(
            "Copies survive",
            r"p_{n+1} = 1 - (1 - \lambda p_n)^b \to p_\infty > 0 \iff b\lambda > 1",
            "A chain of copies from the root is percolation; the limit is the largest fixed point.",
            ("derived",),
            "backproof.theory.generative.percolation",
        ),
        ProofStep(
            "One level",
            r"P(\text{right at depth } n+1) = F(P(\text{right at depth } n))",
            "By symmetry a wrong guess is uniform on the other colours, so the guesses of the "
            "children are b independent votes; w_k counts how often k votes win, exactly.",
            ("derived", "exact"),
            PLURALITY,
        ),
        ProofStep(
            "Every level",
            r"w_0 \le w_1 \le \dots \le w_b \implies F' \ge 0, \qquad "
            r"F(p) \ge p \implies F^n(1) \ge p",
            "F is a Bernstein polynomial in a with increasing coefficients and a increases with p. "
            "Both are decided in fractions.",
            ("derived", "exact"),
            PLURALITY,
        ),
        ProofStep(
            "The census decays",
            r"\rho_n^2 \le C\,(b\lambda^2)^n \to 0",
            "The recursion of second moments for any function of the colours, as for two.",
            ("derived",),
            "backproof.theory.generative.census",
        ),
    ),
    reference=(
        "E. Mossel, Deep learning and hierarchical generative models, arXiv:1612.09057 (2016); "
        "E. Mossel, Reconstruction on trees: beating the second eigenvalue, Annals of Applied "
        "Probability 11 (2001) 285–300; E. Mossel, Y. Peres, Information flow on trees, Annals of "
        "Applied Probability 13 (2003) 817–844"
    ),
    notes=(
        "The library proves the deep half for given b, q and λ, and the shallow half for linear "
        "functions of the counts; that for bλ² < 1 no function of the counts keeps information is "
        "the theorem of Mossel and Peres, cited.",
        "At small depths the census is the better reader: it fails once q (bλ²)^n is small.",
        "The paper's model has labels for groups of leaves and many traits; here the root of one "
        "trait is read, which is its core. Its wording is from memory, unconfirmed.",
    ),
)
