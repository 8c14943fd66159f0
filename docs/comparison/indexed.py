"""A tensor of tensorgrad in index notation: one reading, typeset and evaluated.

tensorgrad's tensors have named edges and no order of axes; its own display is a drawing. Here each
edge becomes an index, named by its size and primed where sizes repeat. A copy tensor, drawn as a
dot where edges meet, becomes an index that occurs more than once. What is typeset and what is
evaluated is the same reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np
from tensorgrad import Delta, Function, Product, Sum, Variable, Zero
from tensorgrad.tensor import Rename

Index = str  # a size's letter, then primes
Array = tuple[np.ndarray, list[Index]]


@dataclass(frozen=True)
class Entry:
    """X_{i j}, or with `inverse` an entry of the inverse, X^{-1}_{j i}."""

    name: str
    indices: tuple[Index, ...]
    inverse: bool = False


@dataclass(frozen=True)
class Determinant:
    """The determinant of a matrix."""

    name: str


@dataclass(frozen=True)
class Constant:
    """The same number (one or zero) at every place of these indices."""

    number: int
    indices: tuple[Index, ...]


@dataclass(frozen=True)
class Equal:
    """One where all the indices are equal, else zero."""

    indices: tuple[Index, ...]


@dataclass(frozen=True)
class Count:
    """The number of values of an index."""

    index: Index


@dataclass(frozen=True)
class Total:
    """A sum of terms with their weights."""

    terms: tuple[tuple[Fraction, Any], ...]


@dataclass(frozen=True)
class Times:
    """A product of factors, summed over its bound indices."""

    bound: tuple[Index, ...]
    factors: tuple[Any, ...]


@dataclass(frozen=True)
class Applied:
    """`exp`, `log` or `power`, entry by entry."""

    function: str
    argument: Any
    power: Fraction = Fraction(1)


# Reading -----------------------------------------------------------------------------------


def read(tensor: Any, edges: Iterable[str]) -> Any:
    """The tensor in index notation, its free indices named in the order of its edges."""
    edges = list(edges)
    names = dict(zip(edges, free(tensor, edges), strict=True))
    return _read(tensor, names, frozenset(names.values()))


def free(tensor: Any, edges: Iterable[str]) -> list[Index]:
    """The free indices of a reading, one an edge."""
    found: list[Index] = []
    for edge in edges:
        found.append(_fresh(str(tensor.shape[edge]), found))
    return found


def _fresh(letter: str, taken: Iterable[Index]) -> Index:
    while letter in taken:
        letter += "'"
    return letter


@singledispatch
def _read(tensor: Any, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    raise NotImplementedError(type(tensor).__name__)


@_read.register
def _(tensor: Variable, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    return Entry(tensor.name, tuple(names[e] for e in tensor.edges))


@_read.register
def _(tensor: Rename, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    inner = {e: names[tensor.mapping.get(e, e)] for e in tensor.tensor.edges}
    return _read(tensor.tensor, inner, taken)


@_read.register
def _(tensor: Zero, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    return Constant(0, tuple(names[e] for e in tensor.edges))


@_read.register
def _(tensor: Delta, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    indices = tuple(names[e] for e in tensor.edges)
    if len(indices) > 1:
        return Equal(indices)
    return Constant(1, indices) if indices else Count(str(tensor.size))


@_read.register
def _(tensor: Sum, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    pairs = zip(tensor.weights, tensor.terms, strict=True)
    return Total(tuple((Fraction(w), _read(t, names, taken)) for w, t in pairs))


@_read.register
def _(tensor: Product, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    dots = [f for f in tensor.factors if isinstance(f, Delta) and f.edges]
    others = [f for f in tensor.factors if not (isinstance(f, Delta) and f.edges)]
    sizes = {e: str(s) for f in tensor.factors for e, s in f.shape.items()}
    groups: list[set[str]] = []  # of edges that meet
    for met in [set(dot.edges) for dot in dots] + [{e} for e in sizes]:
        joined = [g for g in groups if g & met]
        groups = [g for g in groups if not g & met] + [met.union(*joined)]
    own = dict(names)
    bound: list[Index] = []
    extra: list[Any] = []
    for group in groups:
        free = [names[e] for e in tensor.edges if e in group]
        carried = any(group & set(f.edges) for f in others)
        letter = sizes[min(group)]
        index = free[0] if free else _fresh(letter, taken | set(bound))
        own |= dict.fromkeys(group, index)
        if len(free) > 1:
            extra.append(Equal(tuple(free)))
        elif not carried:
            extra.append(Constant(1, (index,)) if free else Count(letter))
        elif not free:
            bound.append(index)
    inner = taken | set(bound)
    factors = [_read(f, {e: own[e] for e in f.edges}, inner) for f in others]
    return Times(tuple(bound), (*extra, *factors))


@_read.register
def _(tensor: Function, names: Mapping[str, Index], taken: frozenset[Index]) -> Any:
    (argument,) = tensor.inputs
    name = tensor.signature.name
    if name in ("exp", "log"):
        return Applied(name, _read(argument, names, taken))
    if name.startswith("pow("):
        return Applied("power", _read(argument, names, taken), Fraction(tensor.signature.k))
    if name == "det" and isinstance(argument, Variable):
        return Determinant(argument.name)
    if name == "inv" and isinstance(argument, Variable):
        # The inverse keeps the edges of its matrix, so that edges of one name cancel.
        return Entry(argument.name, tuple(names[e] for e in argument.edges), inverse=True)
    raise NotImplementedError(name)


# Evaluating --------------------------------------------------------------------------------


class Evaluation:
    """A reading at numbers."""

    def __init__(self, numbers: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> None:
        self._numbers, self._sizes = numbers, sizes

    def array(self, reading: Any, indices: Iterable[Index]) -> np.ndarray:
        """The array whose axes are these indices."""
        found, own = self._of(reading)
        return np.transpose(found, [own.index(i) for i in indices])

    def _size(self, index: Index) -> int:
        return self._sizes[index.rstrip("'")]

    def _of(self, reading: Any) -> Array:
        match reading:
            case Entry(name, indices, inverse):
                array = self._numbers[name]
                # An entry (i, j) of the reading is the entry (j, i) of the inverse.
                return (np.linalg.inv(array).T if inverse else array), list(indices)
            case Determinant(name):
                return np.linalg.det(self._numbers[name]), []
            case Constant(number, indices):
                return np.full([self._size(i) for i in indices], float(number)), list(indices)
            case Count(index):
                return np.array(float(self._size(index))), []
            case Equal(indices):
                places = np.indices([self._size(i) for i in indices])
                return np.all(places == places[0], axis=0).astype(float), list(indices)
            case Applied(function, argument, power):
                array, own = self._of(argument)
                if function == "power":
                    return array ** float(power), own
                return getattr(np, function)(array), own
            case Total(terms):
                own = self._of(terms[0][1])[1]
                weighed = [float(w) * self.array(t, own) for w, t in terms]
                return np.sum(weighed, axis=0), own
            case Times(bound, factors):
                return self._product(bound, [self._of(f) for f in factors])
        raise NotImplementedError(type(reading).__name__)

    @staticmethod
    def _product(bound: tuple[Index, ...], parts: list[Array]) -> Array:
        indices = list(dict.fromkeys(i for _, own in parts for i in own))
        place = {index: number for number, index in enumerate(indices)}
        kept = [index for index in indices if index not in bound]
        arguments: list[Any] = []
        for array, own in parts:
            arguments += [array, [place[i] for i in own]]
        return np.einsum(*arguments, [place[i] for i in kept], optimize=True), kept
