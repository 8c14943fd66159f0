"""Janzamin, Sedghi and Anandkumar 2016: a network learnt from the tensor of a third moment."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

JANZAMIN = Theorem(
    name="janzamin",
    title="The theorem of Janzamin, Sedghi and Anandkumar",
    hypotheses=(
        Hypothesis(
            "y = Σ a_j σ(w_j·x + b_j) with k ≤ d linearly independent unit vectors w_j",
            r"y = \sum_{j \le k} a_j\, \sigma(w_j \cdot x + b_j)",
        ),
        Hypothesis(
            "the density of x is known, and so are its score functions",
            r"S_m = (-1)^m \nabla^m p/p",
        ),
        Hypothesis(
            "no third moment vanishes", r"\lambda_j = a_j\, E\,\sigma'''(w_j \cdot x + b_j) \ne 0"
        ),
        Hypothesis(
            "for the biases: x is normal, log σ′ is concave",
            r"x \sim N(0, I), \; (\log \sigma')'' \le 0",
        ),
    ),
    conclusion=(
        r"E[y\, S_3(x)] = \sum_{j \le k} \lambda_j\, w_j \otimes w_j \otimes w_j, \quad "
        r"\text{and the } w_j \text{ are found from it}"
    ),
    says=(
        "E[y S₃] = Σ λ_j w_j⊗w_j⊗w_j; whitening and the tensor power method find the w_j, and the "
        "first two moments then give biases and amplitudes"
    ),
    proof=(
        ProofStep(
            "The moment",
            r"E[y\, S_m] = E[\nabla^m y] = \sum_j a_j\, E\,\sigma^{(m)}(w_j \cdot x + b_j)\, "
            r"w_j^{\otimes m}",
            "Stein's identity and the chain rule.",
            ("derived",),
            "backproof.theory.algorithms.moments",
        ),
        ProofStep(
            "Whitening",
            r"E[y S_3](\cdot, \cdot, \theta) = \sum_j \lambda_j (w_j \cdot \theta)\, w_j w_j^\top",
            "Some θ makes all weights positive, as the w_j are independent; the square root of the "
            "inverse makes them orthonormal.",
            ("derived",),
            "backproof.numerics.algorithms.tensor_power",
        ),
        ProofStep(
            "Power iteration",
            r"v \leftarrow \frac{T(I, v, v)}{\lVert T(I, v, v) \rVert}",
            "On an orthogonal tensor it converges quadratically to a component, from almost every "
            "start; then the component is subtracted (Anandkumar and others 2014).",
            ("cited",),
            "backproof.numerics.algorithms.tensor_power",
        ),
        ProofStep(
            "Biases and amplitudes",
            r"\kappa_m(b) = E\,\sigma^{(m)}(Z + b) = \kappa_0^{(m)}(b), \quad "
            r"\frac{\kappa_2}{\kappa_1} = (\log \kappa_1)'",
            "κ₁ is a convolution of σ′ with a normal density, both log-concave, hence log-concave "
            "(Prékopa), strictly: so the quotient falls strictly and one b_j fits.",
            ("derived", "cited"),
            "backproof.numerics.algorithms.planted",
        ),
        ProofStep(
            "ReLU at zero bias",
            r"E[\mathrm{relu}(Z + b)\, He_3(Z)] = -b\, \varphi(b)",
            "The third derivative of relu is δ′, whose mean is a slope of the normal density: zero "
            "at b = 0. The fourth moment is −1/√(2π) there, and a contraction of E[y S₄] serves.",
            ("derived",),
            "backproof.theory.algorithms.moments",
        ),
    ),
    reference=(
        "M. Janzamin, H. Sedghi, A. Anandkumar, Beating the perils of non-convexity: guaranteed "
        "training of neural networks using tensor methods, arXiv:1506.08473 (2016); A. Anandkumar "
        "and others, Tensor decompositions for learning latent variable models, JMLR 15 (2014)"
    ),
    notes=(
        "The paper finds biases by a Fourier method and amplitudes by ridge regression; the two "
        "moments here replace both, and have a unique answer.",
        "The paper's sample complexity is not restated (from memory, unconfirmed); the error is "
        "measured, and falls as N^(−1/2).",
    ),
    part="algorithms",
    uses=("stein",),
    lecture="course plan, algorithms: tensors instead of descent",
)
