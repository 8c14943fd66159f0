"""Letters for indices: what the reader sees, chosen when an equation is written down.

While equations are composed their indices are anonymous (`fresh`).  Writing one down gives
every index its own letter: the left-hand side takes the letters of the tensor's axes, a summed
index keeps the letter it brought along when that is free, and takes the next one when not.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from backproof.theory.equations import (
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
    every_index,
)
from backproof.theory.normal import apart
from backproof.theory.notation import Index, Subscript, Tensor, fresh, indices_in, rename_entry
from backproof.theory.steps import Pullback

POOL = "ijklqrsuvcdegh"  # without a, f, L, m and p, the names of quantities


class Letters:
    """The letters of one model: which are taken by tensors, and each size's favourite.

    >>> n, N = sp.symbols("n N", integer=True, positive=True)
    >>> letters = Letters(taken={"x"})
    >>> letters.of(n), letters.of(N), letters.of(n)
    ('i', 'n', 'i')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self._favourite: dict[sp.Expr, str] = {}

    def of(self, size: sp.Expr) -> str:
        """The favourite letter of a size: its own name in lower case if that was upper case."""
        if size not in self._favourite:
            used = self.taken | set(self._favourite.values())
            name = str(size)
            wish = name.lower() if len(name) == 1 and name.isupper() else ""
            self._favourite[size] = wish if wish and wish not in used else self.next(used)
        return self._favourite[size]

    def next(self, used: Iterable[str]) -> str:
        """The first letter of the pool that is neither used nor a tensor's name."""
        busy = set(used) | self.taken
        for round_ in range(100):
            for letter in POOL:
                name = letter if round_ == 0 else f"{letter}{round_}"
                if name not in busy:
                    return name
        raise AssertionError("out of letters")

    def axes(self, shape: tuple[sp.Expr, ...]) -> tuple[str, ...]:
        """Distinct letters for the axes of a tensor."""
        chosen: list[str] = []
        for size in shape:
            wish = self.of(size)
            chosen.append(wish if wish not in chosen else self.next([*chosen, *self.favourites]))
        return tuple(chosen)

    def results(self, shape: tuple[sp.Expr, ...], *axes: Index) -> tuple[Index, ...]:
        """Anonymous indices of a shape, after an axis of the same size where there is one."""
        chosen: list[Index] = []
        for size in shape:
            used = {c.letter for c in chosen}
            same = [i.letter for i in axes if i.size == size and i.letter not in used]
            chosen.append(fresh(Index(same[0] if same else self.of(size), size)))
        return tuple(chosen)

    @property
    def favourites(self) -> set[str]:
        """All letters that some size prefers."""
        return set(self._favourite.values())

    def write(self, tensor: Tensor, indices: tuple[Index, ...], rhs: RightHandSide) -> Equation:
        """The equation ``tensor[indices] = rhs`` with a proper letter for each index."""
        left: dict[Index, str] = {}
        for index, letter in zip(indices, tensor.axes or [i.letter for i in indices], strict=True):
            left[index] = letter if self._allowed(letter, left) else self._other(index, left)
        lettered = {index: Index(letter, index.size) for index, letter in left.items()}
        sizes: dict[str, sp.Expr] = {}
        if isinstance(rhs, Reduction | MatrixValue):
            new_rhs: RightHandSide = rhs.renamed(self._summed(rhs.over, left, sizes))
        else:
            new_rhs = Sum(tuple(t.renamed(self._summed(t.over, left, sizes)) for t in rhs.terms))
        return Equation(tensor, tuple(lettered[i] for i in indices), new_rhs)

    def pullback(self, step: Pullback, lead: tuple[Index, ...], total: Sum) -> tuple[Pullback, Sum]:
        """A chain-rule step with letters: those of the operand first, others for the equation's."""
        home = tuple(indices_in(step.wrt))
        chosen: dict[Index, str] = {}
        wishes = (*(i.letter for i in lead), *(step.wrt.tensor.axes or (i.letter for i in home)))
        for index, wish in zip((*lead, *home), wishes, strict=True):
            chosen[index] = wish if self._allowed(wish, chosen) else self._other(index, chosen)
        left = dict(chosen)
        for index in step.equation.indices:
            wish = index.letter
            chosen[index] = wish if self._allowed(wish, chosen) else self._other(index, chosen)
        new: dict[Index, Subscript] = {i: Index(letter, i.size) for i, letter in chosen.items()}
        equation = step.equation
        if isinstance(equation.rhs, Sum):
            apart_rhs: RightHandSide = Sum(tuple(apart(t) for t in equation.rhs.terms))
        else:
            apart_rhs = equation.rhs.renamed({i: fresh(i) for i in equation.rhs.over})
        indices = tuple(Index(chosen[i], i.size) for i in equation.indices)
        written = Equation(equation.tensor, indices, apart_rhs.renamed(new))
        wrt = rename_entry(step.wrt, new)
        sizes: dict[str, sp.Expr] = {}
        after = Sum(tuple(t.renamed(self._summed(t.over, left, sizes)) for t in total.terms))
        return Pullback(written, wrt, step.cotangent.renamed(new)), after

    def _summed(
        self, over: tuple[Index, ...], left: dict[Index, str], sizes: dict[str, sp.Expr]
    ) -> dict[Index, Subscript]:
        """New indices for the left-hand side and for one term's summed indices.

        ``sizes`` are those of the summed indices of the terms before: a letter has one size.
        """
        chosen = dict(left)
        for index in over:
            taken = {letter for letter, size in sizes.items() if size != index.size}
            wish = index.letter
            if not self._allowed(wish, chosen) or wish in taken:
                wish = self._other(index, chosen, taken)
            chosen[index] = wish
            sizes[wish] = index.size
        return {index: Index(letter, index.size) for index, letter in chosen.items()}

    def _allowed(self, letter: str, chosen: dict[Index, str]) -> bool:
        return letter not in self.taken and letter not in chosen.values()

    def _other(self, index: Index, chosen: dict[Index, str], taken: Iterable[str] = ()) -> str:
        wish = self.of(index.size)
        if self._allowed(wish, chosen) and wish not in set(taken):
            return wish
        return self.next([*chosen.values(), *self.favourites, *taken])


def letters_of(equations: Iterable[Equation], names: Iterable[str]) -> Letters:
    """Letters that continue those of existing equations."""
    letters = Letters(names)
    for equation in equations:
        for index in every_index(equation):
            letters._favourite.setdefault(index.size, index.name)
    return letters


def without_letters(
    equations: Iterable[Equation], unwanted: set[str], names: Iterable[str]
) -> list[Equation]:
    """The equations with other letters for the indices that are called so."""
    return [_without(equation, unwanted, set(names)) for equation in equations]


def _without(equation: Equation, unwanted: set[str], names: set[str]) -> Equation:
    own = dict.fromkeys(every_index(equation))
    letters = Letters({*names, *(i.name for i in own)})
    new: dict[Index, Index] = {}
    for index in own:
        if index.name in unwanted:
            new[index] = Index(letters.next(i.name for i in new.values()), index.size)
    if not new:
        return equation
    indices = tuple(new.get(i, i) for i in equation.indices)
    return Equation(equation.tensor, indices, equation.rhs.renamed(dict(new)))
