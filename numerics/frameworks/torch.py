"""torch: functions that run eagerly, and that ``torch.compile`` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from backproof.numerics.frameworks.dialect import Dialect
from backproof.theory import scalars


def _space() -> Mapping[str, Any]:
    import torch

    return {"torch": torch, "special": torch.special, "linalg": torch.linalg}


def _array(given: Any, dtype: str) -> Any:
    import torch

    return torch.as_tensor(
        given, dtype=torch.int64 if dtype == "integer" else getattr(torch, dtype)
    )


def _eager(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    return torch.no_grad()(function)


torch = Dialect(
    name="torch",
    header="import torch\nfrom torch import linalg, special\n",
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
        scalars.nonzero: "torch.where({0} != 0, 1.0, 0.0)",
        scalars.rel_entr: "-special.entr({0}) - special.xlogy({0}, {1})",
        scalars.relu: "torch.relu({0})",
        scalars.root: "torch.sqrt({0})",
        scalars.rsqrt: "torch.where({0} > 0, 1/torch.sqrt(torch.where({0} > 0, {0}, 1.0)), 0.0)",
        scalars.sgn: "torch.sign({0})",
        scalars.sigmoid: "torch.sigmoid({0})",
        scalars.smaller: "torch.minimum({0}, {1})",
        scalars.softplus: "torch.logaddexp({0}, torch.zeros_like({0}))",
        scalars.step: "torch.heaviside({0}, torch.zeros_like({0}))",
        scalars.xlogy: "special.xlogy({0}, {1})",
    },
    reductions={
        "max": "torch.amax({0}, {1})",
        "min": "torch.amin({0}, {1})",
        "argmax": "torch.argmax({0}, {1})",
        "argmin": "torch.argmin({0}, {1})",
        "prod": "torch.prod({0}, {1})",
    },
    where="torch.where({0}, {1}, {2})",
    permute="torch.permute({0}, {1})",
    position="torch.arange({0})",
    cast="torch.as_tensor({0}, dtype=torch.{1})",
    labels="torch.as_tensor({0}, dtype=torch.int64)",
    einsum="torch.einsum('{0}', {1})",
    fill="torch.broadcast_to(torch.as_tensor({0}, dtype=torch.{2}), {1})",
    array=_array,
    compiled=_eager,
    refused=lambda dtype: None,
)
