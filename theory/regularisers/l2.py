"""L2, weight decay or ridge: λ Σ w²."""

from backproof.theory.regularisers.regulariser import Regulariser

l2 = Regulariser(
    name="l2",
    penalty=lambda w, strength: strength * w**2,
    strengths=("λ",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 7.1.1",
    about="Smooth: the proximal map shrinks every entry by the same factor.",
)
