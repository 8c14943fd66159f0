"""What reverse accumulation writes down: equations, steps, and the quantities that rules need.

A rule is written with quantities that may exist already: the softmax of a log-sum-exp's operand,
the position of a maximum, the inverse of a matrix.  Each is looked up among the equations, and
written down where it is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy as sp

from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
)
from backproof.theory.facts import extended
from backproof.theory.letters import Letters
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.maps import make_map
from backproof.theory.normal import NOTHING, Facts, is_map
from backproof.theory.notation import (
    Entry,
    Index,
    Map,
    Subscript,
    Tensor,
    fresh,
    indices_in,
    position,
    rename_entry,
    slot,
)
from backproof.theory.signatures import signature
from backproof.theory.steps import Step


@dataclass
class Tape:
    """What reverse accumulation has written down: equations, steps, and names in use."""

    known: list[Equation]
    letters: Letters
    names: set[str]
    prefix: str
    accent: str
    equations: list[Equation] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    facts: Facts = NOTHING

    def name(self, wish: str) -> str:
        """The wished name, made unique."""
        name, count = wish, 1
        while name in self.names:
            count += 1
            name = f"{wish}_{count}"
        self.names.add(name)
        return name

    def write(self, tensor: Tensor, indices: tuple[Index, ...], rhs: RightHandSide) -> Tensor:
        """Write an equation down and return its left-hand side's tensor."""
        equation = self.letters.write(tensor, indices, rhs)
        self.equations.append(equation)
        self.facts = extended(self.facts, equation)
        return tensor

    def define(self, wish: str, indices: Sequence[Index], rhs: RightHandSide) -> Tensor:
        """Write a new quantity down, under the wished name or one like it."""
        letters: list[str] = []
        for index in indices:
            free = index.letter not in (*letters, *self.letters.taken)
            others = [*letters, *self.letters.favourites]
            letters.append(index.letter if free else self.letters.next(others))
        shape = tuple(i.size for i in indices)
        return self.write(Tensor(self.name(wish), shape, tuple(letters)), tuple(indices), rhs)

    def softmax(self, equation: Equation) -> Entry:
        """exp(z − logsumexp z) as an entry, of an existing quantity where there is one."""
        assert isinstance(equation.rhs, Reduction)
        pair = {slot(0): equation.rhs.operand, slot(1): equation.entry}
        share = make_map(sp.exp(slot(0) - slot(1)), pair)
        indices = (*equation.indices, *equation.rhs.over)
        wanted = signature(Contraction(sp.S.One, (share,), indices))
        for other in (*self.known, *self.equations):
            found = _same_map(other, share, wanted)
            if found is not None:
                return found
        assert len(equation.rhs.operand.tensor.shape) >= len(equation.rhs.over)
        tensor = self.define("p", indices, Sum((Contraction(sp.S.One, (share,)),)))
        return Entry(tensor, indices)

    def position(self, equation: Equation) -> Entry:
        """argmax or argmin as an integer entry."""
        assert isinstance(equation.rhs, Reduction)
        rhs = Reduction(f"arg{equation.rhs.kind}", equation.rhs.operand, equation.rhs.over)
        for other in (*self.known, *self.equations):
            if other.indices == equation.indices and other.rhs == rhs:
                return Entry(other.tensor, equation.indices)
        tensor = Tensor(
            self.name("a"),
            equation.tensor.shape,
            equation.tensor.axes,
            dtype="integer",
            below=sp.Mul(*(i.size for i in rhs.over)),
        )
        self.write(tensor, equation.indices, rhs)
        return Entry(tensor, equation.indices)

    def others(self, equation: Equation) -> Entry:
        """The product of all entries but one, Π_j u[k,j] with u[k,j] = z[j] if j ≠ k, else 1."""
        assert isinstance(equation.rhs, Reduction)
        (k,) = equation.rhs.over
        j, own = fresh(k), equation.indices
        arguments = (
            rename_entry(equation.rhs.operand, {k: j}),
            position(k, k.size),
            position(j, k.size),
        )
        kept = sp.Piecewise((slot(0), sp.Ne(slot(1), slot(2))), (1, True))
        wide, letters = (*own, k, j), (*(i.letter for i in own), k.letter, j.letter + "1")
        factors = Tensor(self.name("u"), tuple(i.size for i in wide), letters)
        self.write(factors, wide, Sum((Contraction(sp.S.One, (Map(kept, arguments),)),)))
        product = Tensor(self.name("o"), tuple(i.size for i in (*own, k)), letters[:-1])
        self.write(product, (*own, k), Reduction("prod", Entry(factors, wide), (j,)))
        return Entry(product, (*own, k))


