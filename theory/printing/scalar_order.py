"""Scalar expressions in a reader's order: what comes first in a sum, what stands below the line.

The three scalar printers (text, LaTeX, NumPy) share these readings of a SymPy expression.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp


def in_order(total: sp.Add, depth: Mapping[sp.Basic, int]) -> list[sp.Expr]:
    """The terms of a sum as a reader wants them: ``1 - h**2``, ``1 + exp(x)``, ``n - k + 1``.

    ``depth`` says how many axes a symbol has: ``v[i] + eps``, ``g[j] x[i,j] + b[j]``.
    """
    number, rest = total.as_coeff_Add()
    terms = sorted(sp.Add.make_args(rest), key=lambda t: (_negative(t), -_deepest(t, depth)))
    sizes = all(s.is_integer for s in total.free_symbols)
    if number == 0:
        return terms
    if number > 0 and (_negative(terms[0]) or (number.is_Integer and not sizes)):
        return [number, *terms]
    return [*terms, number]


def places_in_order(position: sp.Expr) -> list[sp.Expr]:
    """The terms of a subscript: longest first, numbers last, negative ones after positive ones.

    >>> k, l, n = sp.symbols("k l n", integer=True)
    >>> places_in_order(l + 2 * k), places_in_order(n - 1 - k)
    ([2*k, l], [n, -k, -1])
    """
    terms = [t for t in sp.Add.make_args(position) if t != 0]
    return sorted(terms, key=lambda t: (_negative(t), t.is_number, -len(sp.Mul.make_args(t))))


def _deepest(term: sp.Expr, depth: Mapping[sp.Basic, int]) -> int:
    return max((depth.get(s, 0) for s in term.free_symbols), default=0)


def _negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def fraction(product: sp.Expr) -> tuple[sp.Expr, list[sp.Expr], list[sp.Expr]]:
    """The number, and what stands above and below the line of a product; √2/2 is 1/√2.

    >>> x, y = sp.symbols("x y")
    >>> fraction(sp.sqrt(2) * x / (2 * sp.sqrt(sp.pi) * y))
    (1, [x], [sqrt(2*pi), y])
    """
    numeric, rest = product.as_independent(*product.free_symbols, as_Add=False)
    square = sp.S.One / numeric**2 if numeric != 0 else sp.S.Zero
    above: list[sp.Expr] = []
    below: list[sp.Expr] = []
    if numeric.is_Rational:
        number = numeric
    elif numeric.is_positive and square.is_number and sp.fraction(square)[1] == 1:
        number = sp.S.One
        below.append(sp.Pow(square, sp.S.Half, evaluate=False))
    else:
        number, irrational = numeric.as_coeff_Mul()
        above += sp.Mul.make_args(sp.fraction(irrational)[0])
        below += sp.Mul.make_args(sp.fraction(irrational)[1])
    for part in sp.Mul.make_args(rest):
        base, exponent = part.as_base_exp() if isinstance(part, sp.Pow) else (part, sp.S.One)
        if base.is_Add and exponent.is_Integer and number.is_Rational:
            content, base = whole_content(base)
            number, part = number * content**exponent, base**exponent
        if exponent.is_Rational and exponent.is_negative:
            below.append(base**-exponent)
        else:
            above.append(part)
    above = sorted((a for a in sp.Mul.make_args(sp.Mul(*above)) if a != 1), key=complexity)
    return number, above, [b for b in below if b != 1]


def positive(expression: sp.Expr) -> sp.Rel:
    """``expression > 0`` with every term on the side where it has no minus sign.

    >>> x, y = sp.symbols("x y")
    >>> positive(x - y), positive(-x - 1), positive(2 * x)
    (x > y, x < -1, 2*x > 0)
    """
    number, rest = expression.as_coeff_Add()
    terms = sp.Add.make_args(rest)
    left = sp.Add(*(t for t in terms if not _negative(t)))
    right = sp.Add(*(-t for t in terms if _negative(t)))
    if left == 0:
        return sp.StrictLessThan(right, number, evaluate=False)
    return sp.StrictGreaterThan(left, right - number, evaluate=False)


def is_indicator(pieces: sp.Piecewise) -> bool:
    """Whether the expression is 1 where one relation holds and 0 elsewhere."""
    values = [value for value, _ in pieces.args]
    return values == [1, 0] and isinstance(pieces.args[0][1], sp.core.relational.Relational)


def relation_in_order(relation: sp.Rel) -> sp.Rel:
    """The relation with its simpler side on the right.

    >>> x, d = sp.symbols("x d", real=True)
    >>> relation_in_order(sp.Ge(d, abs(x) + 1))
    Abs(x) + 1 <= d
    """
    left, right = relation.args
    if right.is_number:
        return relation
    simpler = left.is_number or left.count_ops() < right.count_ops()
    return relation.reversed if simpler else relation


def decimal(number: sp.Rational) -> str | None:
    """The number as a decimal where that is how it is written: 0.0001, never 1/10000.

    >>> decimal(sp.Rational(1, 10000)), decimal(sp.Rational(44715, 10**6)), decimal(sp.S(1) / 3)
    ('0.0001', '0.044715', None)
    """
    twos, fives = sp.multiplicity(2, number.q), sp.multiplicity(5, number.q)
    digits = max(twos, fives)
    if fives == 0 or 2**twos * 5**fives != number.q or digits > 20:
        return None
    whole, part = divmod(abs(number.p) * 10**digits // number.q, 10**digits)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}".rstrip("0")


def whole_content(total: sp.Add) -> tuple[sp.Expr, sp.Expr]:
    """A number out of a sum where that leaves no other: 2 (1 - h**2), (1 + erf(x)) / 2.

    >>> x, d = sp.symbols("x d")
    >>> whole_content(2 - 2 * x), whole_content(x / 2 + 1 / sp.S(2)), whole_content(x - d / 2)
    ((2, 1 - x), (1/2, x + 1), (1, -d/2 + x))
    """
    content, rest = total.primitive()
    plain = all(abs(a.as_coeff_Mul()[0]) == 1 for a in rest.args)
    return (content, rest) if content.is_Integer or plain else (sp.S.One, total)


def complexity(part: sp.Expr) -> int:
    """Entries, their sums, functions, their sums: ``(1 - y) log(h)``, ``σ(z) (1 - σ(z))``."""
    base = part.base if isinstance(part, sp.Pow) else part
    if base.is_Symbol:
        return 0
    if base.is_Add:
        return 1 if base.is_polynomial() else 3
    return 2
