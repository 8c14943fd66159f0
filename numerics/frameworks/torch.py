"""torch: functions that run eagerly, and that ``torch.compile`` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from backproof.numerics.frameworks.dialect import Dialect, not_derived
from backproof.theory import scalars


def _space() -> Mapping[str, Any]:
    import torch

    names = {"special": torch.special, "linalg": torch.linalg}
    return {"torch": torch, "functional": torch.nn.functional, **names}


def _array(given: Any, dtype: str, device: Any) -> Any:
    import torch

    kind = torch.int64 if dtype == "integer" else getattr(torch, dtype)
    return torch.as_tensor(given, dtype=kind, device=device)


def _device(given: Any) -> Any:
    import torch

    return given.device if isinstance(given, torch.Tensor) else None


def _recorded(given: Any) -> bool:
    import torch

    return getattr(given, "requires_grad", False) and torch.is_grad_enabled()


def _extremes(labels: Any) -> tuple[int, int] | None:
    import torch

    if labels.is_meta or not labels.numel():
        return None
    low, high = torch.stack(torch.aminmax(labels)).tolist()  # one wait for the device
    return low, high


def _tracing() -> bool:
    import torch

    return torch.compiler.is_compiling()


def _with_gradient(
    function: Callable[..., Any], names: tuple[str, ...], wrt: tuple[str, ...]
) -> Callable[..., Any]:
    import torch

    class Derived(torch.autograd.Function):
        """The value forwards; backwards the derived gradient, which was made with it."""

        @staticmethod
        def forward(context: Any, *arrays: Any) -> Any:
            out = function(**dict(zip(names, arrays, strict=True)))
            context.save_for_backward(*(out[name] for name in wrt))
            return out["value"]

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context: Any, cotangent: Any) -> Any:
            found = dict(zip(wrt, context.saved_tensors, strict=True))
            return tuple(cotangent * found[n] if n in found else None for n in names)

    def value(**arrays: Any) -> Any:
        for name, array in arrays.items():
            if name not in wrt and getattr(array, "requires_grad", False):
                raise not_derived(name, wrt)
        return Derived.apply(*(arrays[n] for n in names))

    return value


torch = Dialect(
    name="torch",
    header="import torch\nfrom torch import linalg, special\nfrom torch.nn import functional\n",
    space=_space,
    functions={
        sp.exp: "torch.exp({0})",
        sp.log: "torch.log({0})",
        sp.tanh: "torch.tanh({0})",
        sp.sinh: "torch.sinh({0})",
        sp.cosh: "torch.cosh({0})",
        sp.sin: "torch.sin({0})",
        sp.cos: "torch.cos({0})",
        sp.tan: "torch.tan({0})",
        sp.atan: "torch.arctan({0})",
        sp.asin: "torch.arcsin({0})",
        sp.acos: "torch.arccos({0})",
        sp.asinh: "torch.arcsinh({0})",
        sp.acosh: "torch.arccosh({0})",
        sp.atanh: "torch.arctanh({0})",
        sp.erf: "special.erf({0})",
        sp.erfc: "special.erfc({0})",
        sp.erfinv: "special.erfinv({0})",
        sp.loggamma: "special.gammaln({0})",
        sp.digamma: "special.digamma({0})",
        sp.polygamma: "special.polygamma({0}, {1})",
        scalars.absolute: "torch.abs({0})",
        scalars.expm1: "torch.expm1({0})",
        sp.Mod: "torch.remainder({0}, {1})",
        sp.floor: "torch.floor({0})",
        scalars.floor: "torch.floor({0})",
        scalars.hypot: "torch.hypot({0}, {1})",
        scalars.larger: "torch.maximum({0}, {1})",
        scalars.log1p: "torch.log1p({0})",
        scalars.log_ndtr: "special.log_ndtr({0})",
        scalars.logaddexp: "torch.logaddexp({0}, {1})",
        scalars.ndtr: "special.ndtr({0})",
        scalars.ndtri: "special.ndtri({0})",
        scalars.rel_entr: "-special.entr({0}) - special.xlogy({0}, {1})",
        scalars.relu: "torch.relu({0})",
        scalars.root: "torch.sqrt({0})",
        scalars.rsqrt: "torch.where({0} > 0, 1/torch.sqrt(torch.where({0} > 0, {0}, 1.0)), 0.0)",
        scalars.sgn: "torch.sign({0})",
        scalars.sigmoid: "torch.sigmoid({0})",
        scalars.smaller: "torch.minimum({0}, {1})",
        scalars.softplus: "torch.logaddexp({0}, torch.zeros((), device=device))",
        scalars.xlogy: "special.xlogy({0}, {1})",
    },
    truths={scalars.nonzero: "({0} != 0)", scalars.step: "({0} > 0)"},
    reductions={
        "max": "torch.amax({0}, {1})",
        "min": "torch.amin({0}, {1})",
        "argmax": "torch.argmax({0}, {1})",
        "argmin": "torch.argmin({0}, {1})",
        "prod": "torch.prod({0}, {1})",
    },
    where="torch.where({0}, {1}, {2})",
    permute="torch.permute({0}, {1})",
    position="torch.arange({0}, device=device)",
    cast="torch.as_tensor({0}, dtype=torch.{1})",
    labels="torch.as_tensor({0}, dtype=torch.int64)",
    sum="torch.sum({0}{1})",
    constant="torch.full({1}, {0}, dtype=torch.{2}, device=device)",
    spread="torch.broadcast_to({0}, {1})",
    copy="torch.clone({0})",
    einsum="torch.einsum('{0}', {1})",
    window="{0}.unfold({1}, {2}, {3})",
    affine="torch.addmm({0}, {1}, {2}{3})",
    begin="device = {0}.device",
    masked={scalars.step: "torch.ops.aten.threshold_backward({0}, {1}, 0)"},
    across="functional.conv{4}d({0}, {1}, stride={2}, dilation={3})",
    back="functional.conv_transpose{4}d({0}, {1}, stride={2}, dilation={3})",
    slopes="torch.nn.grad.conv{4}d_weight({0}, {5}, {1}, stride={2}, dilation={3})",
    frees=True,
    array=_array,
    device=_device,
    recorded=_recorded,
    extremes=_extremes,
    tracing=_tracing,
    compiled=lambda function: function,
    with_gradient=_with_gradient,
    refused=lambda dtype: None,
    matrices={
        "exponential": "linalg.matrix_exp({0})",
        "singular_values": "linalg.svdvals({0})",
    },
)
