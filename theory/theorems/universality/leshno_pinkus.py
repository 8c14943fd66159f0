"""Leshno, Lin, Pinkus and Schocken 1993: dense exactly if the activation is no polynomial."""

from backproof.theory.hypotheses.limits import not_polynomial
from backproof.theory.hypotheses.smoothness import continuous
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

LESHNO_PINKUS = Theorem(
    name="leshno-pinkus",
    title="The theorem of Leshno, Lin, Pinkus and Schocken",
    uses=("hornik-continuous",),
    lecture="beside universality",
    hypotheses=(
        Hypothesis("σ is continuous", r"\sigma \in C(\mathbb R)", lambda s, _: continuous(s)),
        Hypothesis(
            "σ is no polynomial", r"\sigma \notin \mathbb R[t]", lambda s, _: not_polynomial(s)
        ),
    ),
    conclusion=(
        r"\{\textstyle\sum \alpha_j\, \sigma(w_j\cdot x + b_j)\} \text{ is dense in } C(X) "
        r"\text{ for every compact } X \iff \sigma \text{ is no polynomial}"
    ),
    says=(
        "sums Σ α_j σ(w_j·x + b_j) are dense in C(X) for every compact X exactly if σ is no "
        "polynomial"
    ),
    proof=(
        ProofStep(
            "Only if",
            r"\deg \sigma = k \implies \deg \textstyle\sum \alpha_j \sigma(w_j\cdot x + b_j) \le k",
            "Polynomials of degree at most k are a closed subspace that is not everything.",
            ("derived",),
        ),
        ProofStep(
            "Ridge functions",
            r"\mathrm{span}\{g(w \cdot x)\} \text{ is dense in } C(X)",
            "The functions e^{w·x} span an algebra that separates points (Stone–Weierstrass), so "
            "one dimension is enough.",
            ("cited", "derived"),
        ),
        ProofStep(
            "Monomials by divided differences",
            r"\frac{d^k}{dw^k}\sigma(wx + b)\Big|_{w=0} = x^k \sigma^{(k)}(b)",
            "For smooth σ the k-th difference quotient in w is a sum of k + 1 units and tends to "
            "x^k σ^(k)(b); a σ that is no polynomial has a b with σ^(k)(b) ≠ 0 for every k.",
            ("derived", "cited"),
            "backproof.numerics.universality.witnesses.monomials",
        ),
        ProofStep(
            "Weierstrass",
            r"\overline{\mathbb R[x]} = C[a, b]",
            "Monomials span the polynomials, which are dense: Bernstein's polynomials, with "
            "their error, make this constructive.",
            ("cited",),
            "backproof.numerics.universality.witnesses.bernstein",
        ),
        ProofStep(
            "Without smoothness",
            r"\sigma * \varphi \in C^\infty, \quad \varphi \in C_c^\infty",
            "A convolution of σ is smooth and a limit of sums of translates of σ; were all of "
            "them polynomials, of bounded degree by Baire's theorem, σ would be one.",
            ("cited",),
        ),
    ),
    reference=(
        "M. Leshno, V. Lin, A. Pinkus, S. Schocken, Multilayer feedforward networks with a "
        "nonpolynomial activation function can approximate any function, Neural Networks 6 (1993) "
        "861–867; A. Pinkus, Approximation theory of the MLP model, Acta Numerica 8 (1999), "
        "theorem 3.1"
    ),
    notes=(
        "The paper allows locally bounded σ whose discontinuities have a closure of measure zero; "
        "here σ is continuous, as in Pinkus.",
    ),
    witnesses=("monomials", "polynomials", "product", "relu", "bernstein", "bernstein_network"),
)
