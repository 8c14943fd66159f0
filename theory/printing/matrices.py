"""Matrix expressions: what index equations become when no index is written.

A node has axes, the indices of its rows and columns: none for a scalar, one for a vector, two
for a matrix.  A `Chain` is a product of matrices, with vectors only at its ends; ``Diag(v)`` and
``Unit`` (the vector of ones) are links like any other, so that scaled rows and sums along an axis
are chains too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import sympy as sp

from backproof.theory.notation import Affine, Delta, Entry, Index, Subscript, entries_in

Axes = tuple[Index, ...]


@dataclass(frozen=True)
class Leaf:
    """An entry with its indices left out: a tensor, its diagonal, a lookup in it."""

    entry: Entry
    axes: Axes
    symmetric: bool = False


@dataclass(frozen=True)
class Softmax:
    """The softmax of ``of`` along some of its axes."""

    of: Node
    over: Axes

    @property
    def axes(self) -> Axes:
        """Those of the operand."""
        return self.of.axes


@dataclass(frozen=True)
class Reduced:
    """The largest entry, the log-sum-exp, … of ``of`` along some of its axes."""

    kind: str
    of: Node
    over: Axes

    @property
    def axes(self) -> Axes:
        """Those that are left."""
        return tuple(i for i in self.of.axes if i not in self.over)


@dataclass(frozen=True)
class FunctionOf:
    """The inverse, the determinant, … of a matrix; ``axes`` are those of the result."""

    function: str
    of: Node
    axes: Axes


@dataclass(frozen=True)
class Unit:
    """The vector of ones."""

    axes: Axes


@dataclass(frozen=True)
class Identity:
    """The identity matrix δ[i, j]."""

    axes: Axes


@dataclass(frozen=True)
class OneHot:
    """Rows (or one vector) of the identity, picked by labels or by one position."""

    label: Subscript
    size: sp.Expr
    axes: Axes


@dataclass(frozen=True)
class Diag:
    """The diagonal matrix of a vector; both its axes are the vector's."""

    of: Node

    @property
    def axes(self) -> Axes:
        """The vector's index, twice."""
        return self.of.axes * 2


@dataclass(frozen=True)
class Diagonal:
    """The diagonal of a matrix that is not itself a name."""

    of: Node
    axes: Axes


@dataclass(frozen=True)
class Transposed:
    """The transpose of a matrix that is not itself a product."""

    of: Node

    @property
    def axes(self) -> Axes:
        """Columns first."""
        return self.of.axes[::-1]


@dataclass(frozen=True)
class Entrywise:
    """A scalar expression in the placeholders ``_0, _1, …`` of nodes, broadcast to ``axes``."""

    expression: sp.Expr
    of: tuple[Node, ...]
    axes: Axes


@dataclass(frozen=True)
class Hadamard:
    """The product entry by entry; a negative exponent divides."""

    parts: tuple[tuple[Node, sp.Expr], ...]
    axes: Axes


@dataclass(frozen=True)
class Chain:
    """A matrix product; ``axes`` are what its ends leave open."""

    links: tuple[Node, ...]
    axes: Axes


@dataclass(frozen=True)
class Trace:
    """The trace of a closed product."""

    links: tuple[Node, ...]
    axes: Axes = ()


@dataclass(frozen=True)
class Norm:
    """The Euclidean length of a vector, the Frobenius norm of a matrix."""

    of: Node
    axes: Axes = ()


@dataclass(frozen=True)
class Outer:
    """The product of a column and a row."""

    left: Node
    right: Node

    @property
    def axes(self) -> Axes:
        """The column's, then the row's."""
        return self.left.axes + self.right.axes


@dataclass(frozen=True)
class Scaled:
    """``coefficient · Π scalars · node``; without a node it is a scalar."""

    coefficient: sp.Expr
    scalars: tuple[tuple[Node, sp.Expr], ...]
    of: Node | None
    axes: Axes


@dataclass(frozen=True)
class Plus:
    """A sum of scaled nodes, broadcast to ``axes``."""

    terms: tuple[Scaled, ...]
    axes: Axes


Node = (
    Leaf
    | Softmax
    | Reduced
    | FunctionOf
    | Unit
    | Identity
    | OneHot
    | Diag
    | Diagonal
    | Transposed
    | Entrywise
    | Hadamard
    | Chain
    | Trace
    | Norm
    | Outer
    | Scaled
    | Plus
)


class NoMatrixForm(Exception):
    """Raised inside this package where only index notation says what is meant."""


def leaf(entry: Entry) -> Leaf:
    """The entry without its plain indices; raises `NoMatrixForm` for windows and the like."""
    plain = [s for s in entry.subscripts if isinstance(s, Index)]
    labels = [s for s in entry.subscripts if isinstance(s, Entry)]
    fixed = [s for s in entry.subscripts if isinstance(s, Affine)]
    if any(s.terms for s in fixed) or len(labels) > 1 or (labels and fixed):
        raise NoMatrixForm
    if labels:
        return _lookup(entry, labels[0], plain)
    if len(set(plain)) < len(plain):
        if len(plain) != 2 or fixed:
            raise NoMatrixForm
        return Leaf(entry, (plain[0],))
    return Leaf(entry, tuple(plain))


