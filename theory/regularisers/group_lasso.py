"""The group lasso: λ Σ_g |w_g|, the norms of groups, here the vectors along the last axis."""

from backproof.theory.regularisers.regulariser import Regulariser
from backproof.theory.scalars import absolute

group_lasso = Regulariser(
    name="group_lasso",
    penalty=lambda size, strength: strength * absolute(size),
    strengths=("λ",),
    reference="Yuan and Lin, Model selection and estimation with grouped variables (2006)",
    about="Convex with a kink where a group is zero: block soft thresholding drops whole groups.",
    grouped=True,
)