@dataclass(frozen=True)
class Matrices:
    """The quantities around one function of a matrix, as its derivative asks for them."""

    tape: Tape
    operand: Entry
    over: tuple[Index, Index]

    def __call__(self, name: str, *at: Index) -> Entry:
        """The entry of another function of the same matrix."""
        return self.of(name, self.operand, self.over, *at)

    def matrix(self, row: Index, column: Index) -> Entry:
        """The entry of the matrix itself."""
        return rename_entry(self.operand, dict(zip(self.over, (row, column), strict=True)))

    def of(self, name: str, matrix: Entry, over: tuple[Index, Index], *at: Index) -> Entry:
        """The entry of a function of another matrix."""
        function = BY_NAME[name]
        sizes = function.shape(*(i.size for i in over))
        out = tuple(fresh(Index(i.letter, size)) for i, size in zip(at, sizes, strict=True))
        value = MatrixValue(name, matrix, over, out)
        for other in (*self.tape.known, *self.tape.equations):
            if isinstance(other.rhs, MatrixValue) and other.rhs.pattern == value.pattern:
                pairs = zip(indices_in(other.rhs.operand), indices_in(matrix), strict=True)
                new = {**dict(pairs), **dict(zip(other.rhs.out, at, strict=True))}
                return Entry(other.tensor, tuple(new[i] for i in other.indices))
        stack = value.free[: len(value.free) - len(out)]
        wish = function.called.format(matrix.tensor.name) or name
        found = self.tape.define(wish, (*stack, *out), value)
        return Entry(found, (*stack, *at))

    def named(self, wish: str, indices: Sequence[Index], rhs: Sum) -> Entry:
        """The entry of a quantity that an equation of its own defines."""
        wanted = _signatures(rhs, indices)
        for other in (*self.tape.known, *self.tape.equations):
            same = isinstance(other.rhs, Sum) and len(other.rhs.terms) == len(rhs.terms)
            if same and len(other.indices) == len(indices):
                new: dict[Index, Subscript] = dict(zip(other.indices, indices, strict=True))
                if _signatures(other.rhs.renamed(new), indices) == wanted:  # type: ignore[arg-type]
                    return Entry(other.tensor, tuple(indices))
        return Entry(self.tape.define(wish, indices, rhs), tuple(indices))


def _signatures(rhs: Sum, indices: Sequence[Index]) -> list[tuple[object, ...]]:
    """What two right-hand sides with the same free indices share when they say the same."""
    sizes = tuple(str(i.size) for i in indices)
    return sorted((sizes, str(t.coefficient), signature(t)) for t in rhs.terms)


def _same_map(other: Equation, share: Map, wanted: tuple[object, ...]) -> Entry | None:
    """The entry of an equation that defines exactly this map, if it does."""
    rhs = other.rhs
    if not isinstance(rhs, Sum) or len(rhs.terms) != 1 or rhs.terms[0].coefficient != 1:
        return None
    if not is_map(rhs.terms[0]) or len(rhs.terms[0].factors) != 1:
        return None
    (factor,) = rhs.terms[0].factors
    assert isinstance(factor, Map)
    if signature(Contraction(sp.S.One, (factor,), other.indices)) != wanted:
        return None
    new = {
        i: j
        for a, b in zip(factor.arguments, share.arguments, strict=True)
        for i, j in zip(indices_in(a), indices_in(b), strict=True)
    }
    return Entry(other.tensor, tuple(new[i] for i in other.indices))
