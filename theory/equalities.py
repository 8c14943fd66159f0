"""What surviving deltas make equal: δ[a, s] f(a) = δ[a, s] f(s).

A delta between free indices stays in a term, and what it equates can be written in either way.
Two such terms are one, and `identified` writes both alike; what is printed is left as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    indices_in,
    rename_subscript,
)


def identified(factors: tuple[Factor, ...], summed: Collection[Index]) -> tuple[Factor, ...]:
    """The factors with one way to write each of the subscripts that deltas make equal.

    Only subscripts without summed indices take part: their names are fixed.

    >>> from backproof.theory.declarations import size
    >>> from backproof.theory.notation import Tensor
    >>> i, j = Index("i", size("n")), Index("j", size("n"))
    >>> x = Tensor("x", (size("n"),))
    >>> left, right = ((Delta(i, j), Entry(x, (at,))) for at in (i, j))
    >>> identified(left, ()) == identified(right, ())
    True
    """
    for _ in range(1 + sum(isinstance(f, Delta) for f in factors)):
        changed = factors
        for group in _classes(factors, summed):
            changed = _written_alike(changed, group)
        if changed == factors:
            break
        factors = changed
    return factors


def _classes(factors: tuple[Factor, ...], summed: Collection[Index]) -> list[tuple[Subscript, ...]]:
    """Classes of subscripts that are equal wherever the term is not zero."""
    classes: list[set[Subscript]] = []
    for factor in factors:
        if isinstance(factor, Delta) and not set(indices_in(factor)) & set(summed):
            pair = {factor.left, factor.right}
            met = [c for c in classes if c & pair]
            classes = [c for c in classes if c not in met] + [pair.union(*met)]
    return sorted((tuple(sorted(c, key=repr)) for c in classes), key=repr)


def _written_alike(factors: tuple[Factor, ...], group: tuple[Subscript, ...]) -> tuple[Factor, ...]:
    """The factors with every member of a class written as one of them, and its deltas as a star.

    Indices are written as the first of them, and that one as a label, a place or a number that
    does not contain it, where the class has one.
    """
    rest = [f for f in factors if not (isinstance(f, Delta) and {f.left, f.right} <= set(group))]
    indices = [s for s in group if isinstance(s, Index)]
    one = dict.fromkeys(indices[1:], indices[0])
    others = sorted({rename_subscript(s, one) for s in group if s not in indices}, key=repr)
    own = set(indices[:1])
    named = sorted(others, key=lambda s: bool(own & set(indices_in(s))))
    first = named[0] if named else indices[0]
    new: dict[Index, Subscript] = dict(one)
    if not own & set(indices_in(first)):
        new |= dict.fromkeys(indices, first)
    whole = {s: first for s in (*others, *(s for s in group if s not in indices)) if s != first}
    star = [Delta(first, s) for s in others if s != first]
    star += [Delta(first, i) for i in indices if i != first]
    return (*(_replaced(f, new, whole) for f in rest), *star)


def _replaced(
    factor: Factor, new: Mapping[Index, Subscript], whole: Mapping[Subscript, Subscript]
) -> Factor:
    """A factor with subscripts replaced as a whole, and indices wherever they occur."""

    def subscript(s: Subscript) -> Subscript:
        if s in whole:
            return whole[s]
        s = Entry(s.tensor, subscripts(s.subscripts)) if isinstance(s, Entry) else s
        return rename_subscript(s, new)

    def subscripts(several: Iterable[Subscript]) -> tuple[Subscript, ...]:
        return tuple(map(subscript, several))

    if isinstance(factor, Entry):
        return Entry(factor.tensor, subscripts(factor.subscripts))
    if isinstance(factor, Map):
        entries = (Entry(a.tensor, subscripts(a.subscripts)) for a in factor.arguments)
        return Map(factor.expression, tuple(entries))
    if isinstance(factor, Delta):
        return Delta(subscript(factor.left), subscript(factor.right))
    assert isinstance(factor, Ones)
    return factor
