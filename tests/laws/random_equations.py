"""Random equations: what no example thinks of, from a seed.

`entrywise` equations hold scalar expressions of any depth (brackets, signs, fractions, powers);
`woven` ones hold products of matrices over few indices (chains, loops, diagonals, labels).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.declarations import size
from backproof.theory.equations import Contraction, Equation, Sum, every_index
from backproof.theory.evaluation.exact import Environment, environment
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Tensor,
    distinct,
    indices_in,
    slot,
)
from backproof.theory.scalars import (
    FUNCTIONS,
    hypot,
    larger,
    log1p,
    logaddexp,
    ndtri,
    rel_entr,
    sigmoid,
    smaller,
    xlogy,
)

N, M = size("N"), size("M")
EXTENTS = {"N": 3, "M": 2}
n, m = Index("n", N), Index("m", M)
SCALARS = (Tensor("s"), Tensor("lam"))
VECTORS = (
    Tensor("x", (N,)),
    Tensor("y1", (N,)),
    Tensor("v", (M,)),
    Tensor("dz", (N,), cotangent_of="z"),
)
MATRICES = (Tensor("A", (N, M)), Tensor("C", (M, N)), Tensor("B", (N, N)), Tensor("D", (M, M)))
LABELS = Tensor("t", (N,), dtype="integer", below=M)
COEFFICIENTS = (1, -1, 2, sp.S.Half, 1 / N, -2 / M, sp.sqrt(2), sp.Rational(1, 1000), N, -sp.S.Half)
PLAIN = (sp.exp, sp.tanh, sp.sin, sp.cos, sp.erf)


def entrywise(seed: int) -> Equation:
    """Up to three terms of entries and scalar expressions of them."""
    source = random.Random(seed)
    tensors = [*SCALARS, *VECTORS, *MATRICES[:2]]
    entries = [_entry(t) for t in source.sample(tensors, source.randint(1, 3))]
    terms = []
    for _ in range(source.randint(1, 3)):
        factors: list[Factor] = [_entry(t) for t in source.choices(tensors, k=source.randint(0, 2))]
        factors += _maps(source, entries)
        terms.append((sp.sympify(source.choice(COEFFICIENTS)), factors))
    at = source.sample([n, m], source.randint(0, 2))
    return _equation(at, terms, derived=source.random() < 0.5)


def woven(seed: int) -> Equation:
    """Up to two terms, each a product of up to five factors over few indices."""
    source = random.Random(seed)
    rows = [Index(f"n{k}", N) for k in range(3)]
    columns = [Index(f"m{k}", M) for k in range(2)]
    at = source.sample([*rows[:2], *columns], source.randint(0, 2))
    terms = []
    for _ in range(source.randint(1, 2)):
        factors = [_woven(source, rows, columns) for _ in range(source.randint(1, 5))]
        terms.append((sp.sympify(source.choice(COEFFICIENTS)), factors))
    return _equation(at, terms, derived=source.random() < 0.5)


def _woven(source: random.Random, rows: list[Index], columns: list[Index]) -> Factor:
    """A vector, a matrix, a diagonal, a lookup, a delta or a scalar."""

    def at(extent: sp.Expr) -> Index:
        return source.choice(rows if extent == N else columns)

    kind = source.random()
    if kind < 0.2:
        tensor = source.choice(VECTORS)
        return Entry(tensor, (at(tensor.shape[0]),))
    if kind < 0.25:
        return Entry(source.choice(SCALARS))
    if kind < 0.33:
        label = Entry(LABELS, (at(N),))
        lookup, rows_of = Entry(MATRICES[0], (at(N), label)), Entry(MATRICES[3], (label, at(M)))
        return source.choice((Delta(at(M), label), lookup, rows_of))
    if kind < 0.38:
        fixed = Affine(sp.S.One)
        return source.choice((Entry(MATRICES[0], (fixed, at(M))), Delta(at(M), fixed)))
    if kind < 0.42:
        return Delta(rows[0], rows[1])
    tensor = source.choice(MATRICES)
    return Entry(tensor, tuple(at(s) for s in tensor.shape))


def _equation(
    at: Sequence[Index], terms: Sequence[tuple[sp.Expr, Sequence[Factor]]], derived: bool
) -> Equation:
    """The equation: what is not free is summed, what is missing broadcasts."""
    contractions = []
    for coefficient, factors in terms:
        carried = distinct(i for f in factors for i in indices_in(f))
        ones = tuple(Ones(i) for i in at if i not in carried)
        over = tuple(i for i in carried if i not in at)
        contractions.append(Contraction(coefficient, (*factors, *ones), over))
    shape = tuple(i.size for i in at)
    tensor = Tensor("df" if derived else "f", shape, cotangent_of="f" if derived else None)
    return Equation(tensor, tuple(at), Sum(tuple(contractions)))


def _entry(tensor: Tensor) -> Entry:
    return Entry(tensor, tuple({N: n, M: m}[s] for s in tensor.shape))


def _maps(source: random.Random, entries: Sequence[Entry]) -> list[Factor]:
    """A random scalar expression of some entries, if it is finite and real."""
    slots = [slot(k) for k in range(len(entries))]
    expression = _expression(source, slots, source.randint(1, 3))
    used = [s for s in slots if s in expression.free_symbols]
    if not used or expression.has(sp.nan, sp.zoo, sp.I):
        return []
    dummies = {s: sp.Dummy(real=True) for s in used}
    renamed = expression.xreplace(dummies)
    renamed = renamed.xreplace({dummies[s]: slot(k) for k, s in enumerate(used)})
    return [Map(renamed, tuple(entries[slots.index(s)] for s in used))]


def _expression(source: random.Random, slots: Sequence[sp.Expr], depth: int) -> sp.Expr:
    def part() -> sp.Expr:
        return _expression(source, slots, depth - 1)

    if depth == 0:
        number = sp.Rational(source.randint(1, 3), source.choice([1, 2, 3, 10]))
        return source.choice([*slots, number])
    kind = source.random()
    if kind < 0.3:
        return part() + source.choice([1, -1]) * part()
    if kind < 0.55:
        return part() * part()
    if kind < 0.65:
        return part() / (part() ** 2 + 1)
    if kind < 0.75:
        return part() ** source.choice([2, 3])
    if kind < 0.8:
        return sp.sqrt(part() ** 2 + 2)
    if kind < 0.84:
        return -part()
    function = source.choice([*PLAIN, *FUNCTIONS])
    if function in (larger, smaller, hypot, logaddexp):
        return function(part(), part())
    if function in (xlogy, rel_entr):
        return function(part() ** 2 + 1, part() ** 2 + 2)
    if function is ndtri:
        return function(sigmoid(part()))
    return function(part() ** 2 if function is log1p else part())


def numbers(equation: Equation, seed: int) -> Environment:
    """The value of a random equation at random numbers."""
    source = random.Random(seed)

    def filled(shape: Sequence[sp.Expr], labels: bool) -> Any:
        if not shape:
            whole = source.randrange(2) if labels else source.randint(-12 * 10**8, 12 * 10**8)
            return whole if labels else mpmath.mpf(whole) / 10**9
        first, *rest = shape
        extent = int(first.subs({N: EXTENTS["N"], M: EXTENTS["M"]}))
        return [filled(rest, labels) for _ in range(extent)]

    inputs = {t.name: filled(t.shape, t.dtype == "integer") for t in equation.operands}
    assert isinstance(equation.rhs, Sum)
    sizes = [i.size for i in every_index(equation)]
    sizes += [t.coefficient for t in equation.rhs.terms]
    sizes += [s for t in equation.operands for s in (*t.shape, t.below) if s is not None]
    known = {s.name for size_ in sizes for s in sp.sympify(size_).free_symbols}
    return environment((equation,), inputs, {k: v for k, v in EXTENTS.items() if k in known})
