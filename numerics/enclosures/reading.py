"""What a user hands to `certify`, as functions that can be enclosed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.chains import of_equations
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.feedforward import FeedForward, Layer, of_model
from backproof.numerics.enclosures.partials import Partial
from backproof.numerics.enclosures.search import Enclosed
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.evaluation.opaque import written_out
from backproof.theory.model import Model


def enclosed(*given: Any, parameters: Mapping[str, Any] | None = None) -> tuple[Enclosed, ...]:
    """Functions of the same variables.

    Expressions take their variables in the order of their names; where the other function is a
    network of more inputs than an expression has symbols, these must be named x1, x2, … or x, y, z.
    """
    given = tuple(read(g, parameters) for g in given)
    expressions = [sp.sympify(g) for g in given if _is_expression(g)]
    networks = [g for g in given if not _is_expression(g)]
    for network in networks:
        if not isinstance(network, FeedForward):
            raise BackproofError(
                "bp.certify",
                f"an object of type {type(network).__name__}",
                "a network with numbers or a SymPy expression",
                "build it with bp.networks.shallow(c=…, w=…, b=…)",
            )
    dimensions = {network.dimension for network in networks}
    if len(dimensions) > 1:
        raise BackproofError(
            "bp.certify", f"networks of {dimensions} inputs", "equal ones", "check them"
        )
    symbols: set[sp.Symbol] = reduce(set.union, (e.free_symbols for e in expressions), set())
    variables = _variables(symbols, dimensions.pop() if dimensions else None)
    return tuple(Expression(sp.sympify(g), variables) if _is_expression(g) else g for g in given)


def read(given: Any, parameters: Mapping[str, Any] | None = None) -> Any:
    """A model as a network, if it has the numbers of one, or as the expression of its inputs."""
    if not isinstance(given, Model):
        return given
    if given.parameters and parameters is not None:
        return of_equations(given, parameters)
    if hasattr(given, "activation") and hasattr(given, "c0"):
        return of_model(given)
    if given.parameters or given.output.shape:
        found = f"the parameters {', '.join(given.parameters)}" if given.parameters else "an array"
        raise BackproofError(
            "bp.certify", f"a model with {found}", "one number of its inputs", "pass parameters={…}"
        )
    return written_out(given, {})[1][given.output.name]


def _is_expression(given: Any) -> bool:
    return isinstance(given, sp.Expr | int | float | np.integer | np.floating)


NAMES = (
    ("x", "y", "z"),
    ("x1", "x2", "x3"),
    ("x_1", "x_2", "x_3"),
    ("x0", "x1", "x2"),
    ("x_0", "x_1", "x_2"),
)


def _variables(symbols: set[sp.Symbol], dimension: int | None) -> tuple[sp.Symbol, ...]:
    """The symbols in order; those that do not occur are filled in."""
    found = sorted(symbols, key=lambda s: s.name)
    if dimension is None:
        return tuple(found) or (sp.Symbol("x"),)
    if len(found) == dimension:
        return tuple(found)
    for names in NAMES:
        usual = names[:dimension]
        if len(found) < dimension and {s.name for s in found} <= set(usual):
            own = {s.name: s for s in found}
            return tuple(own.get(name, sp.Symbol(name)) for name in usual)
    raise BackproofError(
        "the target",
        f"the variables {', '.join(map(str, found)) or 'none'}",
        f"{dimension}, as the network has inputs",
        "name them x, y, z or x1, x2, x3",
    )


def partial(q: Enclosed, order: tuple[int, ...], rounded: bool = True) -> Enclosed:
    """∂^α q; that of one hidden layer is one again, with ``rounded`` weights where they may be."""
    if not any(order):
        return q
    if isinstance(q, Expression):
        expression = q.expression
        for variable, times in zip(q.variables, order, strict=True):
            expression = sp.diff(expression, variable, times)
        if expression.has(sp.Derivative, sp.Subs, sp.DiracDelta):
            raise UnsupportedError(
                "derivatives",
                f"a target without them: {q.expression}",
                "a smooth target",
                "ask for 0",
            )
        return Expression(expression, q.variables)
    if isinstance(q, FeedForward):
        shallow = len(q.layers) == 2 and q.layers[1].activation is None
        return _partial(q, order) if shallow and rounded else Partial(q, order)
    raise UnsupportedError(
        "derivatives", type(q).__name__, "a network or an expression", "ask for derivatives=0"
    )


def _partial(net: FeedForward, order: tuple[int, ...]) -> FeedForward:
    """Σ c_j w_j^α σ^(|α|)(w_j·x + b_j).

    The products c_j w_j^α are rounded; so the network is that of the nearest weights, and the
    difference is a relative 2⁻⁵² (|α| + 1) of Σ|c_j w_j^α|, which `Layer.loss` carries.
    """
    hidden, last = net.layers
    times = sum(order)
    factor = np.prod(hidden.weights ** np.array(order), axis=1)
    first = replace(hidden, times=hidden.times + times)
    relative = 2.0**-52 * (2 * times + 2)
    return FeedForward((first, Layer(last.weights * factor, 0 * last.bias, None, loss=relative)))
