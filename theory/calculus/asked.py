"""What is asked for: the names to differentiate by, and the directions of a product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backproof.theory.calculus.symmetry import SYMMETRIC
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Tensor


def targets_of(model: Model, wrt: str | Sequence[str] | None) -> list[Tensor]:
    """The tensors that are asked for; all parameters, or all real inputs, by default."""
    known = model.arguments
    defined = {e.tensor.name: e.tensor for e in model.equations if e.tensor != model.output}
    if wrt is None:
        chosen = list(model.parameters) or [n for n, t in known.items() if t.dtype == "real"]
    else:
        chosen = (
            [wrt] if isinstance(wrt, str) else list(wrt) if isinstance(wrt, Iterable) else [wrt]
        )
    targets = []
    for name in dict.fromkeys(chosen):
        tensor = known.get(name) or defined.get(name)
        if tensor is None:
            options = ", ".join([*known, *defined])
            raise BackproofError(
                "wrt", f"the unknown name {name}", f"one of {options}", "check the name"
            )
        if tensor.dtype != "real":
            raise BackproofError(
                "wrt",
                f"{name}, an integer array",
                "a real array",
                "labels have no derivative; drop it",
            )
        targets.append(tensor)
    if any(t.name == "value" for t in targets):
        raise BackproofError(
            "wrt",
            "an input called value",
            "another name",
            "rename it: results hold the output as 'value'",
        )
    if not targets:
        raise BackproofError("wrt", "no names", "at least one", "pass wrt='name'")
    return targets


def directions_of(
    targets: list[Tensor], along: str | Mapping[str, str], names: set[str]
) -> dict[str, Tensor]:
    """An input of the shape of each target, named as asked."""
    if isinstance(along, str):
        only = len(targets) == 1
        chosen = {t.name: along if only else f"{along}_{t.name}" for t in targets}
    else:
        chosen = dict(along)
        unknown = [n for n in chosen if n not in {t.name for t in targets}]
        if unknown:
            names_ = ", ".join(t.name for t in targets)
            raise BackproofError("along", f"a direction for {unknown[0]}", names_, "drop it")
        missing = [t.name for t in targets if t.name not in chosen]
        if missing:
            raise BackproofError("along", f"no direction for {missing[0]}", "one a name", "add it")
    directions = {}
    for target in targets:
        name = chosen[target.name]
        if name in names or not name.isidentifier():
            raise BackproofError("along", f"the name {name}", "a free name", "choose another")
        names.add(name)
        known = target.assumptions & SYMMETRIC
        directions[target.name] = Tensor(name, target.shape, target.axes, assumptions=known)
    return directions
