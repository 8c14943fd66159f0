"""backproof: derive it, run it, prove it.

>>> import backproof as bp
>>> model = bp.trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
>>> gradient = bp.derive(model, wrt="W")
>>> print(gradient["W"])
dW[i,j] = dt1[i] x[j]
>>> out = bp.compile(gradient)(W=[[1.0, 2.0]], x=[3.0, 4.0], y=[1.0])
>>> float(out["value"]), out["W"].tolist()
(100.0, [[60.0, 80.0]])
"""

from pathlib import Path

_checkout = Path(__file__).resolve().parent.parent
if (_checkout / "pyproject.toml").is_file():  # imported from a checkout: the rooms stand beside
    __path__.append(str(_checkout))

from backproof import adapt, energy, exact, sampling, specs, strategies, testing  # noqa: E402
from backproof.documents.documenting import document  # noqa: E402
from backproof.numerics import optimisers  # noqa: E402
from backproof.numerics.backends import compile  # noqa: E402
from backproof.numerics.coq.checker import Proof  # noqa: E402
from backproof.numerics.coq.conditionals import Conditional  # noqa: E402
from backproof.numerics.coq.prove import prove  # noqa: E402
from backproof.numerics.enclosures.certificate import Certificate  # noqa: E402
from backproof.numerics.enclosures.certify import certify  # noqa: E402
from backproof.numerics.evidence import Evidence  # noqa: E402
from backproof.numerics.judge import Verification, verify  # noqa: E402
from backproof.numerics.kernel import Kernel  # noqa: E402
from backproof.theorem_verbs import check, theorem  # noqa: E402
from backproof.theory import (  # noqa: E402
    augmentation,
    layers,
    networks,
    noise,
    regularisers,
    theorems,
)
from backproof.theory.calculus.derivation import Derivation, derive  # noqa: E402
from backproof.theory.claims import Claim  # noqa: E402
from backproof.theory.closed import Closed, closed  # noqa: E402
from backproof.theory.declarations import array  # noqa: E402
from backproof.theory.equations import Equation  # noqa: E402
from backproof.theory.errors import BackproofError, UnsupportedError  # noqa: E402
from backproof.theory.linear_maps import LinearMap, linear_map  # noqa: E402
from backproof.theory.model import Model  # noqa: E402
from backproof.theory.printing.forms import latex, text  # noqa: E402
from backproof.theory.steps import Step  # noqa: E402
from backproof.theory.trace.tracing import trace  # noqa: E402

__version__ = "0.1.0"

__all__ = [
    "BackproofError",
    "Certificate",
    "Claim",
    "Closed",
    "Conditional",
    "Derivation",
    "Equation",
    "Evidence",
    "Kernel",
    "LinearMap",
    "Model",
    "Proof",
    "Step",
    "UnsupportedError",
    "Verification",
    "adapt",
    "array",
    "augmentation",
    "certify",
    "check",
    "closed",
    "compile",
    "derive",
    "document",
    "energy",
    "exact",
    "latex",
    "layers",
    "linear_map",
    "networks",
    "noise",
    "optimisers",
    "prove",
    "regularisers",
    "sampling",
    "specs",
    "strategies",
    "testing",
    "text",
    "theorem",
    "theorems",
    "trace",
    "verify",
]
