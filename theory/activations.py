"""The functions g between layers, each a scalar expression applied entry by entry."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from backproof.theory.scalars import relu, sigmoid, softplus

ACTIVATIONS: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "relu": relu,
    "logistic": sigmoid,
    "sigmoid": sigmoid,
    "tanh": sp.tanh,
    "softplus": softplus,
    "linear": lambda z: z,
}
