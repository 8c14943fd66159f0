"""Kesten and Stigum 1966 for broadcasting: the root is read from the leaves exactly if bθ² > 1."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

CENSUS = "backproof.theory.generative.census"
BELIEFS = "backproof.theory.generative.beliefs"

KESTEN_STIGUM = Theorem(
    name="kesten-stigum",
    title="The Kesten–Stigum threshold of broadcasting on trees",
    part="generative",
    lecture="generative models: broadcasting on trees",
    hypotheses=(
        Hypothesis(
            "every vertex of a tree has b children",
            r"|\mathrm{children}(v)| = b \ge 2",
        ),
        Hypothesis(
            "the root is ±1 by a fair coin; a child copies with probability θ and else is fair",
            r"P(\sigma_{\text{child}} = \pm\sigma_{\text{parent}}) = \tfrac{1 \pm \theta}{2}, "
            r"\quad 0 \le \theta \le 1",
        ),
    ),
    conclusion=(
        r"b\theta^2 > 1: \ \rho_n^2 \to \frac{b\theta^2 - 1}{b\theta^2 - \theta^2}; \qquad "
        r"b\theta^2 < 1: \ \mathbb E\,(\mathbb E[\sigma_{\text{root}} \mid "
        r"\sigma_{\text{level } n}])^2 \le (b\theta^2)^n \to 0"
    ),
    says=(
        "for bθ² > 1 the sum of the leaves keeps the squared correlation "
        "(bθ² − 1)/(bθ² − θ²) with the root; for bθ² < 1 the leaves forget the root, whatever "
        "reads them"
    ),
    proof=(
        ProofStep(
            "Mean and variance",
            r"m_{n+1} = b\theta\, m_n, \qquad V_{n+1} = b\,(V_n + m_n^2(1 - \theta^2))",
            "Given the root, the b subtrees are independent; total expectation and variance over "
            "the spin of each child.",
            ("derived",),
            CENSUS,
        ),
        ProofStep(
            "The threshold",
            r"r_{n+1} = \frac{r_n + 1 - \theta^2}{b\theta^2}, \qquad r_n = V_n/m_n^2",
            "The recursion contracts exactly if bθ² > 1; ρ² = 1/(1 + r) at its fixed point is the "
            "limit. Otherwise r grows without bound and ρ² tends to 0.",
            ("derived",),
            CENSUS,
        ),
        ProofStep(
            "A correlation can be used",
            r"\mathrm{TV}(P_+, P_-) \ge \rho_n^2, \qquad "
            r"P(\text{the likelier spin is right}) \ge \tfrac12(1 + \rho_n^2)",
            "By Cauchy and Schwarz (E₊S − E₋S)² ≤ ∫S² d(P₊ + P₋) ∫(dP₊ − dP₋)²/d(P₊ + P₋), and the "
            "last integral is at most 2 TV.",
            ("derived",),
        ),
        ProofStep(
            "Two channels seen together",
            r"m_1^2 + m_2^2 - \mathbb E M^2 = "
            r"\frac{m_1^2 m_2^2\,(2 - m_1^2 - m_2^2)}{1 - m_1^2 m_2^2} \ge 0",
            "Given |M| = m a channel shows the spin with probability (1 + m)/2. Bayes' rule, for "
            "what agrees and for what differs.",
            ("derived",),
            BELIEFS,
        ),
        ProofStep(
            "Nothing is left below",
            r"x_{n+1} \le b\,\theta^2 x_n, \qquad x_n = \mathbb E M_n^2",
            "An edge multiplies M by θ, and b channels add their second moments at most.",
            ("derived",),
            BELIEFS,
        ),
    ),
    reference=(
        "H. Kesten, B. P. Stigum, Annals of Mathematical Statistics 37 (1966) 1463–1481; "
        "P. Bleher, J. Ruiz, V. Zagrebnov, Journal of Statistical Physics 79 (1995) 473–482; "
        "W. Evans, C. Kenyon, Y. Peres, L. Schulman, Broadcasting on trees and the Ising model, "
        "Annals of Applied Probability 10 (2000) 410–433"
    ),
    notes=(
        "At bθ² = 1 the leaves forget the root too; that is cited, not proved here.",
        "With q > 2 colours the limit of the census is the same with λ for θ, but bλ² < 1 no "
        "longer means that all is lost: see the theorem mossel.",
    ),
)
