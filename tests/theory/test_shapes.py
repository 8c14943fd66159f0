"""Shapes of Jacobians and Hessians, and Hessian-vector products that form no Hessian."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from backproof.theory.calculus import derivation
from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.notation import Tensor
from backproof.theory.trace.tracing import trace
from laws.models import SAMPLES, TWICE, Sample
from laws.shapes import hessian_has_the_shape, jacobian_has_the_shape, product_forms_no_hessian

SPECTRAL = (
    ("np.sum(np.linalg.eigvalsh(A)**2)", {"A": "n n"}),
    ("np.linalg.norm(A, 'nuc')", {"A": "m n"}),
    ("np.sum(np.linalg.cholesky(A)**3)", {"A": "n n"}),
    ("np.sum(np.linalg.pinv(A)**2)", {"A": "m n"}),
    ("special.logsumexp(A)", {"A": "m n"}),
    ("np.max(A)**2", {"A": "m n"}),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_jacobians(sample: Sample, tally: Callable[[str, int], None]) -> None:
    tally("shapes of derivatives checked", jacobian_has_the_shape(sample.model()))


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_hessians(sample: Sample, tally: Callable[[str, int], None]) -> None:
    model = sample.model()
    real = tuple(n for n, t in model.arguments.items() if t.dtype == "real")
    tally("shapes of derivatives checked", hessian_has_the_shape(model, real))


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_products_form_no_hessian(sample: Sample, tally: Callable[[str, int], None]) -> None:
    count = product_forms_no_hessian(sample.model(), sample.twice)
    tally("equations of Hessian-vector products", count)


@pytest.mark.parametrize(("source", "shapes"), SPECTRAL)
def test_spectral_losses(source: str, shapes: dict[str, str]) -> None:
    model = trace(source, **shapes)
    jacobian_has_the_shape(model)
    hessian_has_the_shape(model, ("A",))
    product_forms_no_hessian(model, "A")


def test_a_jacobian_of_jacobians() -> None:
    """Labels and scalars leave their axes, or none."""
    model = trace("np.tanh(E[t] @ W)", E="k d", t=array("n", dtype=int, below="k"), W="d m")
    assert jacobian_has_the_shape(model) == 2
    assert derive(trace("c*x", c="", x="n"), "c").results["c"].shape == model.arguments["t"].shape


def test_a_product_by_way_of_the_hessian_is_found() -> None:
    """Axes in front of the second cotangents: the Hessian is formed on the way."""
    model = trace("np.sum(np.tanh(W @ x)**2)", W="m n", x="n")
    original = derivation.cotangents

    def wide(equations: Any, output: Tensor, *rest: Any, **more: Any) -> Any:
        if more.get("order") == 2:
            gradient = next(e.tensor for e in equations if e.tensor.name == "dx")
            return original(equations, gradient, *rest, **more)
        return original(equations, output, *rest, **more)

    with patch.object(derivation, "cotangents", wide), pytest.raises(AssertionError):
        product_forms_no_hessian(model, "x")
