"""The elastic net: λ Σ |w| + μ Σ w²."""

from backproof.theory.regularisers.regulariser import Regulariser
from backproof.theory.scalars import absolute

elastic_net = Regulariser(
    name="elastic_net",
    penalty=lambda w, first, second: first * absolute(w) + second * w**2,
    strengths=("λ", "μ"),
    reference="Zou and Hastie, Regularization and variable selection via the elastic net (2005)",
    about="Convex with a kink at 0: soft thresholding, then shrinkage.",
)
