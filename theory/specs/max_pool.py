"""The largest entry of each window; of equal ones the first in row-major order counts."""

from backproof.theory.fragments import windows
from backproof.theory.model import Model
from backproof.theory.specs.specification import Specification
from backproof.theory.trace.tracing import trace


def state(size: int = 2, stride: int | None = None) -> Model:
    """The largest entry of each window; of equal ones the first in row-major order counts.

        y[n,c,i,j] = max_p,q x[n,c,s·i+p,s·j+q]

    ``x`` is (N, channels, height, width); windows stand side by side unless a stride is given.
    """
    placed = windows("max_pool", "x", (str(size), str(size)), stride or size, 0)
    return trace(f"{placed}\nreturn {{'y': u.max(axis=(-2, -1))}}", x="N c H L")


max_pool = Specification(
    "max_pool",
    state,
    varied={"size": (3,), "stride": (1, 2)},
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.3",
)
