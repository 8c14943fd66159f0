"""A map that is affine in one of its inputs, with its matrix and what that shares.

    z = A x + b        A = ∂z/∂x        b = z at x = 0

A convolution has a matrix with few entries that are not zero, and those repeat a few parameters;
a stack of linear layers has one matrix.  Both are read off the derivative.

Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), sections 9.1 and 9.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.gathers import gathered
from backproof.theory.linear_maps.written_out import Table, table
from backproof.theory.notation import Delta, Index


@dataclass(frozen=True)
class LinearMap:
    """An affine map ``z = A x + b``: ``equation`` says so, ``matrix`` is A and ``offset`` is b.

    The axes of A are those of z (``rows``), then those of x (``columns``).  Axes on which the map
    does the same for every value, such as the batch, are ``shared``, and A does not have them.
    ``known`` are quantities that A and b mention, none of which depends on x.
    """

    equation: Equation
    matrix: Equation
    offset: Equation
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    shared: tuple[Index, ...]
    known: tuple[Equation, ...]

    @property
    def dense(self) -> sp.Expr:
        """The number of entries of A: the weights of a dense layer in its place."""
        return sp.Mul(*(i.size for i in (*self.rows, *self.columns)))

    @property
    def parameters(self) -> sp.Expr:
        """The number of entries of the tensors that A is made of."""
        return sp.Add(*(sp.Mul(*t.shape) for t in self.matrix.operands))

    @property
    def condition(self) -> str:
        """Where an entry of A can be other than zero, read off the deltas; a line a kind of term.

        >>> from backproof.theory.layers import Convolution
        >>> from backproof.theory.linear_maps import linear_map
        >>> print(linear_map(Convolution("o", ("k",)), input="c L").condition)
        0 <= q - j < k
        """
        from backproof.theory.printing.ranges import on_axis
        from backproof.theory.printing.text import Text, text

        lines, script = [], Text()
        for term in self._terms:
            rest, ranges = gathered(term)
            said = [on_axis(script, w, "<=", ">=") for w in ranges]
            said += [
                f"{text(f.left)} = {text(f.right)}" for f in rest.factors if isinstance(f, Delta)
            ]
            lines.append(" and ".join(said) or "everywhere")
        return "\n".join(dict.fromkeys(lines)) or "nowhere"

    @property
    def _terms(self) -> tuple[Contraction, ...]:
        assert isinstance(self.matrix.rhs, Sum)
        return self.matrix.rhs.terms

    def entries(self, **sizes: int) -> Table:
        """A written out at these sizes, row by row: what stands in each entry, ``"0"`` for nothing.

        Raises `BackproofError` for sizes that are missing, unknown or too small.

        >>> from backproof.theory.layers import Convolution
        >>> from backproof.theory.linear_maps import linear_map
        >>> for row in linear_map(Convolution(1, (2,)), input="1 L").entries(L=4):
        ...     print(row)
        ('K1[0,0,0]', 'K1[0,0,1]', '0', '0')
        ('0', 'K1[0,0,0]', 'K1[0,0,1]', '0')
        ('0', '0', 'K1[0,0,0]', 'K1[0,0,1]')
        """
        return table(Sum(self._terms), self.rows, self.columns, sizes)

    def pattern(self, **sizes: int) -> tuple[tuple[bool, ...], ...]:
        """Which entries of A can be other than zero, row by row."""
        return tuple(tuple(entry != "0" for entry in row) for row in self.entries(**sizes))

    def ties(self, **sizes: int) -> dict[str, tuple[tuple[int, int], ...]]:
        """Entries of A that are the same expression: for each, its rows and columns.

        What occurs once is left out, as are zeros.
        """
        found: dict[str, list[tuple[int, int]]] = {}
        for r, row in enumerate(self.entries(**sizes)):
            for c, entry in enumerate(row):
                found.setdefault(entry, []).append((r, c))
        return {e: tuple(at) for e, at in found.items() if e != "0" and len(at) > 1}

    def counts(self, **sizes: int) -> dict[str, int]:
        """How many entries A has (``dense``), how many are not zero, and how many differ."""
        entries = [entry for row in self.entries(**sizes) for entry in row]
        solid = [entry for entry in entries if entry != "0"]
        return {"dense": len(entries), "nonzero": len(solid), "different": len(set(solid))}

    def __str__(self) -> str:
        from backproof.theory.printing.text import text

        offset = [self.offset] if self.offset.rhs.terms else []  # type: ignore[union-attr]
        lines = [*map(text, (*self.known, self.equation, self.matrix, *offset))]
        if self.shared:
            lines.append(f"The same for every {', '.join(i.letter for i in self.shared)}.")
        where = self.condition.replace("\n", "; or ")
        lines.append(f"Not zero: {where}.")
        entries, parameters = text(self.dense), text(self.parameters)
        lines.append(f"A dense layer would have {entries} weights; these are made of {parameters}.")
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        from backproof.theory.printing.latex import latex

        return f"$${latex([*self.known, self.equation, self.matrix, self.offset])}$$"
