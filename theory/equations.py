"""Index equations and models: what is stated, differentiated, run, printed and checked.

The right-hand side of an equation is one of a closed set: a `Sum` of `Contraction`s

    t[a] = Σ_terms coefficient · Σ_over factor · factor · …

or a `Reduction` of one entry over some of its indices (maximum, log-sum-exp, …).
Every term of a sum carries exactly the indices of the left-hand side: an equation that lost or
gained an index cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.notation import (
    POSITION,
    Affine,
    Entry,
    Factor,
    Index,
    Subscript,
    Tensor,
    bounds,
    distinct,
    entries_in,
    indices_in,
    inside,
    rename,
    rename_entry,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Contraction:
    """``coefficient · Σ_over Π factors``; the coefficient may contain sizes."""

    coefficient: sp.Expr
    factors: tuple[Factor, ...] = ()
    over: tuple[Index, ...] = ()

    @property
    def free(self) -> tuple[Index, ...]:
        """The indices that are carried and not summed."""
        return tuple(
            i
            for i in distinct(j for f in self.factors for j in indices_in(f))
            if i not in self.over
        )

    def renamed(self, new: Mapping[Index, Subscript]) -> Contraction:
        """Free and summed indices replaced (summed ones by indices only)."""
        over = tuple(new.get(i, i) for i in self.over)
        assert all(isinstance(i, Index) for i in over)
        factors = tuple(g for f in self.factors for g in rename(f, new))
        return Contraction(self.coefficient, factors, over)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sum:
    """A linear combination of contractions; no terms means zero."""

    terms: tuple[Contraction, ...]

    @property
    def factors(self) -> Iterator[Factor]:
        """All factors of all terms."""
        return (factor for term in self.terms for factor in term.factors)

    def renamed(self, new: Mapping[Index, Subscript]) -> Sum:
        """Every term renamed."""
        return Sum(tuple(term.renamed(new) for term in self.terms))


REDUCTIONS = ("max", "min", "argmax", "argmin", "prod", "logsumexp")


@dataclass(frozen=True, slots=True)
class Reduction:
    """``kind_over operand``: one of `REDUCTIONS`; prod over one index.

    The position of an extreme over several indices is their row-major place, and the first one.
    """

    kind: str
    operand: Entry
    over: tuple[Index, ...]

    @property
    def factors(self) -> Iterator[Factor]:
        """The one entry that is reduced."""
        return iter((self.operand,))

    def renamed(self, new: Mapping[Index, Subscript]) -> Reduction:
        """Free and reduced indices replaced."""
        over = tuple(new.get(i, i) for i in self.over)
        return Reduction(self.kind, rename_entry(self.operand, new), over)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class MatrixValue:
    """``F(A)[out]``: a function of the matrix whose rows and columns are the indices ``over``.

    ``function`` is the name of one of `backproof.theory.linear_algebra.MATRIX_FUNCTIONS`; further
    indices of the operand are a stack of matrices.
    """

    function: str
    operand: Entry
    over: tuple[Index, Index]
    out: tuple[Index, ...]

    @property
    def factors(self) -> Iterator[Factor]:
        """The one entry that the matrix is made of."""
        return iter((self.operand,))

    @property
    def free(self) -> tuple[Index, ...]:
        """The stack's indices and those of the result."""
        stack = (i for i in distinct(indices_in(self.operand)) if i not in self.over)
        return (*stack, *self.out)

    @property
    def pattern(self) -> tuple[object, ...]:
        """Equal for two values that differ by the names of indices only; a transpose differs."""
        names = distinct(indices_in(self.operand))
        numbered = {i: Index(f"#{n}", i.size) for n, i in enumerate(names)}
        over = tuple(names.index(i) for i in self.over)
        return (self.function, rename_entry(self.operand, numbered), over)

    def renamed(self, new: Mapping[Index, Subscript]) -> MatrixValue:
        """All indices replaced."""
        over = tuple(new.get(i, i) for i in self.over)
        out = tuple(new.get(i, i) for i in self.out)
        return MatrixValue(self.function, rename_entry(self.operand, new), over, out)  # type: ignore[arg-type]


