"""L1, the lasso: λ Σ |w|."""

from backproof.theory.regularisers.regulariser import Regulariser
from backproof.theory.scalars import absolute

l1 = Regulariser(
    name="l1",
    penalty=lambda w, strength: strength * absolute(w),
    strengths=("λ",),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 7.1.2",
    about="Convex with a kink at 0: the proximal map, soft thresholding, gives exact zeros.",
)
