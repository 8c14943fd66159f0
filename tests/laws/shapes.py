"""Shapes of derivatives: f.shape + wrt.shape, and no Hessian inside a Hessian-vector product."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.equations import Equation
from backproof.theory.model import Model
from backproof.theory.notation import Tensor

LARGE = 1000  # the size of a symbol, when numbers of entries are compared


def jacobian_has_the_shape(model: Model) -> int:
    """∂f/∂x has the axes of f, then those of x; for every real input."""
    result = derive(model, [n for n, t in model.arguments.items() if t.dtype == "real"])
    for name, tensor in result.results.items():
        expected = (*model.output.shape, *model.arguments[name].shape)
        assert tensor.shape == expected, f"∂{model.output.name}/∂{name}: {tensor.shape}"
        assert result[name].tensor == tensor
    return len(result.results)


def hessian_has_the_shape(model: Model, names: tuple[str, ...]) -> int:
    """∂²f/∂a∂b has the axes of a, then those of b."""
    result = derive(model, names, order=2)
    for key, tensor in result.results.items():
        a, _, b = key.partition(",")
        expected = (*model.arguments[a].shape, *model.arguments[b or a].shape)
        assert tensor.shape == expected, f"block {key}: {tensor.shape}"
    return len(result.results)


def product_forms_no_hessian(model: Model, name: str) -> int:
    """Each quantity on the way to H·v has the shape of one of the gradient's, and none is larger.

    Reverse accumulation over the scalar ∇f·v carries no axes in front: a cotangent has the shape
    of what it is the cotangent of.
    """
    gradient = derive(model, name)
    product = derive(model, name, order=2, along="direction")
    known = {e.tensor.name: e.tensor for e in (*gradient.equations, *product.equations)}
    known |= dict(product.arguments)
    second = [e for e in product.derived if e.tensor.name not in tensors(gradient.equations)]
    most = max(entries(t) for t in (*model.arguments.values(), *known_in(gradient)))
    for equation in second:
        tensor = equation.tensor
        of = known.get(tensor.cotangent_of or "")
        assert of is None or tensor.shape == of.shape, f"{equation}: axes in front"
        assert entries(tensor) <= most, f"{equation}: larger than all of the gradient"
    assert second, "nothing was derived"
    return len(second)


def tensors(equations: Iterable[Equation]) -> set[str]:
    """The names of left-hand sides."""
    return {e.tensor.name for e in equations}


def known_in(derivation: Derivation) -> list[Tensor]:
    """What a derivation defines."""
    return [e.tensor for e in derivation.equations]


def entries(tensor: Tensor) -> int:
    """The number of entries when every symbolic size is large, and no two sizes are equal."""
    symbols = sorted({s for n in tensor.shape for s in n.free_symbols}, key=str)
    at = {s: LARGE + sum(map(ord, s.name)) for s in symbols}
    return int(sp.Mul(*tensor.shape).subs(at))
