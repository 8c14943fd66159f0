"""Laws of linear operators on images, in exact numbers."""

import random
from collections.abc import Mapping
from typing import Any

import sympy as sp

from backproof.theory.calculus.adjoint import adjoint
from backproof.theory.declarations import size
from backproof.theory.evaluation.exact import Nested, evaluate
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from laws.derivatives import flat


def filled(tensor: Tensor, sizes: Mapping[str, int], source: random.Random) -> Nested:
    """Exact numbers with few digits, or labels, of the shape of a tensor."""
    known = {size(name): n for name, n in sizes.items()}
    if tensor.below is not None:
        bound = int(sp.sympify(tensor.below).xreplace(known))

    def of(shape: list[int]) -> Nested:
        if not shape:
            if tensor.below is not None:
                return source.randrange(bound)
            return sp.Rational(source.randint(-40, 40), 16)
        return tuple(of(shape[1:]) for _ in range(shape[0]))

    return of([int(s.xreplace(known)) for s in tensor.shape])


def paired(left: Nested, right: Nested) -> Any:
    """Σ a b over all entries."""
    return sp.Add(*(a * b for a, b in zip(flat(left), flat(right), strict=True)))


def adjoint_is_adjoint(operator: Model, sizes: Mapping[str, int], seed: int) -> None:
    """⟨A x, v⟩ = ⟨x, Aᵀ v⟩, exactly."""
    source, transposed = random.Random(seed), adjoint(operator)
    inputs = {n: filled(t, sizes, source) for n, t in operator.arguments.items()}
    v = filled(operator.output, sizes, source)
    forward = evaluate(operator, inputs, sizes)[operator.output.name]
    given = {n: a for n, a in {**inputs, "v": v}.items() if n in transposed.arguments}
    back = evaluate(transposed, given, sizes)[transposed.output.name]
    left, right = paired(forward, v), paired(inputs["x"], back)
    assert sp.expand(left - right) == 0, f"{left} is not {right}"
    assert left != 0, "nothing is compared"


def operator_is_linear(operator: Model, sizes: Mapping[str, int], seed: int) -> None:
    """A (3x − y/2) = 3 A x − A y/2, exactly."""
    source = random.Random(seed)
    inputs = {n: filled(t, sizes, source) for n, t in operator.arguments.items()}
    other = filled(operator.inputs["x"], sizes, source)

    def applied(x: Nested) -> list[Any]:
        result = evaluate(operator, {**inputs, "x": x}, sizes)[operator.output.name]
        return list(flat(result))

    mixed = combined(inputs["x"], other)
    parts = zip(applied(inputs["x"]), applied(other), strict=True)
    expected = [3 * a - b / 2 for a, b in parts]
    assert [sp.expand(a - b) for a, b in zip(applied(mixed), expected, strict=True)] == [0] * len(
        expected
    )


def combined(x: Nested, y: Nested) -> Nested:
    """3x − y/2."""
    if isinstance(x, tuple):
        return tuple(combined(a, b) for a, b in zip(x, y, strict=True))
    return 3 * x - y / 2
