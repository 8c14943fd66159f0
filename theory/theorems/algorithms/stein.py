"""Stein's identity for score functions of any order."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

STEIN = Theorem(
    name="stein",
    title="Stein's identity for score functions of any order",
    hypotheses=(
        Hypothesis("the density p is m times differentiable", r"p \in C^m"),
        Hypothesis(
            "G is m times differentiable, the means exist", r"E|G\, S_m|,\; E|\nabla^m G| < \infty"
        ),
        Hypothesis(
            "the products ∂^i G ∂^j p, i + j = m − 1, vanish at the ends of the support",
            r"\partial^i G\, \partial^j p \to 0, \quad i + j = m - 1",
        ),
    ),
    conclusion=(r"E[G(x)\, S_m(x)] = E[\nabla^m G(x)], \quad S_m = (-1)^m \frac{\nabla^m p}{p}"),
    says="E[G S_m] = E[∇^m G] for S_m = (−1)^m ∇^m p / p, where the boundary adds nothing",
    proof=(
        ProofStep(
            "The recursion",
            r"S_m = -S_{m-1} \otimes \nabla \log p - \nabla S_{m-1}",
            "The quotient rule applied to S_{m−1} = (−1)^{m−1} ∇^{m−1} p/p. For N(0, I) it is the "
            "recursion of Hermite's polynomials.",
            ("derived",),
            "backproof.theory.algorithms.score",
        ),
        ProofStep(
            "Lagrange's concomitant",
            r"\partial^m G\, p - (-1)^m G\, \partial^m p = \partial \sum_{j < m} (-1)^j "
            r"\partial^{m-1-j} G\, \partial^j p",
            "The sum telescopes under the product rule.",
            ("derived",),
            "backproof.theory.algorithms.stein",
        ),
        ProofStep(
            "Integrate",
            r"E[\partial^m G] - E[G\, S_m] = \Bigl[\sum_{j < m} (-1)^j \partial^{m-1-j} G\, "
            r"\partial^j p\Bigr]_{\text{ends}}",
            "Once for each variable of a multi-index. A density that stops short, as the "
            "exponential's, has a boundary term, and the identity is wrong without it.",
            ("derived",),
            "backproof.theory.algorithms.stein",
        ),
    ),
    reference=(
        "C. Stein, Proc. 6th Berkeley Symposium 2 (1972) 583–602; M. Janzamin, H. Sedghi, A. "
        "Anandkumar, Score function features for discriminative learning, arXiv:1412.2863 (2014)"
    ),
    part="algorithms",
    lecture="course plan, algorithms: moments instead of descent",
)
