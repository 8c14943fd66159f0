"""Hardt, Recht and Singer 2016: few steps of stochastic gradient descent cannot overfit."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

EXPANSIVITY = "backproof.theory.algorithms.expansivity"
GROWTH = "backproof.theory.algorithms.growth"

HARDT_RECHT_SINGER = Theorem(
    name="hardt-recht-singer",
    title="Stability of stochastic gradient descent (Hardt, Recht and Singer)",
    part="algorithms",
    lecture="algorithms: why training fast generalises",
    hypotheses=(
        Hypothesis("|∇f(w; z)| ≤ L", r"\sup_{w, z} |\nabla f(w; z)| \le L"),
        Hypothesis("f is β-smooth in w", r"|\nabla f(v; z) - \nabla f(w; z)| \le \beta |v - w|"),
        Hypothesis(
            "f is convex, or γ-strongly convex, or takes values in [0, 1]",
            r"\nabla^2 f \ge 0, \quad \nabla^2 f \ge \gamma, \quad\text{or}\quad 0 \le f \le 1",
        ),
        Hypothesis(
            "steps α ≤ 2/β, a constant α ≤ 2/(β + γ), or α_t ≤ c/t",
            r"\alpha_t \le \tfrac 2\beta, \quad \alpha \le \tfrac 2{\beta + \gamma}, "
            r"\quad\text{or}\quad \alpha_t \le \tfrac ct",
        ),
        Hypothesis(
            "n examples, one drawn uniformly at each of T steps",
            r"i_t \sim \mathrm{Uniform}\{1, \dots, n\}",
        ),
    ),
    conclusion=(
        r"\sup_z \mathbb E\,|f(w_T; z) - f(w_T'; z)| \le "
        r"\frac{2L^2}{n}\sum_{t} \alpha_t, \quad \frac{2L^2}{\gamma n}, \quad\text{or}\quad "
        r"\frac{1 + 1/(\beta c)}{n - 1}\,(2cL^2)^{\frac 1{\beta c + 1}} "
        r"T^{\frac{\beta c}{\beta c + 1}}"
    ),
    says=(
        "exchanging one of n examples changes the expected loss of the trained model by at most "
        "2L²/n Σα_t (convex), 2L²/(γn) (strongly convex), or "
        "(1 + 1/(βc))/(n − 1) (2cL²)^{1/(βc+1)} T^{βc/(βc+1)} (neither); the expected gap between "
        "training and test loss is no larger"
    ),
    proof=(
        ProofStep(
            "Curvature in [γ, β]",
            r"\langle g - \gamma d,\ \beta d - g\rangle \ge 0, "
            r"\quad d = v - w,\ g = \nabla f(v) - \nabla f(w)",
            "For C² functions g = Hd with the mean Hessian H of the segment; H − γ and β − H are "
            "not negative and commute. γ = 0 is convexity, γ = −β smoothness alone.",
            ("derived",),
            EXPANSIVITY,
        ),
        ProofStep(
            "One step",
            r"|G(v) - G(w)| \le \eta\,|v - w|, \quad \eta = 1 - \alpha\gamma "
            r"\text{ for } \alpha \le \tfrac{2}{\beta + \gamma}, "
            r"\text{ else } \alpha\beta - 1",
            "η²|d|² − |d − αg|² is κ times the inequality above plus c times a square; matching "
            "coefficients gives η², κ and c, and both are not negative. So η = 1 for convex f with "
            "α ≤ 2/β and 1 + αβ for smooth f. ½γw² and ½βw² attain it.",
            ("derived", "exact"),
            EXPANSIVITY,
        ),
        ProofStep(
            "Growth",
            r"\mathbb E\,\delta_{t+1} \le \eta\,\mathbb E\,\delta_t + \frac{2\alpha L}{n}",
            "Both runs draw the same index. With probability 1 − 1/n the examples agree; otherwise "
            "G(w) − G′(w′) = [G(w) − G(w′)] + α[∇f′(w′) − ∇f(w′)], and the last term is at most "
            "2αL. A projection brings points no farther apart.",
            ("derived",),
            GROWTH,
        ),
        ProofStep(
            "Convex and strongly convex",
            r"\mathbb E\,\delta_T \le \frac{2L}{n}\sum\alpha_t, \qquad "
            r"\mathbb E\,\delta_T \le \frac{2L}{\gamma n}\,(1 - (1 - \alpha\gamma)^T)",
            "The recursion is solved for η = 1 and η = 1 − αγ; f changes by at most L δ_T.",
            ("derived",),
            GROWTH,
        ),
        ProofStep(
            "Neither",
            r"\mathbb E\,|f - f'| \le \frac{t_0}{n} + \frac{2L^2}{\beta n} "
            r"\Big(\frac T{t_0}\Big)^{\beta c}, \quad "
            r"t_0 = (2cL^2)^{\frac1{\beta c+1}} T^{\frac{\beta c}{\beta c+1}}",
            "Before t₀ the differing example is met with probability at most t₀/n, and "
            "|f − f′| ≤ 1; after it the factors 1 + βc/t multiply to a power of T/t₀. The "
            "derivative in t₀ vanishes at the t₀ that is given; the sum there is the published "
            "bound, with n for n − 1.",
            ("derived",),
            GROWTH,
        ),
        ProofStep(
            "Generalisation",
            r"|\mathbb E\,[R_S(A(S)) - R(A(S))]| \le \sup \mathbb E\,|f(A(S); z) - f(A(S'); z)|",
            "Exchange the example on which the loss is measured for a fresh one: the two risks "
            "become the same expectation.",
            ("cited",),
        ),
    ),
    reference=(
        "M. Hardt, B. Recht, Y. Singer, Train faster, generalize better: stability of stochastic "
        "gradient descent, ICML 2016, PMLR 48, 1225–1234, theorems 2.2, 3.8, 3.9 and 3.12; "
        "O. Bousquet, A. Elisseeff, Stability and generalization, JMLR 2 (2002) 499–526"
    ),
    notes=(
        "The factor 1 − αβγ/(β + γ) of lemma 3.7.3 is not tight: it drops α(α − 2/(β+γ))|g|² ≤ 0 "
        "where |g| ≥ γ|d| bounds it. The least factor is 1 − αγ, smaller by αγ²/(β + γ). With "
        "the published factor alone the recursion gives 2L²(β + γ)/(βγn); 2L²/(γn) needs 1 − αγ, "
        "which holds for all α ≤ 2/(β + γ).",
        "2L may be replaced by D = sup |∇f(w; z) − ∇f(w; z′)|, in which a penalty cancels; "
        "f = w·z attains the convex bound and ½γw² + w·z the strongly convex one with D.",
        "The last bound holds with n for n − 1: the step on the differing example expands no more "
        "than the others do.",
        "The numbers of lemmas and theorems are from memory, unconfirmed; nothing rests on them.",
    ),
)
