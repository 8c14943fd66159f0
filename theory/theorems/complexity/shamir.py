"""Shamir 2016 and the parities: gradients that do not tell which target they belong to."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

LECTURE = "course plan, complexity: targets on which gradient descent fails"

PARITIES = Theorem(
    name="shamir-parities",
    title="Gradients hardly depend on which parity is the target",
    hypotheses=(
        Hypothesis(
            "the targets of H are orthonormal under the law of the inputs",
            r"E\, h(x) h'(x) = \delta_{h h'}",
        ),
        Hypothesis(
            "the loss is ½(p − h)², and E‖∂p/∂w‖² is finite",
            r"E\lVert\partial_w p\rVert^2 < \infty",
        ),
    ),
    conclusion=(
        r"\operatorname{Var}_{h \in H} \nabla_w \, E\,\tfrac12 (p_w - h)^2 \le "
        r"\frac{E\lVert \partial_w p \rVert^2}{|H|}"
    ),
    says=(
        "over an orthonormal class H of targets the gradient varies by at most E‖∂p/∂w‖²/|H|; for "
        "all 2^d parities by exactly E‖∂p/∂w‖²/2^d − ‖∂p/∂w(1, …, 1)‖²/4^d"
    ),
    proof=(
        ProofStep(
            "What varies",
            r"\nabla_w E\,\tfrac12 (p - h)^2 = E\, p\, \partial_w p - \hat g_h, \quad "
            r"\hat g_h = E\, h\, \partial_w p",
            "The first term is the same for every target.",
            ("derived",),
            "backproof.theory.complexity.orthonormal",
        ),
        ProofStep(
            "Bessel's inequality",
            r"\sum_{h \in H} \lVert \hat g_h \rVert^2 \le E \lVert \partial_w p \rVert^2",
            "Entry by entry of the gradient; the variance is at most the mean of the squares.",
            ("cited", "derived"),
            "backproof.theory.complexity.orthonormal",
        ),
        ProofStep(
            "Parseval's equation, and the mean parity",
            r"2^{-d} \sum_S \prod_{i \in S} x_i = \prod_i \frac{1 + x_i}{2}",
            "All parities are a basis; their mean is the indicator of (1, …, 1), so that the mean "
            "of the ĝ is 2^{−d} ∂p/∂w(1, …, 1). Its square is what the inequality misses.",
            ("derived",),
            "backproof.theory.complexity.orthonormal",
        ),
    ),
    reference=(
        "S. Shalev-Shwartz, O. Shamir, S. Shammah, Failures of gradient-based deep learning, ICML "
        "2017, theorem 1; A. Blum and others, Weakly learning DNF and characterizing statistical "
        "query learning, STOC 1994"
    ),
    notes=("The equation for all parities sharpens the inequality, and is proved here.",),
    part="complexity",
    lecture=LECTURE,
)

SHAMIR = Theorem(
    name="shamir",
    title="Shamir's theorem on periodic targets",
    hypotheses=(
        Hypothesis("the inputs are normal", r"x \sim N(0, I_d)"),
        Hypothesis(
            "the targets are cos(2π w·x), w uniform on the sphere of radius r, κ = 4π²r²",
            r"\lvert w \rvert = r, \quad \kappa = 4 \pi^2 r^2",
        ),
        Hypothesis("the loss is ½(p − target)²", r"E\lVert\partial_\theta p\rVert^2 < \infty"),
    ),
    conclusion=(
        r"\operatorname{Var}_w \nabla_\theta \le \lambda_2\, E\lVert \partial_\theta p \rVert^2, "
        r"\quad \lambda_2 = e^{-\kappa}\, \Gamma\!\left(\tfrac d2\right) "
        r"\left(\tfrac 2\kappa\right)^{d/2 - 1} I_{d/2 + 1}(\kappa)"
    ),
    says=(
        "whatever the predictor, its gradient varies over the targets by at most λ₂ E‖∂p/∂θ‖², and "
        "λ₂ falls exponentially with d where r² grows with d; no smaller factor will do"
    ),
    proof=(
        ProofStep(
            "A Gaussian integral",
            r"E \cos(2\pi r x) = e^{-2\pi^2 r^2}",
            "Integrated; products of cosines are sums, and along any direction x is a standard "
            "normal.",
            ("derived",),
            "backproof.theory.complexity.periodic",
        ),
        ProofStep(
            "Overlaps depend on an angle",
            r"E \cos(2\pi u\cdot x) \cos(2\pi w\cdot x) = e^{-2\pi^2(|u|^2 + |w|^2)} "
            r"\cosh(4\pi^2 u \cdot w)",
            "With |u| = |w| = r it is e^{−κ} cosh(κt), where t is the cosine of the angle.",
            ("derived",),
            "backproof.theory.complexity.periodic",
        ),
        ProofStep(
            "A mean over the sphere",
            r"E\, e^{\kappa t} = \Gamma\!\left(\tfrac d2\right) "
            r"\left(\tfrac 2\kappa\right)^{d/2 - 1} I_{d/2 - 1}(\kappa)",
            "The moments of t are quotients of Euler's integrals; the quotient of consecutive "
            "terms of the series names it ₀F₁(; d/2; κ²/4).",
            ("derived",),
            "backproof.theory.complexity.periodic",
        ),
        ProofStep(
            "Eigenvalues of the overlap",
            r"\lambda_\ell = e^{-\kappa} E[\cosh(\kappa t) P_\ell(t)], \quad \ell \text{ even}",
            "By Funk and Hecke the harmonics of degree ℓ are its eigenfunctions; Bessel's "
            "recurrences bring the mean to one Bessel function of order ℓ + d/2 − 1. They fall "
            "with ℓ, as I_ν falls with ν.",
            ("derived", "cited"),
            "backproof.theory.complexity.periodic",
        ),
        ProofStep(
            "The variance is a quadratic form without its mean",
            r"\sup_{E g^2 = 1} \operatorname{Var}_w E[g(x) \cos(2\pi w \cdot x)] = \lambda_2",
            "The constants on the sphere are the eigenfunctions of ℓ = 0 and are taken away by "
            "the mean over w. Each entry of ∂p/∂θ is a test function g.",
            ("derived",),
            "backproof.theory.complexity.periodic",
        ),
        ProofStep(
            "Exponential decay",
            r"\tfrac1d \log \lambda_2 \to -a + \tfrac{s - 1}{2} + \tfrac12 \log \tfrac{2}{1 + s}, "
            r"\quad s = \sqrt{1 + 4a^2}, \; \kappa = a d",
            "Laplace's method: the largest value of a t + ½ log(1 − t²).",
            ("derived", "cited"),
            "backproof.theory.complexity.periodic",
        ),
    ),
    reference=(
        "O. Shamir, Distribution-specific hardness of learning neural networks, Journal of Machine "
        "Learning Research 19 (2018), arXiv:1609.01037 (2016)"
    ),
    notes=(
        "The paper allows any periodic function and many input laws, and bounds the variance up to "
        "constants by exp(−c d) and Fourier tails (from memory, unconfirmed). For cosines and "
        "normal inputs the statement here is sharper: the factor is exact and attained.",
        "With a fixed r the decay in d is polynomial only, κ²/(d(d+2)) to leading order: the "
        "frequency has to grow with the dimension.",
    ),
    part="complexity",
    uses=("shamir-parities",),
    lecture=LECTURE,
)
