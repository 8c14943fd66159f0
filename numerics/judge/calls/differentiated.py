"""A function of a framework judged with the derivatives that the framework makes of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.numerics.adapters import Adapted
from backproof.numerics.judge.calls.binding import Binding
from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.points.point import Given, Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.model import Model


@dataclass(frozen=True, eq=False)
class Differentiated:
    """The value of a function and its gradients by a framework, of one call by names.

    With ``upstream``, the name of an argument, the gradients are those of Σ value·upstream.
    """

    forward: Binding
    result: str
    wrt: tuple[str, ...]
    upstream: str = ""

    @property
    def adapted(self) -> Adapted:
        """The function of the framework."""
        function: Any = self.forward.function
        assert isinstance(function, Adapted)
        return function

    @property
    def __name__(self) -> str:
        return self.adapted.__name__

    @property
    def __wrapped__(self) -> Callable[..., Any] | None:
        """What a diagnosis follows line by line."""
        return self.adapted.native.code

    @property
    def __signature__(self) -> inspect.Signature:
        names = (*self.forward.drawn, *([self.upstream] if self.upstream else []))
        only = inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature([inspect.Parameter(name, only) for name in names])

    def __call__(self, **given: Any) -> dict[str, Any]:
        """The value and the gradients by their names."""
        upstream = given.pop(self.upstream) if self.upstream else None
        if upstream is None:  # a loss: its gradients are those of 1·value
            kinds = [np.asarray(given[name]).dtype for name in self.wrt]
            upstream = np.ones((), kinds[0] if kinds else float)
        value, found = self.adapted.pullback(self.forward.arguments, given, self.wrt, upstream)
        return {self.result: value, **found}

    def bound(self) -> Binding:
        """How the judge calls it."""
        every = tuple(inspect.signature(self).parameters)
        return Binding(self, (), {n: n for n in every}, pinned=self.forward.pinned)


def differentiated(
    binding: Binding,
    against: Model | Derivation,
    result: str,
    wrt: Sequence[str],
    upstream: str,
    draw: Callable[[Statement], Points],
) -> Binding:
    """The binding of a function with its gradients, where the function asks for them.

    It does where it is told to, and else where it is given no cotangent and returns one array in
    the shape of ``result``.
    """
    function: Any = binding.function
    given = [name for name in wrt if name in binding.names]
    if not isinstance(function, Adapted) or function.gradients is False:
        return binding
    if not given or upstream in binding.names:
        return binding
    if function.gradients is None and not _returns(binding, against, result, draw):
        return binding
    return Differentiated(binding, result, tuple(given), upstream).bound()


def _returns(
    binding: Binding, against: Model | Derivation, result: str, draw: Callable[[Statement], Points]
) -> bool:
    """Whether a first call returns one array in the shape of the result."""
    statement = Statement.of(against, [result], binding.drawn, binding.pinned)
    points = draw(statement)
    first = points.draw(points.assignments[0], 0)
    made = call(binding, first.values()).returned
    single = isinstance(made, np.ndarray | np.generic | float)
    return single and np.shape(made) == first.shape(statement.outputs[result])


def pinned(binding: Binding, arguments: dict[str, Any]) -> Binding:
    """The binding with the sizes that the function's own arrays have.

    A size is pinned where an array that a module keeps has it as an axis.
    """
    function: Any = binding.function
    if not isinstance(function, Adapted):
        return binding
    fixed = dict(function.sizes)
    places = _places(binding)
    for own, shape in function.held.items():
        tensor = arguments.get(places.get(own, own))
        for size, length in zip(tensor.shape if tensor is not None else (), shape, strict=False):
            if size.is_Symbol:
                fixed.setdefault(size.name, length)
    return replace(binding, pinned=fixed)


def _places(binding: Binding) -> dict[str, str]:
    """Which argument of the statement each parameter of the function is."""
    own = list(inspect.signature(binding.function).parameters)
    placed = dict(zip(own, binding.positional, strict=False))
    placed |= binding.keywords
    return {name: item for name, item in placed.items() if isinstance(item, str)}


def points_of(form: Format, seed: int, given: Given) -> Callable[[Statement], Points]:
    """Where a first call is made."""
    return lambda statement: Points(statement, form, seed, given, brief=True)
