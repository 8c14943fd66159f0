"""Exact evaluation of equations, models and derivations at concrete sizes.

Rational inputs give exact SymPy numbers; floating inputs (`float`, `mpmath.mpf`) give `mpmath.mpf`
at mpmath's working precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Equation, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arithmetic import arithmetic_of
from backproof.theory.evaluation.arrays import Nested, leaves_of, read_array, shape_of, sizes_of
from backproof.theory.evaluation.meaning import Environment, evaluate_rhs
from backproof.theory.notation import Tensor


def evaluate(
    statement: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> dict[str, Nested]:
    """The value of every equation of a model, a derivation or a list of equations.

    ``inputs`` holds a number or nested sequences for every tensor that no equation defines, and
    sizes are inferred from their shapes; ``sizes`` gives those that no shape tells.  The result
    maps the name of every left-hand side to nested tuples of numbers.

    Raises `BackproofError` for missing or unknown names, ragged or inconsistent shapes, and
    labels out of range.

    >>> from backproof.theory.trace.tracing import trace
    >>> m = trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
    >>> evaluate(m, {"W": [[1, 2, 0], [0, 1, 1]], "x": [1, sp.Rational(1, 2), 3], "y": [0, 1]})
    {'t1': (2, 5/2), 'f': 41/4}
    """
    equations = _equations(statement)
    values = environment(statement, inputs, sizes).values
    return {e.tensor.name: values[e.tensor.name] for e in equations}


def environment(
    statement: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Environment:
    """The inputs and everything that the equations of a statement define from them."""
    equations = _equations(statement)
    arguments = _arguments(statement, equations)
    needed = {t.name for e in equations for t in e.operands} & set(arguments)
    for name in needed - set(inputs):
        raise BackproofError(
            "inputs", f"no value for {name}", f"{', '.join(sorted(needed))}", f"add {name!r}"
        )
    for name in set(inputs) - set(arguments):
        known = ", ".join(sorted(arguments))
        raise BackproofError(
            "inputs", f"the unknown name {name}", f"one of {known}", "check the name"
        )
    shapes = {arguments[name]: shape_of(name, value) for name, value in inputs.items()}
    known_sizes = sizes_of(shapes, sizes or {}, {s for e in equations for s in _symbols(e)})
    real = [value for name, value in inputs.items() if arguments[name].dtype == "real"]
    numbers = arithmetic_of([leaf for value in real for leaf in leaves_of(value)])
    values = {
        name: read_array(arguments[name], value, known_sizes, numbers)
        for name, value in inputs.items()
    }
    return Environment(values, known_sizes, numbers).completed(equations)


def _equations(statement: Any) -> tuple[Equation, ...]:
    if isinstance(statement, Equation):
        return (statement,)
    return tuple(getattr(statement, "equations", statement))


def _arguments(statement: Any, equations: Sequence[Equation]) -> dict[str, Tensor]:
    """What is given from outside: declared, or used before any equation defines it."""
    declared: dict[str, Tensor] = dict(getattr(statement, "arguments", {}))
    defined: set[str] = set()
    for equation in equations:
        for tensor in equation.operands:
            if tensor.name not in defined:
                declared.setdefault(tensor.name, tensor)
        defined.add(equation.tensor.name)
    return declared


def _symbols(equation: Equation) -> set[sp.Symbol]:
    """The sizes that an equation cannot be evaluated without."""
    sizes = [i.size for i in every_index(equation)]
    if isinstance(equation.rhs, Sum):
        sizes += [t.coefficient for t in equation.rhs.terms]
    return {s for size in sizes for s in sp.sympify(size).free_symbols}


__all__ = ["Environment", "Nested", "environment", "evaluate", "evaluate_rhs"]