def _lookup(entry: Entry, label: Entry, plain: list[Index]) -> Leaf:
    """``E[t]``, ``Z[:, t]`` and ``z[np.arange(n), t]``."""
    inner = leaf(label).axes
    if len(inner) != 1 or label.subscripts != inner or len(set(plain)) < len(plain):
        raise NoMatrixForm
    if inner[0] in plain:
        if len(entry.subscripts) != 2 or entry.subscripts[0] != inner[0]:
            raise NoMatrixForm
        return Leaf(entry, inner)
    axes = [s if isinstance(s, Index) else inner[0] for s in entry.subscripts]
    return Leaf(entry, tuple(axes))


def delta(factor: Delta) -> Node:
    """The identity, one-hot rows or a unit vector."""
    left, right = factor.left, factor.right
    if isinstance(right, Index) and not isinstance(left, Index):
        left, right = right, left
    if not isinstance(left, Index):
        raise NoMatrixForm
    if isinstance(right, Index):
        return Identity((left, right))
    if isinstance(right, Affine):
        if right.terms:
            raise NoMatrixForm
        return OneHot(right, left.size, (left,))
    inner = leaf(right).axes
    if right.subscripts != inner or left in inner or len(inner) > 1:
        raise NoMatrixForm
    return OneHot(right, left.size, (*inner, left))


def turned(node: Node) -> Node:
    """The transpose of a matrix, pushed into products."""
    match node:
        case Transposed(of):
            return of
        case Diag() | Unit():
            return node
        case Identity(axes):
            return Identity(axes[::-1])
        case Leaf(symmetric=True):
            return replace(node, axes=node.axes[::-1])
        case FunctionOf("inverse", of, axes) if signs(turned(of)) <= signs(of):
            return FunctionOf("inverse", turned(of), axes[::-1])
        case Outer(left, right):
            return Outer(right, left)
        case Chain(links, axes):
            return Chain(reversed_links(links), axes[::-1])
        case Hadamard(parts, axes) if all(len(p.axes) == 2 and _turns(p) for p, _ in parts):
            return Hadamard(tuple((turned(p), e) for p, e in parts), axes[::-1])
        case Plus(terms, axes) if len(axes) == 2:
            inside = Plus(tuple(map(_turned_term, terms)), axes[::-1])
            if signs(inside) <= signs(node) + 1:
                return inside
    return Transposed(node)


def _turns(node: Node) -> bool:
    """Whether the transpose needs no new transposition sign."""
    return isinstance(node, Transposed | Identity | Outer | Diag) and len(node.axes) == 2


def _turned_term(term: Scaled) -> Scaled:
    """The term with its axes reversed; what has fewer than two is broadcast the other way."""
    if term.of is None or len(term.axes) < 2:
        return term
    return Scaled(term.coefficient, term.scalars, turned(term.of), term.axes[::-1])


def oriented(node: Node, axes: Axes) -> Node:
    """The matrix with these rows and columns."""
    return node if node.axes == axes or len(axes) < 2 else turned(node)


def reversed_links(links: tuple[Node, ...]) -> tuple[Node, ...]:
    """The links of the transposed product; vectors change ends as they are."""
    return tuple(turned(k) if len(k.axes) == 2 else k for k in links[::-1])


def transposes(links: tuple[Node, ...]) -> int:
    """How many links carry a transposition sign."""
    return sum(isinstance(k, Transposed) for k in links)


def square_of_norm(node: Node) -> Node | None:
    """u of uᵀu, A of tr(AᵀA)."""
    match node:
        case Chain((first, last), ()) if first == last and len(first.axes) == 1:
            return first
        case Trace((Transposed(first), last)) if first == last:
            return first
    return None


def leaves_of(node: object) -> Iterator[str]:
    """The names of the tensors that stand in an expression."""
    if isinstance(node, Leaf):
        yield from (e.tensor.name for e in entries_in(node.entry))
    elif isinstance(node, tuple):
        for part in node:
            yield from leaves_of(part)
    elif isinstance(node, Entry):
        yield from (e.tensor.name for e in entries_in(node))
    elif is_dataclass(node):
        for name in _INNER & {f.name for f in fields(node)}:
            yield from leaves_of(getattr(node, name))


_INNER = {"of", "parts", "links", "left", "right", "terms", "scalars", "label"}


def scales_identity(node: object) -> bool:
    """Whether rows of a bracket with an identity in it are scaled: diag(p) (I − 1 pᵀ)."""
    if isinstance(node, tuple):
        return any(map(scales_identity, node))
    if isinstance(node, Chain | Hadamard):
        parts = node.links if isinstance(node, Chain) else tuple(p for p, _ in node.parts)
        brackets = [p for p in parts if isinstance(p, Plus)]
        others = [p for p in parts if isinstance(p, Diag) or isinstance(node, Hadamard)]
        if others and any(isinstance(t.of, Identity) for b in brackets for t in b.terms):
            return True
    if not is_dataclass(node):
        return False
    return any(scales_identity(getattr(node, n)) for n in _INNER & {f.name for f in fields(node)})


def signs(node: object) -> int:
    """How many transposition signs a node holds, however deep."""
    if isinstance(node, tuple):
        return sum(map(signs, node))
    if not is_dataclass(node):
        return 0
    inner = (getattr(node, name) for name in _INNER & {f.name for f in fields(node)})
    return isinstance(node, Transposed) + sum(map(signs, inner))
