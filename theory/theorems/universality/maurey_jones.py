"""Maurey, Jones, DeVore and Temlyakov: a hull is approximated at a rate that knows no dimension."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

MAUREY_JONES = Theorem(
    name="maurey-jones",
    title="The theorem of Maurey and Jones, by greedy algorithms",
    lecture="universality, how many units",
    hypotheses=(
        Hypothesis("H is a Hilbert space", r"\lVert x \rVert^2 = \langle x, x\rangle"),
        Hypothesis(
            "the units of the dictionary have norm at most one",
            r"G \subset H,\; \lVert g\rVert \le 1",
        ),
        Hypothesis(
            "f is in the closed hull of the units times ±K",
            r"f \in \overline{\operatorname{conv}}\{\pm K g : g \in G\}",
        ),
    ),
    conclusion=(
        r"\text{relaxed: } \lVert f - f_n\rVert^2 \le \frac{K^2}{n}, \qquad "
        r"\text{orthogonal: } \lVert f - f_n\rVert^2 \le \frac{K^2}{n + 1}"
    ),
    says=(
        "n units that are chosen one by one come within K²/n of f in square, and within K²/(n + 1) "
        "if f is projected on those chosen"
    ),
    proof=(
        ProofStep(
            "Maurey's average",
            r"f = \sum p_i\, g_i \implies \mathbb E\,\Big\lVert f - \frac1n \sum_{j \le n} "
            r"g_{i_j}\Big\rVert^2 = \frac{\sum p_i \lVert g_i\rVert^2 - \lVert f\rVert^2}{n}",
            "Units that are drawn independently, with the weights of f as probabilities, have mean "
            "f, and variances add up. So some n units do as well as the mean.",
            ("derived", "exact"),
            "backproof.numerics.universality.maurey_jones",
        ),
        ProofStep(
            "Relaxed greedy steps",
            r"f_n = \Big(1 - \frac1n\Big) f_{n-1} + \frac{K}{n}\, g: \quad "
            r"e_n \le \Big(1 - \frac1n\Big)^2 e_{n-1} + \frac{K^2}{n^2} \implies e_n \le "
            r"\frac{K^2}{n}",
            "The mean over the weights of f of the square is a bound for the best unit, the mixed "
            "term having mean zero (Jones 1992). By induction (n − 1)/n² + 1/n² = 1/n.",
            ("derived",),
            "backproof.numerics.universality.greedy",
        ),
        ProofStep(
            "Orthogonal greedy steps",
            r"e_n \le e_{n-1}\Big(1 - \frac{e_{n-1}}{K^2}\Big),\; e_0 \le K^2 \implies "
            r"e_n \le \frac{K^2}{n + 1}",
            "What is left, r, is orthogonal to f_{n−1}, so ‖r‖² = ⟨r, f⟩ ≤ K max |⟨r, g⟩|: the "
            "best unit takes away at least ⟨r, g⟩² ≥ ‖r‖⁴/K². As 1/e_n ≥ 1/e_{n−1} + 1/K², the "
            "inverse grows by 1/K² each time (DeVore and Temlyakov 1996).",
            ("derived",),
            "backproof.numerics.universality.greedy",
        ),
    ),
    reference=(
        "L. K. Jones, A simple lemma on greedy approximation in Hilbert space, Annals of "
        "Statistics 20 (1992) 608–613; R. DeVore, V. Temlyakov, Some remarks on greedy algorithms, "
        "Advances in Computational Mathematics 5 (1996) 173–187; B. Maurey in "
        "G. Pisier, Remarques sur un résultat non publié de B. Maurey (1981)"
    ),
    witnesses=("relaxed_greedy",),
)
