"""Matrix expressions: what index equations become when no index is written.

A node has axes, the indices of its rows and columns: none for a scalar, one for a vector, two
for a matrix.  A `Chain` is a product of matrices, with vectors only at its ends; ``Diag(v)`` and
``Unit`` (the vector of ones) are links like any other, so that scaled rows and sums along an axis
are chains too.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.notation import Entry, Index, Subscript

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
