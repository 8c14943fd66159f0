"""Daniely and Shalev-Shwartz 2016: learning DNFs is as hard as refuting random formulas."""

from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

DANIELY = Theorem(
    name="daniely",
    title="The theorem of Daniely and Shalev-Shwartz on learning DNFs",
    hypotheses=(
        Hypothesis(
            "random K-SAT is hard to refute: for every c there is a K such that no algorithm of "
            "polynomial time tells random formulas of n^c clauses from satisfiable ones",
            r"\forall c \; \exists K : \; \text{random } K\text{-SAT with } n^{c} \text{ clauses "
            r"is hard to refute}",
        ),
        Hypothesis("the number q of terms grows faster than log n", r"q(n) = \omega(\log n)"),
    ),
    conclusion=r"\text{no algorithm of polynomial time learns the DNFs of } q(n) \text{ terms}",
    says=(
        "if random K-SAT is hard to refute, no efficient algorithm learns DNFs of ω(log n) terms, "
        "whatever form its answer takes"
    ),
    proof=(
        ProofStep(
            "A clause in bits",
            r"C \mapsto x \in \{0,1\}^{2nK}, \quad x_{k,l} = 1 \iff "
            r"\text{slot } k \text{ holds } l",
            "One bit a slot is one, at its literal.",
            ("derived",),
            "backproof.theory.complexity.clauses",
        ),
        ProofStep(
            "Satisfaction is a disjunction",
            r"\psi \models C \iff \bigvee_{k \le K} \; "
            r"\bigvee_{l \text{ true under } \psi} x_{k,l}",
            "Of the 2n literals n are true: nK single bits. So a formula is satisfiable exactly "
            "if such a disjunction accepts all its encoded clauses.",
            ("derived",),
            "backproof.numerics.complexity.reduction",
        ),
        ProofStep(
            "A random clause",
            r"P(\psi \models C) = 1 - 2^{-K}",
            "Each slot's literal is false with chance ½, independently.",
            ("derived",),
            "backproof.theory.complexity.clauses",
        ),
        ProofStep(
            "Amplification",
            r"N (1 - 2^{-K})^M \le \delta",
            "Label 1: M clauses of the formula; label 0: M fresh ones. A satisfying ψ errs on no "
            "example of label 1, and on some example of label 0 with chance at most δ. So the "
            "sample is realised by a conjunction of M disjunctions, whose negation is a DNF of M "
            "terms: M of order 2^K log N.",
            ("derived",),
            "backproof.theory.complexity.amplification",
        ),
        ProofStep(
            "Scattered labels",
            r"P(\text{some } h \text{ of } 2^s \text{ fits } N \text{ random labels}) "
            r"\le 2^{s - N}",
            "For a random formula labels and examples are independent. A learner would do well on "
            "the samples of satisfiable formulas and not on these, and so tell them apart, which "
            "was assumed hard; a learner of polynomial time has few hypotheses.",
            ("derived", "cited"),
            "backproof.theory.complexity.amplification",
        ),
    ),
    reference=(
        "A. Daniely, S. Shalev-Shwartz, Complexity theoretic limitations on learning DNF's, COLT "
        "2016, arXiv:1404.3378; the framework: A. Daniely, N. Linial, S. Shalev-Shwartz, From "
        "average case complexity to improper learning complexity, STOC 2014"
    ),
    notes=(
        "The hardness of random K-SAT is an assumption of the paper and of this statement; how K "
        "depends on the exponent c is from memory, unconfirmed, and no number rests on it.",
        "Without negative examples the problem is easy: the disjunction of all bits accepts every "
        "clause. That is why the amplification is needed.",
    ),
    part="complexity",
    lecture="course plan, complexity: learning that is hard in the worst case",
)
