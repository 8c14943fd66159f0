"""Mutants planted: the code with one rule made wrong, for as long as a context lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import sympy as sp
from sympy.core.cache import clear_cache

from backproof.theory import normal
from backproof.theory.calculus import differentiate
from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import Affine, Delta, Entry, Factor, Ones, distinct, indices_in
from laws.rules.row import Mutant

Change = Callable[[Contraction], Contraction]


# Changes of what a rule sends ----------------------------------------------------------------


def negated(term: Contraction) -> Contraction:
    """The wrong sign."""
    return Contraction(-term.coefficient, term.factors, term.over)


def doubled(term: Contraction) -> Contraction:
    """A wrong factor."""
    return Contraction(2 * term.coefficient, term.factors, term.over)


def without_delta(term: Contraction) -> Contraction:
    """A delta dropped: its indices run freely."""
    return _without(term, lambda f: isinstance(f, Delta))


def without_factor(term: Contraction) -> Contraction:
    """The first entry or map dropped."""
    return _without(term, lambda f: not isinstance(f, Delta | Ones))


def _without(term: Contraction, is_it: Callable[[Factor], bool]) -> Contraction:
    for place, factor in enumerate(term.factors):
        if is_it(factor):
            ones = tuple(Ones(i) for i in distinct(indices_in(factor)))
            factors = (*term.factors[:place], *ones, *term.factors[place + 1 :])
            return Contraction(term.coefficient, factors, term.over)
    return term


# Where they are planted ----------------------------------------------------------------------


def share(rule: str, change: Change) -> Mutant:
    """What a rule of the chain rule sends to an operand, changed."""

    @contextmanager
    def planted() -> Iterator[None]:
        original = differentiate.pullbacks

        def wrong(*arguments: Any) -> Iterator[Any]:
            for entry, name, sent in original(*arguments):
                yield entry, name, change(sent) if name == rule else sent

        with patch.object(differentiate, "pullbacks", wrong):
            yield

    return Mutant(f"{rule}: {change.__name__}", planted)


def delivery(name: str, change: Callable[[Entry], Entry]) -> Mutant:
    """The subscripts by which an operand was read, changed where its share is put back."""

    @contextmanager
    def planted() -> Iterator[None]:
        original = differentiate._delivered

        def wrong(sent: Contraction, entry: Entry, *rest: Any) -> Contraction:
            return original(sent, change(entry), *rest)

        with patch.object(differentiate, "_delivered", wrong):
            yield

    return Mutant(name, planted)


def unshifted(entry: Entry) -> Entry:
    """A window put back at the start of its axis."""
    subscripts = (
        Affine(sp.S.Zero, s.terms) if isinstance(s, Affine) and s.terms else s
        for s in entry.subscripts
    )
    return Entry(entry.tensor, tuple(subscripts))


def unlabelled(entry: Entry) -> Entry:
    """Every label taken for zero."""
    subscripts = (Affine(sp.S.Zero) if isinstance(s, Entry) else s for s in entry.subscripts)
    return Entry(entry.tensor, tuple(subscripts))


def slope(name: str, change: Callable[..., Any]) -> Mutant:
    """The derivative of a matrix function, changed."""

    def planted() -> AbstractContextManager[None]:
        function = BY_NAME[name]
        field = "slope" if function.slope is not None else "pullback"
        wrong = change(getattr(function, field))
        return patch.dict(BY_NAME, {name: replace(function, **{field: wrong})})

    return Mutant(f"derivative of the {name}: {change.__name__}", planted)


def transposed(rule: Callable[..., Any]) -> Callable[..., Any]:
    """∂F/∂A[b,a] for ∂F/∂A[a,b]."""
    return lambda *arguments: rule(*arguments[:-2], arguments[-1], arguments[-2])


def of_each_term(change: Change, only: int | None = None) -> Callable[..., Any]:
    """The change of every term of a slope, or of one of them."""

    def changed(rule: Callable[..., Any]) -> Callable[..., Any]:
        def wrong(*arguments: Any) -> Any:
            found = rule(*arguments)
            if isinstance(found, Contraction):
                return change(found)
            terms = (change(t) if only in (None, n) else t for n, t in enumerate(found.terms))
            return Sum(tuple(terms))

        return wrong

    changed.__name__ = change.__name__ + ("" if only is None else f" in term {only}")
    return changed


def without_term(place: int) -> Callable[..., Any]:
    """A slope that lacks one of its terms."""

    def changed(rule: Callable[..., Any]) -> Callable[..., Any]:
        def wrong(*arguments: Any) -> Any:
            terms = rule(*arguments).terms
            return Sum((*terms[:place], *terms[place + 1 :]))

        return wrong

    changed.__name__ = f"without term {place}"
    return changed


def fdiff(function: Any, change: Callable[[sp.Expr], sp.Expr], name: str) -> Mutant:
    """The derivative that a scalar function states, changed.  SymPy remembers none of it."""
    where = "_eval_derivative" if function is sp.Pow else "fdiff"

    @contextmanager
    def planted() -> Iterator[None]:
        original = getattr(function, where)

        def wrong(self: sp.Expr, *arguments: Any) -> sp.Expr:
            return change(original(self, *arguments))

        clear_cache()
        try:
            with patch.object(function, where, wrong):
                yield
        finally:
            clear_cache()

    return Mutant(f"{getattr(function, '__name__', function)}′: {name}", planted)


def known(name: str, change: Callable[[Contraction], Contraction | None]) -> Mutant:
    """What a sum over a simplex is taken for, changed."""

    @contextmanager
    def planted() -> Iterator[None]:
        original = normal.whole_simplex

        def wrong(term: Contraction, facts: Any) -> Contraction | None:
            new = original(term, facts)
            return None if new is None else change(new)

        with patch.object(normal, "whole_simplex", wrong):
            yield

    return Mutant(name, planted)


def everything_symmetric() -> Mutant:
    """Every matrix taken for a symmetric one."""

    @contextmanager
    def planted() -> Iterator[None]:
        original = differentiate.facts_of

        def wrong(equations: Any, varied: Any) -> Any:
            names = {t.name for e in equations for t in e.operands}
            return replace(original(equations, varied), symmetric=frozenset(names))

        with patch.object(differentiate, "facts_of", wrong):
            yield

    return Mutant("every matrix symmetric", planted)
