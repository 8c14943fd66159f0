"""Statements run and differentiated by JAX: the same source, with its NumPy in place of NumPy."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy
import numpy as np
import sympy as sp

jax.config.update("jax_enable_x64", True)


def function(source: str, names: Sequence[str], instead: Any = None) -> Callable[..., Any]:
    """The source as a JAX function of its inputs; a definition in SymPy may stand for sinh."""
    body = textwrap.dedent(source).strip()
    body = body if "return" in body else f"return {body}"
    scipy = SimpleNamespace(linalg=jax.scipy.linalg, special=jax.scipy.special)
    scope: dict[str, Any] = {"np": jnp, "special": jax.scipy.special, "scipy": scipy}
    if instead is not None:
        x = sp.Symbol("x", real=True)
        of_jax = {"erfc": jax.scipy.special.erfc, "erfinv": jax.scipy.special.erfinv}
        stand_in = sp.lambdify(x, instead.definition(x), modules=[of_jax, "jax"])
        scope["np"] = SimpleNamespace(**{**vars(jnp), "sinh": stand_in})
    exec(f"def statement({', '.join(names)}):\n{textwrap.indent(body, '    ')}", scope)
    return scope["statement"]


def derivative(
    source: str, inputs: Mapping[str, Any], *wrt: str, instead: Any = None
) -> np.ndarray:
    """∂…f/∂wrt of shape f.shape + the shapes of wrt, by forward mode over and over."""
    names = list(inputs)
    found = function(source, names, instead)
    for name in wrt:
        found = jax.jacfwd(found, argnums=names.index(name))
    return np.asarray(found(*(jnp.asarray(inputs[name]) for name in names)))
