"""Livni, Shalev-Shwartz and Shamir 2014: what polynomial networks make easy."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

PAPER = (
    "R. Livni, S. Shalev-Shwartz, O. Shamir, On the computational efficiency of training neural "
    "networks, NeurIPS 2014, arXiv:1410.1141"
)
LECTURE = "course plan, complexity: which networks can be trained efficiently"

BASIS_LEARNER = Theorem(
    name="livni-basis-learner",
    title="The Basis Learner of Livni, Shalev-Shwartz and Shamir",
    hypotheses=(
        Hypothesis("the m training points are distinct", r"x_1, \dots, x_m \in \mathbb R^d"),
        Hypothesis(
            "for the rank: the points are in general position",
            r"(x_1, \dots, x_m) \notin \{\text{zeros of a polynomial}\}",
        ),
    ),
    conclusion=(
        r"\operatorname{rank}\,(x_i^{\alpha})_{i \le m,\, |\alpha| \le t} = \min\Bigl(m, "
        r"\tbinom{d+t}{t}\Bigr), \quad "
        r"\text{training error } 0 \text{ within } m - 1 \text{ layers}"
    ),
    says=(
        "on m generic points the monomials of degree ≤ t have rank min(m, C(d+t, t)); the Basis "
        "Learner fits any labels of any m distinct points exactly within m − 1 layers"
    ),
    proof=(
        ProofStep(
            "Count",
            r"\#\{\alpha \in \mathbb N^d : |\alpha| \le t\} = \tbinom{d+t}{t}",
            "Stars and bars: so the rank is at most the smaller of m and this.",
            ("derived",),
            "backproof.theory.complexity.monomials",
        ),
        ProofStep(
            "Generic points attain it",
            r"\det (x_i^\alpha) \not\equiv 0",
            "A minor is a polynomial in the points; it is not zero as the monomials are linearly "
            "independent functions, so it vanishes on a set of measure zero. One choice of "
            "integer points with that rank, found exactly, is a certificate.",
            ("derived",),
            "backproof.numerics.complexity.basis_learner",
        ),
        ProofStep(
            "Degree m − 1 is enough",
            r"\ell_i(x) = \prod_{j \ne i} "
            r"\frac{a \cdot x - a \cdot x_j}{a \cdot x_i - a \cdot x_j}",
            "Some direction a keeps the points apart, and Lagrange's polynomials along it take "
            "any values.",
            ("derived",),
            "backproof.theory.complexity.monomials",
        ),
        ProofStep(
            "Every layer adds a unit",
            r"V_{t+1} = V_t \implies x_k V_t \subseteq V_t \implies V_s = V_t \;\forall s \ge t",
            "Let V_t hold the values of polynomials of degree ≤ t. If a layer adds nothing, V_t "
            "is closed under multiplication by every coordinate and no later layer adds "
            "anything; as some layer reaches rank m, each layer before it grows: m − 1 suffice "
            "after the constant.",
            ("derived",),
            "backproof.numerics.complexity.basis_learner",
        ),
    ),
    reference=(
        "R. Livni, S. Shalev-Shwartz, O. Shamir, An algorithm for training polynomial networks, "
        f"arXiv:1304.7045 (2013); {PAPER}"
    ),
    notes=(
        "The bound m − 1 is attained by points on a line; for generic points the least t with "
        "C(d+t, t) ≥ m is exact, and far smaller.",
        "A zero training error says nothing of the error on other points.",
    ),
    part="complexity",
    lecture=LECTURE,
)

SIGMOID = Theorem(
    name="livni-sigmoid",
    title="Sigmoid networks are almost polynomial networks",
    hypotheses=(
        Hypothesis(
            "the weights into every unit have Σ|w| ≤ L, its input stays within R",
            r"\lVert w \rVert_1 \le L, \quad |w \cdot h + b| \le R",
        ),
        Hypothesis(
            "π/2 ≤ b < π is a height, ρ = b/R + √(1 + b²/R²)", r"\tfrac{\pi}{2} \le b < \pi"
        ),
        Hypothesis("D is odd", r"D \in 2\mathbb N + 1"),
    ),
    conclusion=(
        r"\sup_{[-R, R]} |\sigma - P_D| \le \varepsilon = \tan\tfrac{b}{2}\, "
        r"\frac{\rho^{-D}}{\rho^2 - 1}, \quad |N - N_P| \le \varepsilon "
        r"\sum_{k < t} \Bigl(\frac{L}{4}\Bigr)^{k}"
    ),
    says=(
        "a sigmoid network of depth t is within ε Σ (L/4)^k of a network of squared units of depth "
        "t ⌈log₂ D⌉, where D = O(R log(R/ε))"
    ),
    proof=(
        ProofStep(
            "In the strip",
            r"|\tanh \tfrac{z}{2}|^2 = \frac{\cosh x - \cos y}{\cosh x + \cos y} \le "
            r"\tan^2 \tfrac{b}{2}, \quad |y| \le b",
            "For cos y ≤ 0 the quotient falls with cosh x, so that its largest value is at x = 0; "
            "for cos y ≥ 0 it is at most one.",
            ("derived",),
            "backproof.theory.complexity.sigmoid",
        ),
        ProofStep(
            "Chebyshev's coefficients",
            r"|a_k| \le 2 M \rho^{-k}, \quad M = \tfrac12 \tan \tfrac b2",
            "Bernstein's bound on the ellipse of half-axes R(ρ ± 1/ρ)/2, which lies in the strip "
            "where R(ρ − 1/ρ)/2 = b (Trefethen, theorem 8.1).",
            ("cited", "derived"),
            "backproof.theory.complexity.sigmoid",
        ),
        ProofStep(
            "Odd terms",
            r"\sum_{k > D,\, k \text{ odd}} 2 M \rho^{-k} = \tan\tfrac b2 \, "
            r"\frac{\rho^{-D}}{\rho^2 - 1}",
            "σ − ½ is odd, so every second coefficient is zero, and the rest is geometric.",
            ("derived",),
            "backproof.theory.complexity.sigmoid",
        ),
        ProofStep(
            "Through the layers",
            r"\delta_{k+1} \le \tfrac{L}{4} \delta_k + \varepsilon",
            "sup|σ′| = ¼, and the weights into a unit sum to at most L in size.",
            ("derived",),
            "backproof.theory.complexity.sigmoid",
        ),
        ProofStep(
            "Squares multiply",
            r"xy = \tfrac14\bigl((x+y)^2 - (x-y)^2\bigr)",
            "So a layer of squared units doubles the degree, and ⌈log₂ D⌉ of them compute P_D.",
            ("derived",),
            "backproof.theory.complexity.squares",
        ),
    ),
    reference=(
        f"{PAPER}, theorem on sigmoid networks; L. N. Trefethen, Approximation Theory and "
        "Approximation Practice (2013), chapter 8"
    ),
    notes=(
        "The paper's degree O(L log(L/ε)) is from memory, unconfirmed; nothing rests on it. The "
        "constants here are proved, and each distance is certified with rounding counted.",
    ),
    part="complexity",
    lecture=LECTURE,
)

GECO = Theorem(
    name="livni-geco",
    title="GECO trains networks of squared units",
    hypotheses=(
        Hypothesis(
            "the loss is convex, and β bounds its curvature along v vᵀ, |v| = 1",
            r"R(A + \eta v v^\top) \le R(A) + \eta\, v^\top \nabla R\, v + \tfrac{\beta}{2} \eta^2",
        ),
        Hypothesis("A* is any matrix, τ its trace norm", r"\tau = \lVert A^* \rVert_{\mathrm{tr}}"),
    ),
    conclusion=(
        r"R(A_r) - R(A^*) \le \frac{1}{1/\varepsilon_0 + r/(2 \beta \tau^2)} "
        r"\le \frac{2 \beta \tau^2}{r}"
    ),
    says=(
        "after r greedy units the excess of the loss is at most 1/(1/ε₀ + r/(2βτ²)), so 2βτ²/ε "
        "units compete with every network Σ α_j (v_j·x)² of trace norm τ"
    ),
    proof=(
        ProofStep(
            "A step gains g²/(2β)",
            r"\min_\eta \; \eta g + \tfrac\beta2 \eta^2 = -\frac{g^2}{2\beta}",
            "v is the eigenvector of the gradient of largest eigenvalue g in size; refitting all "
            "α does no worse than the best η.",
            ("derived",),
            "backproof.theory.complexity.greedy",
        ),
        ProofStep(
            "The excess is at most |g| τ",
            r"\varepsilon \le \langle \nabla R, A - A^* \rangle = -\langle \nabla R, A^* \rangle "
            r"\le |g|\, \tau",
            "Convexity; after a refit the gradient is orthogonal to A; operator and trace norm are "
            "dual.",
            ("derived",),
            "backproof.theory.complexity.greedy",
        ),
        ProofStep(
            "The recursion",
            r"\varepsilon' \le \varepsilon - \frac{\varepsilon^2}{2\beta\tau^2} \implies "
            r"\frac1{\varepsilon'} \ge \frac1\varepsilon + \frac1{2\beta\tau^2}",
            "1/ε′ − 1/ε = 1/(2βτ² − ε), which grows with ε.",
            ("derived",),
            "backproof.theory.complexity.greedy",
        ),
        ProofStep(
            "β of the squared loss",
            r"\beta = \lambda_{\max}\Bigl("
            r"\tfrac1m \sum_n (x_n \otimes x_n)(x_n \otimes x_n)^\top\Bigr)",
            "The second derivative along v vᵀ is the mean of (v·x)⁴.",
            ("derived",),
            "backproof.numerics.complexity.geco",
        ),
    ),
    reference=(
        f"{PAPER}, section on training; S. Shalev-Shwartz, A. Gonen, O. Shamir, Large-scale convex "
        "minimization with a low-rank constraint, ICML 2011"
    ),
    notes=(
        "The paper's 2βτ²/ε is sharpened here by the start ε₀, and β by the moment matrix "
        "instead of the largest |x|⁴.",
    ),
    part="complexity",
    lecture=LECTURE,
)
