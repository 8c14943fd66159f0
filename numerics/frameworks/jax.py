"""JAX: functions that ``jax.jit`` compiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from backproof.numerics.frameworks.dialect import Dialect, not_derived
from backproof.theory import scalars

LAYOUTS = {n: (f"NC{a}", f"OI{a}", f"NC{a}") for n, a in ((1, "W"), (2, "HW"), (3, "DHW"))}


def _space() -> Mapping[str, Any]:
    import jax
    import jax.numpy as jnp
    import jax.scipy.linalg
    from jax.scipy import special

    names = {"special": special, "linalg": jnp.linalg, "lax": jax.lax, "LAYOUTS": LAYOUTS}
    return {"jax": jax, "jnp": jnp, **names}


def _array(given: Any, dtype: str, device: Any) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(given, int if dtype == "integer" else dtype)


def _device(given: Any) -> Any:
    """The devices that an array is bound to; others JAX takes to where those are."""
    import jax

    if isinstance(given, jax.core.Tracer) or not isinstance(given, jax.Array):
        return None
    return frozenset(given.devices()) if given.committed else None


def _extremes(labels: Any) -> tuple[int, int] | None:
    import jax
    import jax.numpy as jnp
    import numpy as np

    if isinstance(labels, jax.core.Tracer) or not labels.size:
        return None
    low, high = np.asarray(jnp.stack([labels.min(), labels.max()]))  # one wait for the device
    return int(low), int(high)


def _with_gradient(
    function: Callable[..., Any], names: tuple[str, ...], wrt: tuple[str, ...]
) -> Callable[..., Any]:
    import jax

    @jax.custom_vjp
    def value(arrays: Mapping[str, Any]) -> Any:
        return function(**arrays)["value"]

    def forwards(arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        for name, array in arrays.items():
            if name not in wrt and array.perturbed and _real(array.value):
                raise not_derived(name, wrt)
        out = function(**{name: array.value for name, array in arrays.items()})
        return out["value"], {name: out[name] for name in wrt}

    def backwards(found: Mapping[str, Any], cotangent: Any) -> tuple[Any]:
        return ({n: cotangent * found[n] if n in found else None for n in names},)

    value.defvjp(forwards, backwards, symbolic_zeros=True)
    return lambda **arrays: value(arrays)


def _real(array: Any) -> bool:
    import jax.numpy as jnp

    return bool(jnp.issubdtype(array.dtype, jnp.floating))


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(function)


def _refused(dtype: str) -> str | None:
    import jax

    if dtype == "float64" and not jax.config.read("jax_enable_x64"):
        return "call jax.config.update('jax_enable_x64', True) first, or pass dtype='float32'"
    return None


jax = Dialect(
    name="jax",
    header="import jax\nimport jax.numpy as jnp\nimport jax.scipy.linalg\nfrom jax import lax\n"
    "from jax.numpy import linalg\nfrom jax.scipy import special\n",
    space=_space,
    functions={
        sp.exp: "jnp.exp({0})",
        sp.log: "jnp.log({0})",
        sp.tanh: "jnp.tanh({0})",
        sp.sinh: "jnp.sinh({0})",
        sp.cosh: "jnp.cosh({0})",
        sp.sin: "jnp.sin({0})",
        sp.cos: "jnp.cos({0})",
        sp.tan: "jnp.tan({0})",
        sp.atan: "jnp.arctan({0})",
        sp.asin: "jnp.arcsin({0})",
        sp.acos: "jnp.arccos({0})",
        sp.asinh: "jnp.arcsinh({0})",
        sp.acosh: "jnp.arccosh({0})",
        sp.atanh: "jnp.arctanh({0})",
        sp.erf: "special.erf({0})",
        sp.erfc: "special.erfc({0})",
        sp.erfinv: "special.erfinv({0})",
        sp.loggamma: "special.gammaln({0})",
        sp.gamma: "special.gamma({0})",
        sp.digamma: "special.digamma({0})",
        sp.polygamma: "special.polygamma({0}, {1})",
        scalars.absolute: "jnp.abs({0})",
        scalars.expm1: "jnp.expm1({0})",
        sp.Mod: "jnp.mod({0}, {1})",
        sp.floor: "jnp.floor({0})",
        scalars.floor: "jnp.floor({0})",
        scalars.hypot: "jnp.hypot({0}, {1})",
        scalars.larger: "jnp.maximum({0}, {1})",
        scalars.log1p: "jnp.log1p({0})",
        scalars.log_ndtr: "special.log_ndtr({0})",
        scalars.logaddexp: "jnp.logaddexp({0}, {1})",
        scalars.ndtr: "special.ndtr({0})",
        scalars.ndtri: "special.ndtri({0})",
        scalars.rel_entr: "special.rel_entr({0}, {1})",
        scalars.relu: "jnp.maximum({0}, 0.0)",
        scalars.root: "jnp.sqrt({0})",
        scalars.rsqrt: "jnp.where({0} > 0, 1/jnp.sqrt(jnp.where({0} > 0, {0}, 1.0)), 0.0)",
        scalars.sgn: "jnp.sign({0})",
        scalars.sigmoid: "jax.nn.sigmoid({0})",
        scalars.smaller: "jnp.minimum({0}, {1})",
        scalars.softplus: "jnp.logaddexp({0}, 0.0)",
        scalars.xlogy: "special.xlogy({0}, {1})",
    },
    truths={scalars.nonzero: "({0} != 0)", scalars.step: "({0} > 0)"},
    reductions={
        "max": "jnp.max({0}, {1})",
        "min": "jnp.min({0}, {1})",
        "argmax": "jnp.argmax({0}, {1})",
        "argmin": "jnp.argmin({0}, {1})",
        "prod": "jnp.prod({0}, {1})",
    },
    where="jnp.where({0}, {1}, {2})",
    permute="jnp.transpose({0}, {1})",
    position="jnp.arange({0})",
    cast="jnp.asarray({0}, '{1}')",
    labels="jnp.asarray({0}, int)",
    sum="jnp.sum({0}{1})",
    constant="jnp.full({1}, {0}, '{2}')",
    spread="jnp.broadcast_to({0}, {1})",
    copy="{0}",
    einsum="jnp.einsum('{0}', {1})",
    window=None,
    affine=None,
    begin="",
    masked={},
    across="lax.conv_general_dilated({0}, {1}, {2}, 'VALID', rhs_dilation={3})",
    back="lax.conv_transpose({0}, {1}, {2}, 'VALID', {3}, LAYOUTS[{4}], transpose_kernel=True)",
    slopes=None,
    frees=False,
    array=_array,
    device=_device,
    recorded=lambda given: False,
    extremes=_extremes,
    tracing=lambda: False,
    compiled=_compiled,
    with_gradient=_with_gradient,
    refused=_refused,
    matrices={"exponential": "jax.scipy.linalg.expm({0})"},
)
