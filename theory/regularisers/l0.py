"""L0, the number of entries that are not zero: λ Σ 1[w ≠ 0]."""

from backproof.theory.regularisers.regulariser import Regulariser
from backproof.theory.scalars import nonzero

l0 = Regulariser(
    name="l0",
    penalty=lambda w, strength: strength * nonzero(w),
    strengths=("λ",),
    reference="Blumensath and Davies, Iterative thresholding for sparse approximations (2008)",
    about=(
        "Neither convex nor continuous: it has no gradient, and asking for one is refused.  Two "
        "relations stand in: its proximal map, hard thresholding, and its expectation under "
        "random gates, the penalty hard_concrete."
    ),
)
