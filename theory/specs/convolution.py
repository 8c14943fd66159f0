"""Convolution of images in the sense of the field: a cross-correlation with each filter."""

from backproof.theory.fragments import windows
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(stride: int = 1, pad: int = 0) -> Model:
    """Convolution of images with filters (a cross-correlation, as is usual).

        y[n,f,i,j] = Σ_c,p,q W[f,c,p,q] x[n,c,s·i+p−pad,s·j+q−pad] + b[f]

    ``x`` is (N, channels, height, width), ``W`` (filters, channels, p, q), ``b`` (filters,).
    """
    placed = windows("convolution", "x", ("W.shape[2]", "W.shape[3]"), stride, pad)
    summed = "np.einsum('nchwpq,fcpq->nfhw', u, W) + b[:, None, None]"
    return trace(f"{placed}\nreturn {{'y': {summed}}}", x="N c H L", W="f c P Q", b="f")


convolution = Specification(
    "convolution",
    state,
    wrt=("x", "W", "b"),
    varied={"stride": (2,), "pad": (1, 2)},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 9.8",
)
