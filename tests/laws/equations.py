"""What every written equation keeps: its indices, its letters, its normal form, its length."""

import random
from collections.abc import Iterable

import sympy as sp

from backproof.theory.declarations import size
from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    Sum,
    every_index,
)
from backproof.theory.evaluation.exact import Environment, evaluate_rhs
from backproof.theory.model import Model
from backproof.theory.normal import normal
from backproof.theory.notation import Index, fresh, indices_in
from backproof.theory.signatures import signature
from laws.steps import assert_close


def both_sides_carry_the_same_indices(equation: Equation) -> None:
    """Each term has the free indices of the left-hand side, and its summed ones occur in it."""
    left = set(equation.indices)
    if isinstance(equation.rhs, MatrixValue):
        assert set(equation.rhs.free) == left
        return
    assert len(left) == len(equation.indices), f"{equation}: an index twice on the left"
    for term in terms_of(equation):
        carried = {i for f in term.factors for i in indices_in(f)}
        assert carried - set(term.over) == left, f"{equation}: free indices differ"
        assert set(term.over) <= carried, f"{equation}: a sum over an index that nothing carries"
        assert len(set(term.over)) == len(term.over), f"{equation}: an index summed twice"


def terms_of(equation: Equation) -> tuple[Contraction, ...]:
    """The terms of a right-hand side; a reduction counts as the one entry that it reduces."""
    rhs = equation.rhs
    if isinstance(rhs, Reduction | MatrixValue):
        return (Contraction(sp.S.One, (rhs.operand,), rhs.over),)
    return rhs.terms


def letters_are_unambiguous(equation: Equation, names: Iterable[str]) -> None:
    """A letter means one index; it is no tensor, no size, and has been chosen (no ``i~7``)."""
    sizes = {s.name for i in every_index(equation) for s in i.size.free_symbols}
    taken = {*names, *sizes}
    for term in terms_of(equation):
        here = [i.name for i in (*equation.indices, *term.over)]
        assert len(set(here)) == len(here), f"{equation}: a letter for two indices"
        assert not taken & set(here), f"{equation}: {taken & set(here)} is a tensor or a size too"
        assert not any("~" in letter for letter in here), f"{equation}: no letter chosen"


def names_have_one_meaning(model: Model) -> None:
    """No tensor that the library names has the name of a size."""
    clash = {e.tensor.name for e in model.equations} & {s.name for s in model.sizes}
    assert not clash, f"{clash}: a tensor and a size"


def shuffled(term: Contraction, seed: int) -> Contraction:
    """The same contraction: other names for its summed indices, its factors in another order."""
    source = random.Random(seed)
    renamed = term.renamed({i: fresh(i) for i in term.over})
    factors, over = list(renamed.factors), list(renamed.over)
    source.shuffle(factors)
    source.shuffle(over)
    return Contraction(renamed.coefficient, tuple(factors), tuple(over))


def normal_form_is_confluent(total: Sum, seed: int) -> None:
    """Terms in another order with other dummies have the same signatures and coefficients."""
    source = random.Random(seed)
    terms = [shuffled(t, seed + n) for n, t in enumerate(total.terms)]
    source.shuffle(terms)
    assert content(normal(Sum(tuple(terms)))) == content(normal(total))


def content(total: Sum) -> dict[tuple[object, ...], sp.Expr]:
    """Coefficients by signature."""
    return {signature(t): t.coefficient for t in total.terms}


def normal_form_is_an_identity(total: Sum, free: tuple[Index, ...], here: Environment) -> None:
    """A sum and its normal form have the same free indices, and the same value at each of them."""
    assert all(set(term.free) == set(free) for term in normal(total).terms)
    for at in here.assignments(free):
        found, claimed = evaluate_rhs(total, here, at), evaluate_rhs(normal(total), here, at)
        assert_close(found, claimed, f"{normal(total)} at {at}")


def normal_form_is_idempotent(total: Sum) -> None:
    """Nothing is left to do in a normal form."""
    assert normal(normal(total)) == normal(total)


def length(equations: Iterable[Equation]) -> int:
    """The factors written in some equations: what a reader has to read."""
    return sum(len(list(e.rhs.factors)) for e in equations)


def named(letter: str, extent: str) -> Index:
    """An index of a named size."""
    return Index(letter, size(extent))
