"""Rewriting ends in one form, whatever rule is applied where and in which order.

A form is compared up to names: an equation is what it says, down to the inputs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from unittest.mock import patch

import sympy as sp

from backproof.theory import networks
from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.model import Model
from backproof.theory.normal import RULES as OF_TERMS
from backproof.theory.normal import normal
from backproof.theory.notation import (
    POSITION,
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    indices_in,
    slot,
)
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.stability import RULES as OF_SCALARS
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.signatures import signature
from backproof.theory.trace import tracing

# Terms -------------------------------------------------------------------------------------


def rewritten_at_random(term: Contraction, source: random.Random) -> Contraction:
    """The term when no rule applies any more; each time any rule that does is taken.

    The factors are shuffled before each step, so that a rule may take any place of the term.
    """
    while True:
        factors = source.sample(term.factors, len(term.factors))
        over = tuple(source.sample(term.over, len(term.over)))
        term = Contraction(term.coefficient, tuple(factors), over)
        found = [new for rule in OF_TERMS if (new := rule(term)) is not None]
        if not found:
            return term
        new = source.choice(found)
        assert measure_of_term(new) < measure_of_term(term), f"{term} → {new}"
        term = new


def measure_of_term(term: Contraction) -> tuple[int, ...]:
    """What every rule of terms lowers: summed indices, affine sides, deltas, ones."""
    deltas = [f for f in term.factors if isinstance(f, Delta)]
    sides = [s for d in deltas for s in (d.left, d.right) if isinstance(s, Affine) and s.terms]
    ones = [f for f in term.factors if isinstance(f, Ones)]
    return len(term.over), len(sides), len(deltas), len(ones)


# Scalars -----------------------------------------------------------------------------------


def innermost_at_random(expression: sp.Expr, source: random.Random) -> sp.Expr:
    """The expression rewritten, arguments first in any order, then by any rule that applies.

    Rewriting ends within four rules a node of the expression.
    """
    nodes = sum(1 for _ in sp.preorder_traversal(expression))
    return _innermost(expression, source, iter(range(4 * nodes)))


def _innermost(expression: sp.Expr, source: random.Random, steps: Iterator[int]) -> sp.Expr:
    if expression.args:
        parts = list(expression.args)
        for place in source.sample(range(len(parts)), len(parts)):
            parts[place] = _innermost(parts[place], source, steps)
        if tuple(parts) != expression.args:
            expression = expression.func(*parts)
    for rule in source.sample(OF_SCALARS, len(OF_SCALARS)) if expression.free_symbols else ():
        new = rule(expression)
        if new is not None and new != expression:
            assert next(steps, None) is not None, f"no end of rewriting at {expression}"
            return _innermost(new, source, steps)
    return expression


# Models ------------------------------------------------------------------------------------


def in_normal_form(model: Model) -> Model:
    """Every sum of the model in normal form."""
    equations = (
        Equation(e.tensor, e.indices, normal(e.rhs)) if isinstance(e.rhs, Sum) else e
        for e in model.equations
    )
    return replace(model, equations=tuple(equations))


OF_MODELS: tuple[Callable[[Model], Model], ...] = (share_normalisers, tidy, in_normal_form)


@contextmanager
def nothing_rewritten() -> Iterator[None]:
    """Tracing and building of networks leave models as they were stated."""
    places = [(m, n) for m in (tracing, networks) for n in ("share_normalisers", "tidy")]
    patches = [patch.object(module, name, lambda model: model) for module, name in places]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def rewritten(model: Model, source: random.Random) -> Model:
    """The model rewritten in random order, until nothing changes its content."""
    while True:
        before = content(model)
        for rewrite in source.sample(OF_MODELS, len(OF_MODELS)):
            model = rewrite(model)
        if content(model) == before:
            return model


def content(model: Model) -> tuple[str, int]:
    """What the model says, up to the names of what it defines: its output, and how many steps."""
    known = {name: name for name in model.arguments}
    for equation in model.equations:
        known[equation.tensor.name] = _digest(equation, known)
    return known[model.output.name], len({known[e.tensor.name] for e in model.equations})


def _digest(equation: Equation, known: Mapping[str, str]) -> str:
    """A word equal for equations that say the same of the same quantities."""
    rhs, standard = equation.rhs, {}
    for place, index in enumerate(equation.indices):
        standard[index] = Index(f"#{place}", index.size)
    if isinstance(rhs, Sum):
        if _is_name(equation):  # f = L says what L says
            return known[equation.operands[0].name]
        terms = [term.renamed(dict(standard)) for term in rhs.terms]
        said = sorted((str(t.coefficient), str(signature(_named(t, known)))) for t in terms)
        return _word("sum", tuple(i.size for i in equation.indices), said)
    assert isinstance(rhs, Reduction | MatrixValue)
    kind = rhs.kind if isinstance(rhs, Reduction) else rhs.function
    order = [*rhs.over, *(rhs.out if isinstance(rhs, MatrixValue) else ())]
    if isinstance(rhs, Reduction):  # the order in which several indices are reduced is free
        order = [i for i in distinct(indices_in(rhs.operand)) if i in rhs.over]
    numbered = {i: Index(f"over{n}", i.size) for n, i in enumerate(order)}
    term = Contraction(sp.S.One, (rhs.operand,)).renamed({**standard, **numbered})
    return _word(kind, tuple(i.size for i in equation.indices), signature(_named(term, known)))


def _is_name(equation: Equation) -> bool:
    """Whether an equation only gives another name to a quantity."""
    assert isinstance(equation.rhs, Sum)
    if len(equation.operands) != 1:
        return False
    entry = Contraction(sp.S.One, (Entry(equation.operands[0], equation.indices),))
    return equation.rhs.terms == (entry,)


def _word(*parts: object) -> str:
    return "h" + sha256(repr(parts).encode()).hexdigest()[:24]


def _named(term: Contraction, known: Mapping[str, str]) -> Contraction:
    """The term with every quantity called by what it says."""

    def entry(e: Entry) -> Entry:
        tensor = replace(
            e.tensor, name=known.get(e.tensor.name, POSITION), axes=(), assumptions=frozenset()
        )
        return Entry(tensor, tuple(map(subscript, e.subscripts)))

    def subscript(s: Subscript) -> Subscript:
        if isinstance(s, Entry):
            return entry(s)
        if isinstance(s, Affine):
            return Affine(
                s.offset, tuple((entry(p) if isinstance(p, Entry) else p, c) for p, c in s.terms)
            )
        return s

    def factor(f: Factor) -> Factor:
        if isinstance(f, Entry):
            return entry(f)
        if isinstance(f, Map):
            return _sorted_map(Map(f.expression, tuple(map(entry, f.arguments))))
        return Delta(subscript(f.left), subscript(f.right)) if isinstance(f, Delta) else f

    return Contraction(term.coefficient, tuple(map(factor, term.factors)), term.over)


def _sorted_map(scalar: Map) -> Map:
    """The map with its arguments in the order of their names."""
    order: Sequence[int] = sorted(
        range(len(scalar.arguments)), key=lambda n: repr(scalar.arguments[n])
    )
    new = {slot(old): slot(place) for place, old in enumerate(order)}
    return Map(scalar.expression.xreplace(new), tuple(scalar.arguments[n] for n in order))
