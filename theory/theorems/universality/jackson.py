"""A rate for Cybenko's theorem in one dimension: staircases of logistic units."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

JACKSON = Theorem(
    name="jackson",
    title="A Jackson theorem for logistic staircases",
    uses=("cybenko",),
    lecture="universality, how many units",
    hypotheses=(
        Hypothesis("σ is the logistic function", r"\sigma(t) = 1/(1 + e^{-t})"),
        Hypothesis("f is continuous on [0, 1], with modulus ω", r"f \in C[0, 1]"),
    ),
    conclusion=(
        r"|F_n f - f| \le (1 + K_n)\, \omega(f, \tfrac1n), \quad F_n f(x) = "
        r"\frac{\sum_k f(k/n)\, \varphi(nx - k)}{\sum_k \varphi(nx - k)}, \quad K_n \le 1.4876"
    ),
    says=(
        "the quotient F_n f of two networks of n + 2 logistic units is within 2.4876 ω(f, 1/n) of "
        "f on [0, 1]"
    ),
    proof=(
        ProofStep(
            "Densities add up to one",
            r"\varphi(x) = \tfrac12 (\sigma(x + 1) - \sigma(x - 1)), \quad "
            r"\sum_{k \in \mathbb Z} \varphi(x - k) = 1",
            "The sum telescopes to four units.",
            ("derived",),
            "backproof.theory.universality.jackson",
        ),
        ProofStep(
            "The modulus of continuity",
            r"\omega(f, \lambda \delta) \le (1 + \lambda)\, \omega(f, \delta)",
            "So the error is at most ω(f, 1/n) times one and the mean distance of k from nx.",
            ("derived",),
        ),
        ProofStep(
            "Leaving out far terms",
            r"M_{A \cup B} \ge \min\big(M_A, \min_{k \in B} |u - k|\big), \quad "
            r"M_A = \frac{\sum_{k \in A} |u - k|\, \varphi(u - k)}{\sum_{k \in A} \varphi(u - k)}",
            "A mean over A and B lies between the means over the two. So where the mean over A and "
            "B is at most 1.4876 < 3/2 and all of B is 3/2 away from u = nx or farther, the mean "
            "over A is at most 1.4876 too. By symmetry u ≤ n/2. For n ≥ 3 the k > n are more than "
            "3/2 away: it is enough to bound the mean over k ≥ 0. For u ≥ 3/2 the k < 0 are too: "
            "there it is enough to bound that over all integers.",
            ("derived",),
        ),
        ProofStep(
            "The mean distance for every n",
            r"K_n = \sup_x \frac{\sum_k |nx - k|\, \varphi(nx - k)}{\sum_k \varphi(nx - k)} \le "
            r"1.4876",
            "Enclosures are left, for finitely many functions: the mean over all integers on one "
            "period, 0 ≤ u ≤ 1; that over k ≥ 0 for u ≤ 3/2; and K_1, K_2 themselves. Terms beyond "
            "k = ±45 are bounded by a geometric series, as φ(t) ≤ (e − 1/e)/2 · e^(−|t|) for "
            "|t| ≥ 1.",
            ("derived", "enclosed"),
            "backproof.numerics.universality.jackson",
        ),
    ),
    reference=(
        "G. Anastassiou, Multivariate sigmoidal neural network approximation, Neural Networks 24 "
        "(2011) 378; D. Costarelli, R. Spigler, Approximation results for neural network operators "
        "activated by sigmoidal functions, Neural Networks 44 (2013) 101; the constant is proved "
        "here"
    ),
    notes=(
        "Published constants divide by φ(1) instead of by the sum: 1/φ(1) = 4(e² + 1)/(e² − 1) = "
        "5.2521…, and (e² − 1)/2 = 3.1945…. Where 5.2503… and 3.1992… are printed, these are the "
        "values of the same formulas at e² = 7.3984 instead of 7.3891: it appears that a digit "
        "slipped. That is inferred from the numbers; the sources do not show the step.",
    ),
    witnesses=("jackson",),
)
