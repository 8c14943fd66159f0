"""Statements run by NumPy itself, and derivatives checked against their finite differences.

Nothing here goes through the library: the source is executed, and differences are taken.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from oracles.differences import STEPS, jacobian, off_differences
from scipy import special

from backproof.theory.calculus.derivation import Derivation

TOLERANCE = {1: 1e-8, 2: 1e-5}  # of finite differences, by order


def executed(source: str, names: Sequence[str]) -> Callable[..., Any]:
    """The source (an expression, or a body with ``return``) as a function of these names."""
    body = source if "return" in source else f"return {source.strip()}"
    lines = [line for line in body.splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    inner = "\n    ".join(line[margin:] for line in lines)
    scope: dict[str, Any] = {"np": np, "special": special}
    exec(f"def f({', '.join(names)}):\n    {inner}", scope)
    return scope["f"]  # type: ignore[no-any-return]


def random_arguments(
    g: Derivation,
    positive: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
) -> tuple[dict[str, Any], dict[str, int]]:
    """Inputs on unequal sizes, and the sizes; square matrices are far from singular."""
    random = np.random.default_rng(7)
    shapes = {n for t in g.arguments.values() for n in (*t.shape, t.below) if n is not None}
    symbols = sorted({s for n in shapes for s in sp.sympify(n).free_symbols}, key=str)
    extents = {s: 3 if len(symbols) == 1 else 2 + n for n, s in enumerate(symbols)}
    extents |= {s: sizes[s.name] for s in symbols if sizes is not None and s.name in sizes}
    inputs: dict[str, Any] = {}
    for name, tensor in g.arguments.items():
        shape = [int(sp.sympify(n).subs(extents)) for n in tensor.shape]
        if tensor.dtype == "integer":
            bound = int(sp.sympify(tensor.below).subs(extents))
            inputs[name] = random.integers(bound, size=shape)
            continue
        inputs[name] = np.asarray(random.uniform(0.2, 0.9, shape))
        if name not in positive:
            inputs[name] = inputs[name] * random.choice([-1, 1], shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            inputs[name] = inputs[name] + 3 * np.eye(shape[0])
        if tensor.assumptions & {"symmetric", "positive_definite"}:
            inputs[name] = inputs[name] + inputs[name].T
        if "simplex" in tensor.assumptions:
            inputs[name] = abs(inputs[name]) / abs(inputs[name]).sum(axis=-1, keepdims=True)
    return inputs, {s.name: n for s, n in extents.items()}


def is_derivative(
    found: Any,
    source: str,
    inputs: Mapping[str, Any],
    names: Sequence[str],
    wrt: str,
    order: int = 1,
) -> bool:
    """Whether an array is the derivative of the source, as far as differences can tell."""
    f = executed(source, names)
    given = {name: inputs[name] for name in names}
    if order == 1:
        return off_differences(found, f, given, wrt) < TOLERANCE[1]

    def first(**at: Any) -> Any:
        return jacobian(f, at, wrt, STEPS[0])

    return off_differences(found, first, given, wrt) < TOLERANCE[2]


def precise(value: Any) -> Any:
    """The numbers of an array at mpmath's precision, nested."""
    if np.ndim(value):
        return [precise(v) for v in value]
    return int(value) if isinstance(value, np.integer) else mpmath.mpf(float(value))
