"""The alphabet of index equations: indices, tensors, and the factors a contraction multiplies.

A factor is one of a closed set: an `Entry` of a tensor, a Kronecker `Delta`, the all-`Ones`
vector of an index, or a `Map` (a SymPy scalar expression applied entry by entry).  A subscript
is an `Index`, an `Affine` combination of indices, or an `Entry` of an integer tensor
(``z[n, y[n]]``: selection by label).  Windows, embeddings and diagonals are therefore entries
like any other, and every operation on equations is a rule over these few forms.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import sympy as sp


@dataclass(frozen=True, slots=True)
class Index:
    """An index and the number of values it takes, ``0 ≤ name < size``.

    >>> Index("n", sp.Symbol("N", integer=True, positive=True))
    Index(name='n', size=N)
    """

    name: str
    size: sp.Expr

    @property
    def letter(self) -> str:
        """The letter to print: a fresh index ``i~7`` wants to be called ``i``."""
        return self.name.partition("~")[0]


_serial = itertools.count(1)


def fresh(index: Index) -> Index:
    """A new index of the same size that equals no other."""
    return Index(f"{index.letter}~{next(_serial)}", index.size)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array: shape (SymPy sizes), kind of its entries, and the letters of its axes.

    ``below`` bounds an integer tensor's entries, ``0 ≤ t < below``.  ``cotangent_of`` names the
    tensor whose cotangent this one is, so that printers can write ∂J/∂W.  ``symbol`` is how LaTeX
    prints it, where that is not its name: another name, and what stands below it, as in m_{t−1}.
    """

    name: str
    shape: tuple[sp.Expr, ...] = ()
    axes: tuple[str, ...] = ()
    dtype: str = "real"
    below: sp.Expr | None = None
    assumptions: frozenset[str] = frozenset()
    cotangent_of: str | None = field(default=None, compare=False)
    accent: str = field(default="bar", compare=False)
    symbol: tuple[str, str] | None = field(default=None, compare=False)

    def indices(self) -> tuple[Index, ...]:
        """One fresh index an axis."""
        letters = self.axes or ("i",) * len(self.shape)
        return tuple(
            fresh(Index(letter, size)) for letter, size in zip(letters, self.shape, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Affine:
    """``offset + Σ coefficient·part``, parts being indices or labels; a constant has no terms."""

    offset: sp.Expr
    terms: tuple[tuple[Index | Entry, sp.Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tensor, ``T[s₁, …, s_k]``."""

    tensor: Tensor
    subscripts: tuple[Subscript, ...] = ()


Subscript = Index | Affine | Entry

UNWRITTEN = "?"  # no Python name: the tensor of entries that np.empty leaves open
POSITION = "#"  # no Python name: the tensor whose entry is its own subscript


def position(subscript: Index | Affine, size: sp.Expr) -> Entry:
    """A subscript as a number, 0 ≤ s < size: the entry at s of 0, 1, …, size − 1.

    Masks (``i ≥ j``), time stamps and the bits of a counter are maps of positions.  They are
    known, have no derivative, and print as the subscript itself.
    """
    tensor = Tensor(POSITION, (size,), ("i",), dtype="integer", below=size)
    return Entry(tensor, (subscript,))


@dataclass(frozen=True, slots=True)
class Delta:
    """The Kronecker delta ``δ[left, right]``."""

    left: Subscript
    right: Subscript


@dataclass(frozen=True, slots=True)
class Ones:
    """The vector of ones ``1[index]``: it broadcasts, and its sum is the index's size."""

    index: Index


@dataclass(frozen=True, slots=True)
class Map:
    """A SymPy expression in the slots ``slot(0), slot(1), …`` applied to entries."""

    expression: sp.Expr
    arguments: tuple[Entry, ...]


Factor = Entry | Delta | Ones | Map
Form = Factor | Index | Affine


@cache
def slot(position: int) -> sp.Symbol:
    """The placeholder that stands for a map's argument number ``position``."""
    return sp.Symbol(f"_{position}", real=True)


def indices_in(form: Form) -> Iterator[Index]:
    """Every index that occurs in a factor or subscript, in reading order, repeats included."""
    if isinstance(form, Index):
        yield form
    elif isinstance(form, Entry):
        for subscript in form.subscripts:
            yield from indices_in(subscript)
    elif isinstance(form, Affine):
        for part, _ in form.terms:
            yield from indices_in(part)
    elif isinstance(form, Delta):
        yield from indices_in(form.left)
        yield from indices_in(form.right)
    elif isinstance(form, Ones):
        yield form.index
    else:
        for argument in form.arguments:
            yield from indices_in(argument)


def distinct(indices: Iterable[Index]) -> tuple[Index, ...]:
    """The indices without repeats, in order of first appearance."""
    return tuple(dict.fromkeys(indices))


def entries_in(form: Form) -> Iterator[Entry]:
    """Every entry that occurs in a factor, label subscripts included."""
    if isinstance(form, Entry):
        yield form
        for subscript in form.subscripts:
            yield from entries_in(subscript)
    elif isinstance(form, Affine):
        for part, _ in form.terms:
            yield from entries_in(part)
    elif isinstance(form, Delta):
        yield from entries_in(form.left)
        yield from entries_in(form.right)
    elif isinstance(form, Map):
        for argument in form.arguments:
            yield from entries_in(argument)


def affine(offset: sp.Expr, terms: Iterable[tuple[Subscript, sp.Expr]]) -> Affine:
    """The subscript ``offset + Σ coefficient·subscript``, like terms collected."""
    collected: dict[Index | Entry, sp.Expr] = {}
    for part, coefficient in terms:
        if isinstance(part, Affine):
            offset += coefficient * part.offset
            for inner, c in part.terms:
                collected[inner] = collected.get(inner, sp.S.Zero) + coefficient * c
        else:
            collected[part] = collected.get(part, sp.S.Zero) + coefficient
    kept = tuple((part, c) for part, c in collected.items() if c != 0)
    return Affine(sp.sympify(offset), kept)


def row_major(indices: Sequence[Index]) -> Index | Affine:
    """The place of several indices on one axis: the last index runs fastest.

    >>> i, j = (Index(name, sp.Integer(size)) for name, size in (("i", 2), ("j", 3)))
    >>> row_major((i, j)).terms
    ((Index(name='i', size=2), 3), (Index(name='j', size=3), 1))
    """
    if len(indices) == 1:
        return indices[0]
    terms: list[tuple[Subscript, sp.Expr]] = []
    stride = sp.S.One
    for index in reversed(indices):
        terms.insert(0, (index, stride))
        stride = stride * index.size
    return affine(sp.S.Zero, terms)


def bounds(subscript: Index | Affine) -> tuple[sp.Expr, sp.Expr]:
    """The least and the greatest value that an index or affine subscript takes."""
    if isinstance(subscript, Index):
        return sp.S.Zero, subscript.size - 1
    low = high = subscript.offset
    for part, coefficient in subscript.terms:
        reach = sp.expand(coefficient * (extent(part) - 1))
        if coefficient.is_negative:
            low += reach
        else:
            high += reach
    return sp.expand(low), sp.expand(high)


def extent(part: Index | Entry) -> sp.Expr:
    """How many values an index or a label can take."""
    if isinstance(part, Index):
        return part.size
    assert part.tensor.below is not None
    return part.tensor.below


def inside(subscript: Index | Affine, size: sp.Expr) -> bool | None:
    """Whether a subscript stays on an axis of this size; `None` when that cannot be decided."""
    low, high = bounds(subscript)
    answers = (_nonnegative(low), _nonnegative(sp.expand(size - 1 - high)))
    if False in answers:
        return False
    return True if answers == (True, True) else None


@cache
def _nonnegative(size: sp.Expr) -> bool | None:
    """Whether a size expression is never negative, plainly or by factors: m n − m = m (n − 1).

    With floors (p − q + 1)/q ≤ ⌊p/q⌋ ≤ p/q is used where it helps.
    """
    if size.is_nonnegative is not None:
        return size.is_nonnegative
    if not size.has(sp.floor):
        return sp.factor(size).is_nonnegative
    least = sp.S.Zero
    for term in sp.Add.make_args(size):
        factor, whole = term.as_independent(sp.floor)
        if isinstance(whole, sp.floor) and factor.is_number:
            below = sp.together(whole.args[0]).as_numer_denom()[1]
            term = factor * (whole.args[0] - (1 - 1 / below if factor.is_positive else 0))
        least += term
    return True if sp.expand(least).is_nonnegative else None


def rename_subscript(subscript: Subscript, new: Mapping[Index, Subscript]) -> Subscript:
    """The subscript with indices replaced; an index may become any subscript."""
    if isinstance(subscript, Index):
        return new.get(subscript, subscript)
    if isinstance(subscript, Affine):
        terms = [(rename_subscript(part, new), c) for part, c in subscript.terms]
        return affine(subscript.offset, terms)
    return rename_entry(subscript, new)


def rename_entry(entry: Entry, new: Mapping[Index, Subscript]) -> Entry:
    """The entry with its indices replaced."""
    if not entry.subscripts:
        return entry
    return Entry(entry.tensor, tuple(rename_subscript(s, new) for s in entry.subscripts))


def rename(factor: Factor, new: Mapping[Index, Subscript]) -> tuple[Factor, ...]:
    """The factor with its indices replaced; ones over a subscript keep the indices it carries."""
    if isinstance(factor, Entry):
        return (rename_entry(factor, new),)
    if isinstance(factor, Delta):
        return (Delta(rename_subscript(factor.left, new), rename_subscript(factor.right, new)),)
    if isinstance(factor, Map):
        return (Map(factor.expression, tuple(rename_entry(a, new) for a in factor.arguments)),)
    target = new.get(factor.index, factor.index)
    return tuple(Ones(index) for index in distinct(indices_in(target)))
