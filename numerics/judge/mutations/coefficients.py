"""Wrong signs and factors: −1, 2, ½, a size too much, a size too little, another size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    called,
    is_penalty,
    rebuilt,
    terms_of,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.normal import scaled


def coefficients(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """The whole right-hand side, and each of several terms, times a factor."""
    terms = terms_of(equation)
    name = equation.tensor.name
    if not terms:
        return
    for slip in slips(equation, scene, terms):
        new = rebuilt(equation, scaled(equation.rhs, slip.factor).terms)  # type: ignore[arg-type]
        if new is not None:
            words = f"{name} {slip.words}"
            yield Mutation(slip.kind, f"{slip.kind} {slip.factor}", words, {name: new}, slip.rank)
    if len(terms) > 1:
        for n, term in enumerate(terms):
            yield from _of_a_term(equation, scene, n, term)


def _of_a_term(equation: Equation, scene: Scene, n: int, term: Contraction) -> Iterator[Mutation]:
    name = equation.tensor.name
    penalty = is_penalty(equation, term, scene)
    for slip in slips(equation, scene, (term,)):
        part = Contraction(slip.factor * term.coefficient, term.factors, term.over)
        new = with_term(equation, n, part)
        if new is None:
            continue
        what = called(equation, term, scene)
        if penalty:
            family, words = f"penalty {slip.factor}", f"{what} {slip.words}"
            yield Mutation("penalty", family, words, {name: new}, slip.rank)
        else:
            family = f"{slip.kind} {slip.factor} of term {n}"
            words = f"{what} of {name} {slip.words}"
            yield Mutation(slip.kind, family, words, {name: new}, slip.rank + 1)


@dataclass(frozen=True)
class Slip:
    """A wrong factor: the kind of mistake, its words, and how far it is from a slip of the pen."""

    factor: sp.Expr
    kind: str
    words: str
    rank: int = 1


def slips(equation: Equation, scene: Scene, terms: tuple[Contraction, ...]) -> Iterator[Slip]:
    """Wrong signs, 2 and ½, and the sizes that an equation mentions."""
    yield Slip(sp.S.NegativeOne, "sign", "with the other sign")
    yield Slip(sp.Integer(2), "factor", "doubled")
    yield Slip(sp.Rational(1, 2), "factor", "halved")
    sizes = scene.sizes(equation)
    everywhere = [n for n in scene.statement.extents if n != 1]
    summed = [i.size for t in terms for i in t.over]
    for size in sizes:
        if any(_divides(size, t) for t in terms):
            mean = f"without its factor 1/{size} (a sum where the mean is meant)"
            yield Slip(size, "factor", mean)
            yield Slip(1 / size, "factor", f"divided by {size} twice")
            yield Slip(size / (size - 1), "factor", f"divided by {size} − 1 instead of {size}", 2)
            for other in everywhere:
                if other != size:
                    words = f"divided by {other} instead of {size}"
                    yield Slip(size / other, "factor", words, 2)
            continue
        what = " (a mean where the sum is meant)" if size in summed else ""
        yield Slip(1 / size, "factor", f"divided by {size}{what}", 1 if what else 2)
        home = next((e for e in scene.before(equation) if _mentions(size, e)), None)
        said = f" (the factor 1/{size} of {home.tensor.name} is missing)" if home else ""
        yield Slip(size, "factor", f"multiplied by {size}{said}", 1 if home else 2)
    for part in _parts(terms):
        yield Slip(1 / part, "factor", f"without its factor {part}")
        yield Slip(part, "factor", f"with its factor {part} twice", 2)


def _parts(terms: tuple[Contraction, ...]) -> list[sp.Expr]:
    """Factors that all coefficients share besides −1, 2, ½ and whole sizes: 1/√d, 3, λ."""
    shared: list[sp.Expr] | None = None
    for term in terms:
        own = [f for f in sp.Mul.make_args(term.coefficient) if not _plain(f)]
        shared = own if shared is None else [f for f in shared if f in own]
    return shared or []


def _plain(factor: sp.Expr) -> bool:
    base, exponent = factor.as_base_exp()
    return factor in (1, -1, 2, sp.Rational(1, 2)) or (base.is_Symbol and exponent in (1, -1))


def _divides(size: sp.Expr, term: Contraction) -> bool:
    """Whether a coefficient has a size below its line."""
    return bool(sp.fraction(sp.together(term.coefficient))[1].has(size))


def _mentions(size: sp.Expr, equation: Equation) -> bool:
    return any(_divides(size, t) for t in terms_of(equation))
