"""Safran and Shamir 2016 on the L¹ norm: exact at depth three, impossible exactly at depth two."""

from backproof.theory.theorems.expressivity.curvature import REFERENCE
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

L1_NORM = Theorem(
    name="l1-norm",
    title="Safran and Shamir: a function of the L¹ norm",
    part="expressivity",
    lecture="course plan, expressivity: depth against width",
    hypotheses=(Hypothesis("x has d entries", r"x \in \mathbb R^d"),),
    conclusion=(
        r"\begin{aligned} [\lVert x\rVert_1 - 1]_+ &= \mathrm{relu}\Big(\sum_i "
        r"\big(\mathrm{relu}(x_i) + \mathrm{relu}(-x_i)\big) - 1\Big) \\ &\ne "
        r"\sum_j c_j\,\mathrm{relu}(w_j\cdot x + b_j) \quad \text{for } d \ge 2 \end{aligned}"
    ),
    says=(
        "[‖x‖₁ − 1]₊ is a ReLU network of depth three with 2d nodes and one, and for d ≥ 2 it is "
        "no ReLU network of depth two, however wide"
    ),
    proof=(
        ProofStep(
            "The absolute value",
            r"\mathrm{relu}(t) + \mathrm{relu}(-t) = |t|",
            "For t ≥ 0 and for t ≤ 0.",
            ("derived",),
            "backproof.theory.expressivity.l1_norm",
        ),
        ProofStep(
            "The network",
            r"h = \mathrm{relu}(W x),\quad f = \mathrm{relu}(u\cdot h - 1), \quad "
            r"W = \begin{pmatrix} I \\ -I \end{pmatrix},\; u = (1, \dots, 1)",
            "Two hidden layers, of 2d nodes and of one: the equations of the library, with d a "
            "symbol.",
            ("derived", "exact"),
            "backproof.theory.expressivity.l1_norm",
        ),
        ProofStep(
            "Depth two has whole hyperplanes for kinks",
            r"\text{jump of the slope across } H \text{ along } \nu: \quad "
            r"\sum_{j:\, H_j = H} c_j\, |w_j \cdot \nu|",
            "A finite sum of c_j relu(w_j·x + b_j) changes its slope across a hyperplane H by an "
            "amount that does not depend on the point of H, away from the other hyperplanes H_j.",
            ("derived",),
        ),
        ProofStep(
            "The norm has not",
            r"\text{across } \textstyle\sum x_i = 1: \quad d \text{ on the face } x > 0, \quad 0 "
            r"\text{ where } x \text{ has both signs}",
            "Outside of the face ‖x‖₁ > 1 and the function is affine nearby. Two different jumps "
            "on one hyperplane: no network of depth two.",
            ("derived", "exact"),
            "backproof.theory.expressivity.l1_norm",
        ),
    ),
    reference=REFERENCE,
    notes=(
        "The paper bounds the width that depth two needs for an accuracy; its constants are not "
        "confirmed here and nothing rests on them. What is proved here is that no width is exact.",
    ),
)
