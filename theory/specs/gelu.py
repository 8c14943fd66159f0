"""The Gaussian error linear unit, exact or by its tanh approximation."""

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import SHAPES, Specification
from backproof.theory.trace.tracing import trace

FORMS = {
    "none": "x*(1 + special.erf(x/np.sqrt(2)))/2",
    "tanh": "x*(1 + np.tanh(np.sqrt(2/np.pi)*(x + 0.044715*x**3)))/2",
}


def state(approximate: str = "none", rank: int = 1) -> Model:
    """The Gaussian error linear unit.

        gelu(x) = x Φ(x),     or, with approximate="tanh",
        x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2

    ``x`` is an array of any shape.
    """
    if approximate not in FORMS:
        raise BackproofError("gelu", f"approximate={approximate!r}", "'none' or 'tanh'", "pick one")
    return trace(f"return {{'y': {FORMS[approximate]}}}", x=SHAPES[rank])


gelu = Specification(
    "gelu",
    state,
    varied={"approximate": ("tanh",), "rank": (2, 0)},
    implicit=("rank",),
    conventions=("approximate",),
    reference="D. Hendrycks, K. Gimpel, Gaussian error linear units (arXiv:1606.08415), section 2",
)
