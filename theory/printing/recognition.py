"""What a reader knows by name: softmax in its quantities, log(1 + x) in its kernel spelling.

A printer that sees a whole model recognises ``exp(z[n,k] - L[n])``, where another equation says
``L[n] = logsumexp_k z[n,k]``, as the softmax of z over k.  Kernel spellings (log1p, expm1)
become mathematics again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from backproof.theory.equations import Equation, MatrixValue, Reduction, Sum
from backproof.theory.facts import facts_of
from backproof.theory.notation import (
    Entry,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    indices_in,
    rename_entry,
    rename_subscript,
    slot,
)
from backproof.theory.scalars import expm1, log1p

if TYPE_CHECKING:
    from backproof.theory.printing.products import Group


def spelled(expression: sp.Expr) -> sp.Expr:
    """The expression with log1p and expm1 written out, and logarithms of numbers joined.

    >>> spelled(2 * log1p(sp.Symbol("x")))
    2*log(x + 1)
    """
    if expression.has(log1p, expm1):
        expression = expression.replace(log1p, lambda x: sp.log(1 + x))
        expression = expression.replace(expm1, lambda x: sp.exp(x) - 1)
    several = [log for log in expression.atoms(sp.log) if log.args[0].is_number]
    return expression.replace(_is_sum, _one_logarithm) if len(several) > 1 else expression


def _is_sum(expression: sp.Basic) -> bool:
    return isinstance(expression, sp.Add)


def _one_logarithm(total: sp.Add) -> sp.Expr:
    """log 2 + log π = log 2π, for positive numbers with a common coefficient."""
    inside: dict[sp.Expr, sp.Expr] = {}
    rest = []
    for term in total.args:
        logs = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.log) and f.args[0].is_number]
        if len(logs) == 1 and logs[0].args[0].is_positive:
            scale = term / logs[0]
            inside[scale] = inside.get(scale, sp.S.One) * logs[0].args[0]
        else:
            rest.append(term)
    return sp.Add(*rest, *(scale * sp.log(number) for scale, number in inside.items()))


@dataclass(frozen=True)
class Softmax:
    """Entry number ``over`` of the softmax of ``logit`` over those indices."""

    logit: Entry | Group
    over: tuple[Index, ...]


@dataclass
class Context:
    """The equations around what is printed, in their order.

    ``current`` names the equation that is being printed: a quantity is never printed through
    itself nor through a later one.  ``unnamed`` are quantities whose names do not stand anywhere.
    """

    equations: tuple[Equation, ...] = ()
    current: str = ""
    unnamed: frozenset[str] = frozenset()
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for equation in self.equations:
            self.note(equation.tensor, *equation.operands)

    @cached_property
    def symmetric(self) -> frozenset[str]:
        """The names of the matrices that are symmetric, whatever their numbers."""
        return facts_of(self.equations).symmetric

    def note(self, *tensors: Tensor) -> None:
        """Remember tensors by name: what a cotangent is the cotangent of."""
        for tensor in tensors:
            self.tensors.setdefault(tensor.name, tensor)

    def inverse_of(self, tensor: Tensor) -> Tensor | None:
        """The matrix that a tensor is the inverse of, unless that is what is being said."""
        for equation in self.equations:
            rhs = equation.rhs
            if equation.tensor == tensor and isinstance(rhs, MatrixValue):
                plain = rhs.operand.subscripts == rhs.over and rhs.function == "inverse"
                plain = plain and rhs.operand.tensor.name not in self.unnamed
                return rhs.operand.tensor if plain and tensor.name != self.current else None
        return None

    def exponential(self, power: sp.exp, arguments: tuple[Entry, ...]) -> Softmax | Entry | None:
        """What ``exp(z - L)`` is by name: a quantity already defined, a softmax, or nothing."""
        pair = softmax_pair(power)
        if pair is None:
            return None
        logit, partition = (arguments[n] for n in pair)
        definition = next((e for e in self.equations if e.tensor == partition.tensor), None)
        if definition is None:
            return None
        over = _summed(definition, partition, logit)
        if over is None:
            return None
        named = self._named(logit, partition)
        if named is not None:
            return named
        free = {s for s in over if isinstance(s, Index)} - set(indices_in(partition))
        return Softmax(logit, tuple(over)) if len(free) == len(over) else None  # type: ignore[arg-type]

    def _named(self, logit: Entry, partition: Entry) -> Entry | None:
        """An earlier quantity that is this softmax."""
        for equation in self.equations:
            if equation.tensor.name == self.current:
                return None
            if equation.tensor.name in self.unnamed:
                continue
            found = share_in(equation)
            if found is not None:
                binding: dict[Index, Subscript] = {}
                if _bind(found[0], logit, binding) and _bind(found[1], partition, binding):
                    return rename_entry(equation.entry, binding)
        return None


def share_in(equation: Equation) -> tuple[Entry, Entry] | None:
    """(z, L) when the equation reads ``p = exp(z - L)``, entry by entry."""
    rhs = equation.rhs
    if not isinstance(rhs, Sum) or len(rhs.terms) != 1 or rhs.terms[0].coefficient != 1:
        return None
    solid = [f for f in rhs.terms[0].factors if not isinstance(f, Ones)]
    if rhs.terms[0].over or len(solid) != 1 or not isinstance(solid[0], Map):
        return None
    pair = softmax_pair(solid[0].expression)
    return None if pair is None else tuple(solid[0].arguments[n] for n in pair)  # type: ignore[return-value]


def softmax_pair(power: sp.Expr) -> tuple[int, int] | None:
    """The slots (a, b) of exp(a - b), as a softmax is stated."""
    if not isinstance(power, sp.exp) or not isinstance(power.args[0], sp.Add):
        return None
    slots = {slot(0): 0, slot(1): 1} | {s: int(s.name[1:]) for s in power.free_symbols}
    parts = power.args[0].args
    plus = [slots[p] for p in parts if p in slots]
    minus = [slots[-p] for p in parts if -p in slots]
    return (plus[0], minus[0]) if len(parts) == 2 and len(plus) == len(minus) == 1 else None


def _summed(definition: Equation, partition: Entry, logit: Entry) -> list[Subscript] | None:
    """What stands at the summed places of ``logit`` when the partition sums exactly it."""
    rhs = definition.rhs
    if not isinstance(rhs, Reduction) or rhs.kind != "logsumexp":
        return None
    if rhs.operand.tensor != logit.tensor:
        return None
    binding = dict(zip(definition.indices, partition.subscripts, strict=True))
    over: list[Subscript] = []
    for pattern, subscript in zip(rhs.operand.subscripts, logit.subscripts, strict=True):
        if isinstance(pattern, Index) and pattern in rhs.over:
            over.append(subscript)
        elif rename_subscript(pattern, binding) != subscript:
            return None
    return over if len(over) == len(rhs.over) else None


def _bind(pattern: Entry, entry: Entry, binding: dict[Index, Subscript]) -> bool:
    """Match a pattern whose subscripts are indices, extending the binding."""
    if pattern.tensor != entry.tensor:
        return False
    for left, right in zip(pattern.subscripts, entry.subscripts, strict=True):
        if isinstance(left, Index):
            if binding.setdefault(left, right) != right:
                return False
        elif rename_subscript(left, binding) != right:
            return False
    return True


# letters for anonymous indices -------------------------------------------------------------


def lettered(indices: Iterable[Index], taken: Iterable[str] = ()) -> Mapping[Index, str]:
    """A letter for every index: its own, or a free one for an anonymous one (``i~7``).

    Two indices of different sizes never share a letter, not even as dummies of two sums.
    ``taken`` are the names that mean something else.
    """
    distinct = tuple(dict.fromkeys(indices))
    letters: dict[Index, str] = {}
    busy = set(taken)
    for index in distinct:
        if "~" not in index.name and index.name not in letters.values():
            letters[index] = index.name
    for index in distinct:
        if index not in letters:
            pool = (index.letter, *"ijklpqrsuv", *(f"i{n}" for n in range(1, 10**4)))
            used = busy | set(letters.values())
            letters[index] = next(name for name in pool if name not in used)
    return letters
