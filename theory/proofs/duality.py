"""Density by duality: a functional that vanishes on the family vanishes on the whole space."""

from backproof.theory.theorems.theorem import ProofStep

HAHN_BANACH = ProofStep(
    "Hahn–Banach",
    r"z \notin \overline{U} \implies \exists L:\; L|_U = 0,\; L(z) = 1,\; "
    r"\lVert L\rVert \le 1/d(z, U)",
    "A closed subspace that is not everything is annihilated by a continuous functional that is "
    "not zero (Rudin, Functional Analysis, theorem 3.5). So it is enough to show that L = 0.",
    ("cited",),
)
RIESZ_CONTINUOUS = ProofStep(
    "Riesz, for continuous functions",
    r"L(f) = \int_X f \, d\mu, \quad \mu \text{ a finite signed regular measure}",
    "The dual of C(X), X compact, are the finite signed regular Borel measures (Rudin, Real and "
    "Complex Analysis, theorem 6.19).",
    ("cited",),
)
RIESZ_LP = ProofStep(
    "Riesz, for L^p",
    r"L(f) = \int f g \, d\mu, \quad g \in L^q(\mu),\; 1/p + 1/q = 1",
    "The dual of L^p(μ), 1 ≤ p < ∞, μ finite, is L^q(μ) (Rudin, Real and Complex Analysis, "
    "theorem 6.16). As μ is finite, g dμ is again a finite signed measure.",
    ("cited",),
)
ANNIHILATED = ProofStep(
    "What is to be shown",
    r"\int \sigma(w \cdot x + b) \, d\mu(x) = 0 \;\; \forall w, b \implies \mu = 0",
    "L vanishes on the family exactly if all these integrals do. A σ for which that forces μ = 0 "
    "is called discriminatory.",
    ("derived",),
    "backproof.numerics.universality.measures",
)
LIMITS = ProofStep(
    "Limits λ → ∞",
    r"\sigma(\lambda(w\cdot x + b) + \varphi) \to \mathbf 1[w\cdot x + b > 0] + "
    r"\sigma(\varphi)\,\mathbf 1[w\cdot x + b = 0]",
    "Where the argument is positive the limit is 1, where negative 0, where zero the value is "
    "σ(φ) for every λ. σ is bounded, so dominated convergence moves the limit into the integral.",
    ("derived", "cited"),
    "backproof.theory.universality.steepening",
)
HALF_SPACES = ProofStep(
    "Half-spaces have measure zero",
    r"\mu\{w\cdot x + b > 0\} + \sigma(\varphi)\,\mu\{w\cdot x + b = 0\} = 0 \;\;\forall \varphi",
    "Let φ → ±∞, where σ(φ) → 1 and 0: hyperplanes and open half-spaces have measure zero.",
    ("derived",),
)
PROJECTIONS = ProofStep(
    "Reduction to one dimension",
    r"\mu_a(B) = \mu\{x : a \cdot x \in B\}, \qquad "
    r"\hat\mu(\xi a) = \hat\mu_a(\xi)",
    "The projections determine the Fourier transform along every line through zero, and a finite "
    "signed measure with Fourier transform zero is zero (Rudin, Functional Analysis, 7.3). So it "
    "is enough to show that every μ_a is zero.",
    ("derived", "cited"),
    "backproof.numerics.universality.measures",
)
INTERVALS = ProofStep(
    "From half-lines to everything",
    r"\mu_a(-\infty, t] = 0 \;\forall t \implies \mu_a = 0",
    "Half-lines generate the Borel sets and are closed under intersection: a measure that "
    "vanishes on them vanishes (Dynkin's π-λ theorem).",
    ("cited",),
)
SMOOTHING = ProofStep(
    "Convolution with a small Gaussian",
    r"\mathbb E\,|f(x + hZ) - f(x)| \le L h \sqrt{2/\pi}",
    "For a Lipschitz f the smoothed function is near f, so that μ_a may be replaced by its "
    "convolution with a Gaussian, which has a bounded continuous density h: where all those "
    "vanish, μ_a vanishes.",
    ("derived",),
    "backproof.theory.universality.smoothing",
)
CHANGE = ProofStep(
    "Change of variables",
    r"\int h(t)\,\sigma(w t + b)\,dt = \frac{1}{|w|}\int h\!\left(\frac{s - b}{w}\right)"
    r"\sigma(s)\,ds = 0",
    "With s = wt + b, for w ≠ 0: σ annihilates every dilate and translate of h.",
    ("derived",),
)
IDEAL = ProofStep(
    "The ideal of L¹",
    r"I = \overline{\mathrm{span}}\{h(wt + b)\}, \quad "
    r"Z(I) = \{\xi : \hat f(\xi) = 0 \;\forall f \in I\} \in \{\mathbb R, \{0\}, \varnothing\}",
    "I is closed and invariant under translations, so an ideal of L¹(ℝ) (Rudin, Fourier Analysis "
    "on Groups, 7.1.2), and under dilations, so its zero set is {0}, ℝ, or empty. If h ≠ 0, "
    "Z(I) ⊆ {0}, and I holds every function of L¹ with integral zero (7.1, 7.2.4), Wiener's "
    "theorem. Then ∫ f σ = 0 for all those f, so that σ is constant almost everywhere: excluded. "
    "Hence h = 0.",
    ("cited", "derived"),
)
