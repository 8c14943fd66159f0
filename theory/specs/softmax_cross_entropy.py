"""Cross-entropy of a softmax against labels: −log softmax(z)[label]."""

from backproof.theory.declarations import array
from backproof.theory.fragments import reduced
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(reduction: str = "mean") -> Model:
    """Cross-entropy of a softmax against labels, from the logits.

        y = (1/N) Σ_n (log Σ_k exp x[n,k] − x[n,labels[n]])

    ``x`` is (N, classes), ``labels`` (N,) whole numbers; ``reduction`` is "mean", "sum" or "none".
    """
    losses = "special.logsumexp(x, axis=1) - x[np.arange(x.shape[0]), labels]"
    return trace(
        f"return {{'y': {reduced(losses, reduction)}}}",
        x="N k",
        labels=array("N", dtype=int, below="k"),
    )


softmax_cross_entropy = Specification(
    "softmax_cross_entropy",
    state,
    varied={"reduction": ("sum", "none")},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 6.30",
)
