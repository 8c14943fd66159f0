"""Cross-entropy of a softmax against labels: −log softmax(z)[label]."""

from backproof.theory.declarations import array
from backproof.theory.fragments import reduced
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(reduction: str = "mean", smoothing: float = 0.0) -> Model:
    """Cross-entropy of a softmax against labels, from the logits.

        y = (1/N) Σ_n (log Σ_k exp x[n,k] − x[n,labels[n]])

    ``x`` is (N, classes), ``labels`` (N,) whole numbers; ``reduction`` is "mean", "sum" or "none".
    With ``smoothing`` s the label has the probability 1 − s, and s is spread over all classes.
    """
    losses = "special.logsumexp(x, axis=1) - x[np.arange(x.shape[0]), labels]"
    if smoothing:
        spread = f"{smoothing!r}*(x[np.arange(x.shape[0]), labels] - np.mean(x, axis=1))"
        losses = f"{losses} + {spread}"
    return trace(
        f"return {{'y': {reduced(losses, reduction)}}}",
        x="N k",
        labels=array("N", dtype=int, below="k"),
    )


softmax_cross_entropy = Specification(
    "softmax_cross_entropy",
    state,
    varied={"reduction": ("sum", "none"), "smoothing": (0.1,)},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 6.30",
)
