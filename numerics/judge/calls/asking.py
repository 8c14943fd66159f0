"""What a function is asked to return, and whether it is given what that depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from backproof.numerics.judge.calls.binding import Binding, Item, names_in, parameters_of
from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.points.point import Given, Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement, default_outputs
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model


class States(Protocol):
    """What states a model for a function, as an optimiser does."""

    def statement_for(self, names: Iterable[str]) -> Model:
        """The model for a function with arguments of these names."""


def held_against(
    against: Derivation | Model | States,
    function: Callable[..., Any],
    inputs: Sequence[Item] | str | None,
) -> Derivation | Model:
    """The statement itself, or what an optimiser states for the arguments of the function."""
    if isinstance(against, Derivation | Model):
        return against
    if not hasattr(against, "statement_for"):
        raise BackproofError(
            "bp.verify",
            f"against={type(against).__name__}",
            "a derivation, a model or an optimiser",
            "pass what bp.derive or bp.trace returned",
        )
    if inputs is None:
        return against.statement_for(parameters_of(function))
    return against.statement_for(names_in(inputs if isinstance(inputs, str) else list(inputs)))


def asked(outputs: Sequence[Item] | str | None, against: Derivation | Model) -> tuple[Item, ...]:
    """The items of ``outputs``: all results or the value, unless they are named."""
    if outputs is None:
        return default_outputs(against)
    return (outputs,) if isinstance(outputs, str | Mapping) else tuple(outputs)


def by_first_look(
    binding: Binding,
    against: Derivation | Model,
    items: tuple[Item, ...],
    form: Format,
    seed: int,
    given: Given,
) -> tuple[tuple[Item, ...], list[Finding]]:
    """Without ``outputs``: a returned dictionary says by its keys what it holds."""
    statement = Statement.of(against, names_in(list(items)), binding.drawn, binding.pinned)
    require_arguments(statement, binding)
    points = Points(statement, form, seed, given)
    made = call(binding, points.draw(points.assignments[0], 0).values())
    if not isinstance(made.returned, Mapping):
        return items, []
    known = {}
    for key in made.returned:
        try:
            known[key] = Statement.of(against, [str(key)])
        except BackproofError:
            continue
    if not known:
        return items, []
    ignored = [repr(key) for key in made.returned if key not in known]
    note = Finding(
        "count",
        "note",
        binding.title,
        f"the keys {', '.join(ignored)}, which name nothing in the equations",
        "names of results or quantities",
        "they were not judged; name what they hold in outputs=",
    )
    return tuple(known), [note] if ignored else []


def require_arguments(statement: Statement, binding: Binding) -> None:
    """Refuse a function that is not given what its results depend on."""
    missing = [n for n in statement.needed_arguments if n not in binding.names]
    if missing:
        dependent = [
            t.name for t in statement.outputs.values() if missing[0] in statement.ancestors(t.name)
        ]
        raise BackproofError(
            binding.title,
            f"no parameter for {missing[0]}, on which {dependent[0]} depends",
            f"parameters for {', '.join(statement.needed_arguments)}",
            "pass it, state the model with its number, or judge other outputs",
        )
