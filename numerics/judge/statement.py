"""What a function is held against: equations, their arguments, and the names of their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model, needed
from backproof.theory.notation import Tensor


@dataclass(frozen=True)
class Statement:
    """The equations of a model or derivation, as far as the judged outputs need them.

    ``outputs`` maps the name that the caller uses ("W1", "value", "dz2") to the tensor.  A size
    that is ``pinned`` has this number at every point.
    """

    against: Model | Derivation
    outputs: Mapping[str, Tensor]
    equations: tuple[Equation, ...]
    named: tuple[str, ...] = ()
    pinned: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        against: Model | Derivation,
        outputs: Iterable[str],
        named: Iterable[str] = (),
        pinned: Mapping[str, int] | None = None,
    ) -> Statement:
        """The statement of some outputs; an unknown one is refused.

        ``named`` are arguments that are needed in any case, as the function takes them.
        """
        chosen = {name: output(against, name) for name in outputs}
        return cls(against, chosen, needed(against.equations, chosen.values()), tuple(named),
                   dict(pinned or {}))  # fmt: skip

    @cached_property
    def needed_arguments(self) -> tuple[str, ...]:
        """The arguments that the judged outputs depend on."""
        used = {t.name for e in self.equations for t in e.operands}
        used |= {t.name for t in self.outputs.values()}
        return tuple(name for name in self.against.arguments if name in used)

    @cached_property
    def arguments(self) -> dict[str, Tensor]:
        """The arguments to draw: those needed, and those that the function takes besides."""
        wanted = {*self.needed_arguments, *self.named}
        return {k: t for k, t in self.against.arguments.items() if k in wanted}

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by its name: arguments, then quantities in order."""
        return {**self.arguments, **{e.tensor.name: e.tensor for e in self.equations}}

    @cached_property
    def defining(self) -> dict[str, Equation]:
        """The equation of each quantity."""
        return {e.tensor.name: e for e in self.equations}

    @cached_property
    def sizes(self) -> tuple[sp.Symbol, ...]:
        """The symbolic sizes that may vary, by name."""
        return tuple(s for s in self._symbols if s.name not in self.pinned)

    @cached_property
    def fixed(self) -> dict[sp.Symbol, int]:
        """The numbers of the sizes that may not."""
        return {s: self.pinned[s.name] for s in self._symbols if s.name in self.pinned}

    @cached_property
    def _symbols(self) -> tuple[sp.Symbol, ...]:
        symbols = {
            s for t in self.arguments.values() for size in t.shape for s in size.free_symbols
        }
        symbols |= {s for size in self.extents for s in size.free_symbols}
        return tuple(sorted(symbols, key=lambda s: s.name))

    @cached_property
    def extents(self) -> tuple[sp.Expr, ...]:
        """Every size expression that occurs; each must be a positive integer."""
        found = [size for t in self.arguments.values() for size in t.shape]
        found += [t.below for t in self.arguments.values() if t.below is not None]
        found += [i.size for e in self.equations for i in every_index(e)]
        return tuple(dict.fromkeys(found))

    def ancestors(self, name: str) -> set[str]:
        """The quantities that one quantity is computed from, itself included."""
        found, waiting = set(), [name]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                equation = self.defining.get(current)
                waiting += [t.name for t in equation.operands] if equation else []
        return found

    @property
    def parameters(self) -> frozenset[str]:
        """The arguments that a model calls its parameters."""
        model = self.against.model if isinstance(self.against, Derivation) else self.against
        return frozenset(model.parameters)


def default_outputs(against: Model | Derivation) -> tuple[str, ...]:
    """All results of a derivation; the outputs of a model, or its value."""
    return tuple(against.results)


def output(against: Model | Derivation, name: str) -> Tensor:
    """The tensor that a name means as an output.

    A result is meant first ("W1" is the gradient with respect to W1 in a derivation), then
    "value", then any quantity by its own name.
    """
    results = against.results
    value = against.value if isinstance(against, Derivation) else against.output
    if name in results:
        return results[name]
    if name == "value":
        return value
    for equation in against.equations:
        if equation.tensor.name == name:
            return equation.tensor
    known = [*results, "value", *(e.tensor.name for e in against.equations)]
    raise BackproofError(
        "outputs", f"the unknown name {name!r}", f"one of {', '.join(dict.fromkeys(known))}",
        "name what the function returns, in order",
    )  # fmt: skip
