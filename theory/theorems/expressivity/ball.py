"""Safran and Shamir 2016 on the indicator of a ball: depth three with a polynomial width."""

from backproof.theory.theorems.expressivity.curvature import REFERENCE
from backproof.theory.theorems.theorem import Hypothesis, ProofStep, Theorem

RUN = "backproof.numerics.expressivity.ball"

BALL = Theorem(
    name="ball",
    title="Safran and Shamir: the indicator of a ball",
    part="expressivity",
    lecture="course plan, expressivity: depth against width",
    hypotheses=(
        Hypothesis("d is even", r"d \in 2\mathbb N"),
        Hypothesis(
            "x is uniform on the ball of radius 2^(1/d)",
            r"x \sim \mathcal U\{\lVert x\rVert \le R\},\; R^d = 2",
        ),
        Hypothesis("0 < ε ≤ 1", r"0 < \varepsilon \le 1"),
    ),
    conclusion=(
        r"\exists\, g \text{ of depth } 3,\; d\,\big(\lfloor dR/\sqrt{2\varepsilon}\rfloor + 1\big)"
        r" + 2 \text{ nodes}: \quad \mathbb E\,(\mathbf 1[\lVert x\rVert \le 1] - g)^2 \le "
        r"\varepsilon"
    ),
    says=(
        "the indicator of the unit ball is approximated within ε by a ReLU network of depth three "
        "with O(d²/√ε) nodes"
    ),
    proof=(
        ProofStep(
            "Squares by chords",
            r"\lVert x\rVert^2 \le s(x) \le \lVert x\rVert^2 + \eta, \quad "
            r"\eta = d\,\frac{h^2}{4},\; h = \frac{2R}{N}",
            "N nodes a coordinate interpolate t² on [−R, R]; a chord of length h is above t² by at "
            "most h²/4.",
            ("derived",),
            RUN,
        ),
        ProofStep(
            "Two nodes clip",
            r"g = \min\!\Big(1, \max\!\Big(0, \frac{1 + \eta - s}{\delta}\Big)\Big) = "
            r"\mathrm{relu}(z) - \mathrm{relu}(z - 1)",
            "So g = 1 where ‖x‖² ≤ 1 − δ and g = 0 where ‖x‖² ≥ 1 + η; between, 0 ≤ g ≤ 1.",
            ("derived",),
            RUN,
        ),
        ProofStep(
            "The shell",
            r"\mathbb E (f - g)^2 \le P(1 - \delta \le \lVert x\rVert^2 \le 1 + \eta) = "
            r"\tfrac12\big((1 + \eta)^{d/2} - (1 - \delta)^{d/2}\big)",
            "Volume grows like the d-th power of the radius: for even d a rational number.",
            ("derived", "exact"),
            RUN,
        ),
        ProofStep(
            "Nodes",
            r"x = \tfrac d2 \eta \le 1,\; \delta = \tfrac\eta8 \implies \tfrac12 (e^x - 1) + "
            r"\tfrac{x}{16} \le x",
            "So η = 2ε/d is enough, and η = dR²/N² gives N.",
            ("derived",),
            RUN,
        ),
    ),
    reference=f"{REFERENCE}; the construction for this distribution is proved here",
    notes=(
        "The paper also proves that depth two needs a width exponential in d to come below an "
        "error of order 1/d⁴ for some distribution (building on Eldan and Shamir 2016): from "
        "memory, unconfirmed, and nothing rests on it.",
        "The fits of depth two below are the best that were found, with as many nodes; they bound "
        "nothing.",
    ),
)
