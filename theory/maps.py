"""Between scalar expressions and contractions: which part of a product is an entry, which a map.

A product of entries stays a product (it is multilinear, exact and cheap); whatever else a scalar
expression contains becomes one map; a sum becomes a sum of terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.notation import Entry, Factor, Index, Map, Ones, indices_in, slot


def as_expression(terms: Iterable[Contraction], arguments: dict[Entry, sp.Symbol]) -> sp.Expr:
    """Entrywise terms as a SymPy expression; new entries get slots in ``arguments``."""
    total = sp.S.Zero
    for term in terms:
        product = sp.S.One
        for factor in term.factors:
            if isinstance(factor, Entry):
                product *= arguments.setdefault(factor, slot(len(arguments)))
            elif isinstance(factor, Map):
                new = {
                    slot(n): arguments.setdefault(a, slot(len(arguments)))
                    for n, a in enumerate(factor.arguments)
                }
                product *= factor.expression.xreplace(new)
        total += term.coefficient * product  # last: SymPy multiplies a number into a lone sum
    return total


def as_terms(
    expr: sp.Expr, arguments: Mapping[Entry, sp.Symbol], indices: tuple[Index, ...]
) -> tuple[Contraction, ...]:
    """A scalar expression as terms that carry exactly ``indices``."""
    entry_of = {symbol: entry for entry, symbol in arguments.items()}
    axes = {symbol: len(entry.subscripts) for symbol, entry in entry_of.items()}
    terms = []

    def reading(part: sp.Expr) -> int:  # SymPy's order follows no reader's: x[n,j] g[j] + b[j]
        return -max((axes.get(s, 0) for s in part.free_symbols), default=99)

    for part in sorted(sp.Add.make_args(expr), key=reading):
        coefficient, factors = as_factors(part, entry_of)
        carried = {i for f in factors for i in indices_in(f)}
        factors += [Ones(i) for i in indices if i not in carried]
        if coefficient != 0:
            terms.append(Contraction(coefficient, tuple(factors)))
    return tuple(terms)


def as_factors(
    product: sp.Expr, entry_of: Mapping[sp.Symbol, Entry]
) -> tuple[sp.Expr, list[Factor]]:
    """The coefficient of a product, entries for its symbols, one map for everything else."""
    coefficient, dependent = product.as_independent(*entry_of, as_Add=False)
    content, dependent = dependent.primitive()
    if isinstance(dependent, sp.Add) and all(_negative(a) for a in dependent.args):
        content, dependent = -content, -dependent
    powers: list[sp.Symbol] = []
    rest: list[sp.Expr] = []
    for factor in sp.Mul.make_args(dependent):
        base, exponent = factor.as_base_exp()
        if base in entry_of and exponent.is_Integer and 1 <= exponent <= 3:
            powers += [base] * int(exponent)
        elif factor != 1:
            rest.append(factor)
    mapped = sp.Mul(*rest)
    inside = mapped.free_symbols
    outside = [s for s in powers if s not in inside]
    mapped *= sp.Mul(*(s for s in powers if s in inside))
    factors: list[Factor] = [entry_of[s] for s in outside]
    if mapped != 1:
        factors.insert(0, make_map(mapped, entry_of))
    return coefficient * content, factors


def _negative(product: sp.Expr) -> bool:
    return bool(product.as_coeff_Mul()[0].is_negative)


def make_map(expr: sp.Expr, entry_of: Mapping[sp.Symbol, Entry]) -> Map:
    """A map with its slots numbered in a fixed order of its arguments."""
    used = [s for s in entry_of if s in expr.free_symbols]
    used.sort(key=lambda s: (entry_of[s].tensor.name, s.name))
    new = {symbol: slot(position) for position, symbol in enumerate(used)}
    return Map(expr.xreplace(new), tuple(entry_of[s] for s in used))


def split_map(term: Contraction) -> tuple[Contraction, ...]:
    """A term that is one map of a sum, as a sum of terms; any other term as it is."""
    maps = [f for f in term.factors if isinstance(f, Map)]
    others = [f for f in term.factors if not isinstance(f, Map | Ones)]
    if len(maps) != 1 or others or term.over or not isinstance(maps[0].expression, sp.Add):
        return (term,)
    arguments = {a: slot(n) for n, a in enumerate(maps[0].arguments)}
    return tuple(
        Contraction(term.coefficient * part.coefficient, part.factors)
        for part in as_terms(maps[0].expression, arguments, term.free)
    )