RightHandSide = Sum | Reduction | MatrixValue


@dataclass(frozen=True, slots=True)
class Equation:
    """``tensor[indices] = rhs``.

    Raises `BackproofError` when the two sides do not carry the same free indices or an index
    runs over an axis of another size.
    """

    tensor: Tensor
    indices: tuple[Index, ...]
    rhs: RightHandSide

    def __post_init__(self) -> None:
        name = self.tensor.name
        if tuple(i.size for i in self.indices) != self.tensor.shape:
            sizes = ", ".join(str(i.size) for i in self.indices)
            shape = ", ".join(map(str, self.tensor.shape))
            raise BackproofError(
                name, f"indices of sizes ({sizes})", f"({shape})", "index each axis by its size"
            )
        left = set(self.indices)
        for free in self._free_of_each_term():
            if free != left or len(left) != len(self.indices):
                raise BackproofError(
                    f"{name}[{', '.join(i.name for i in self.indices)}]",
                    f"a term with free indices {{{', '.join(sorted(i.name for i in free))}}}",
                    "the same free indices on both sides",
                    "sum the extra index, or multiply by the ones of a missing index to broadcast",
                )
        for factor in self.rhs.factors:
            for entry in entries_in(factor):
                check_subscripts(entry)

    def _free_of_each_term(self) -> Iterator[set[Index]]:
        if isinstance(self.rhs, Reduction):
            yield set(indices_in(self.rhs.operand)) - set(self.rhs.over)
        elif isinstance(self.rhs, MatrixValue):
            yield set(self.rhs.free)
        else:
            for term in self.rhs.terms:
                yield set(term.free)

    @property
    def entry(self) -> Entry:
        """The left-hand side as an entry."""
        return Entry(self.tensor, self.indices)

    @property
    def operands(self) -> tuple[Tensor, ...]:
        """The tensors on the right, without repeats; positions are no quantity."""
        seen = (e.tensor for f in self.rhs.factors for e in entries_in(f))
        return tuple(dict.fromkeys(t for t in seen if t.name != POSITION))

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        return text(self)


def check_subscripts(entry: Entry) -> None:
    """Refuse an entry with a wrong number of subscripts or an index of another size."""
    tensor = entry.tensor
    if len(entry.subscripts) != len(tensor.shape):
        raise BackproofError(
            tensor.name,
            f"{len(entry.subscripts)} subscripts",
            f"{len(tensor.shape)}, one an axis",
            f"index {tensor.name} as its shape ({', '.join(map(str, tensor.shape))}) says",
        )
    for subscript, size in zip(entry.subscripts, tensor.shape, strict=True):
        if isinstance(subscript, Index) and subscript.size != size:
            raise BackproofError(
                tensor.name,
                f"index {subscript.letter} of size {subscript.size} on an axis of size {size}",
                "equal sizes",
                "state the two sizes with one name, or transpose",
            )
        if isinstance(subscript, Entry) and subscript.tensor.dtype != "integer":
            raise BackproofError(
                tensor.name,
                f"the real tensor {subscript.tensor.name} as a subscript",
                "an integer tensor",
                f"declare {subscript.tensor.name} with bp.array(…, dtype=int, below=…)",
            )
        if isinstance(subscript, Affine) and inside(subscript, size) is False:
            low, high = bounds(subscript)
            raise BackproofError(
                tensor.name,
                f"positions {low} … {high} on an axis of size {size}",
                "positions inside the axis",
                "count from 0 and check the range",
            )


def every_index(equation: Equation) -> Iterator[Index]:
    """All indices of an equation, both sides."""
    yield from equation.indices
    for factor in equation.rhs.factors:
        yield from indices_in(factor)
