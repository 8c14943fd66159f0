"""Cross-entropy of independent sigmoids, from the logits."""

from backproof.theory.fragments import reduced
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(reduction: str = "mean") -> Model:
    """Binary cross-entropy of a sigmoid against targets in [0, 1], from the logits.

        y = mean of softplus(x) − target·x

    ``x`` and ``target`` have one shape; the mean is over all entries.
    """
    losses = "np.logaddexp(0, x) - target*x"
    return trace(f"return {{'y': {reduced(losses, reduction)}}}", x="N k", target="N k")


sigmoid_cross_entropy = Specification(
    "sigmoid_cross_entropy",
    state,
    varied={"reduction": ("sum", "none")},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.2",
)
