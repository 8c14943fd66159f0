"""Signatures: a key equal for contractions that say the same.

Two contractions that differ by the names of summed indices, by the order of factors, or by how
they write what deltas make equal (δ[i,j] x[i] = δ[i,j] x[j]) have one signature.

It is found by colour refinement: the colour of a summed index is what its neighbourhood looks
like, round after round; where several still look alike, each is tried as the first.  The colour
of a subscript that deltas equate with others is that of their whole class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Form,
    Index,
    Map,
    Ones,
    Subscript,
    indices_in,
    rename,
)

Colour = tuple[object, ...]
Class = frozenset[Subscript]  # subscripts that deltas equate
Item = Factor | Class


def signature(term: Contraction, symmetric: frozenset[str] = frozenset()) -> tuple[object, ...]:
    """A key equal for contractions that say the same, their coefficients aside.

    The two subscripts of a ``symmetric`` matrix may be exchanged as well.

    >>> from backproof.theory.declarations import size
    >>> from backproof.theory.notation import Tensor
    >>> i, j = Index("i", size("n")), Index("j", size("n"))
    >>> x = Tensor("x", (size("n"),))
    >>> first, second = (Contraction(sp.S.One, (Delta(i, j), Entry(x, (at,)))) for at in (i, j))
    >>> signature(first) == signature(second)
    True
    """
    factors = _with_one_name(term.factors)
    classes = classes_of(factors)
    items: list[Item] = [f for f in factors if not isinstance(f, Delta)]
    items += classes
    member = {subscript: c for c in classes for subscript in c}
    colours: dict[Index, object] = {i: ("s", str(i.size)) for i in term.over}
    return _refined(items, member, colours, symmetric)


def _with_one_name(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """The factors with one name for indices that deltas equate; those deltas stay as they are."""
    equal = [f for f in factors if isinstance(f, Delta) and _of_indices(f)]
    same: dict[Index, Subscript] = {}
    for group in classes_of(equal):
        first, *others = sorted((s for s in group if isinstance(s, Index)), key=lambda i: i.name)
        same |= dict.fromkeys(others, first)
    if not same:
        return factors
    rest = (f for f in factors if not (isinstance(f, Delta) and _of_indices(f)))
    return (*equal, *(g for f in rest for g in rename(f, same)))


def _of_indices(delta: Delta) -> bool:
    return isinstance(delta.left, Index) and isinstance(delta.right, Index)


def classes_of(factors: Collection[Factor]) -> list[Class]:
    """The classes of subscripts that are equal wherever the product of deltas is not zero."""
    classes: list[Class] = []
    for factor in factors:
        if isinstance(factor, Delta):
            pair = frozenset((factor.left, factor.right))
            met = [c for c in classes if c & pair]
            classes = [c for c in classes if c not in met] + [pair.union(*met)]
    return classes


def _refined(
    items: Sequence[Item],
    member: Mapping[Subscript, Class],
    colours: dict[Index, object],
    symmetric: frozenset[str],
) -> tuple[object, ...]:
    while True:
        painter = _Painter(member, colours, symmetric)
        rounds = {i: (c, painter.neighbourhood(i, items)) for i, c in colours.items()}
        ranks = {key: n for n, key in enumerate(sorted({repr(v) for v in rounds.values()}))}
        new: dict[Index, object] = {i: ("c", ranks[repr(v)]) for i, v in rounds.items()}
        if len(set(new.values())) == len(set(colours.values())):
            break
        colours = new
    classes = Counter(map(repr, new.values()))
    tied = sorted(c for c, n in classes.items() if n > 1)
    if not tied:
        painter = _Painter(member, new, symmetric)
        sizes = sorted(f"{colour} {i.size}" for i, colour in new.items())
        return (*sizes, *sorted(repr(painter.item(f)) for f in items))
    alike = [i for i, c in new.items() if repr(c) == tied[0]]
    tries = ({**new, index: ("first",)} for index in alike)
    return min(_refined(items, member, colours, symmetric) for colours in tries)


@dataclass(frozen=True)
class _Painter:
    """Writes forms as nested tuples, with each index replaced by its colour."""

    member: Mapping[Subscript, Class]
    colours: Mapping[Index, object]
    symmetric: frozenset[str]

    def neighbourhood(self, index: Index, items: Sequence[Item]) -> list[str]:
        """What stands around an index."""
        marked = replace(self, colours={**self.colours, index: ("here",)})
        return sorted(repr(marked.item(f)) for f in items if index in _indices(f))

    def item(self, item: Item) -> Colour:
        """A factor, or a class of equal subscripts."""
        return self.equal(item, ()) if isinstance(item, frozenset) else self.form(item, ())

    def equal(self, group: Class, inside: tuple[Class, ...]) -> Colour:
        """A class by its members; within itself it is called by how far out it began."""
        if group in inside:
            return ("up", len(inside) - inside.index(group))
        members = {repr(self.form(s, (*inside, group), whole=False)) for s in group}
        return ("=", *sorted(members))

    def form(self, form: Form, inside: tuple[Class, ...], whole: bool = True) -> Colour:
        """A factor or a subscript; one that a delta equates with others stands for all of them."""
        if whole and isinstance(form, Index | Affine | Entry) and form in self.member:
            return self.equal(self.member[form], inside)
        if isinstance(form, Index):
            return ("i", self.colours.get(form, form.name))
        if isinstance(form, Entry):
            inner = [self.form(s, inside) for s in form.subscripts]
            if form.tensor.name in self.symmetric:
                inner.sort(key=repr)
            return (form.tensor.name, *inner)
        if isinstance(form, Affine):
            return self._place(form, inside)
        if isinstance(form, Ones):
            return ("1", self.form(form.index, inside))
        assert isinstance(form, Map)
        return (sp.srepr(form.expression), *(self.form(a, inside) for a in form.arguments))

    def _place(self, place: Affine, inside: tuple[Class, ...]) -> Colour:
        """Like terms are collected: equal indices may stand in it by different names."""
        collected: dict[str, sp.Expr] = {}
        offset = place.offset
        for part, coefficient in place.terms:
            known = [s for s in self.member.get(part, ()) if isinstance(s, Affine) and not s.terms]
            if known:  # a delta says which number the index is
                offset += coefficient * min(known, key=str).offset
                continue
            key = repr(self.form(part, inside))
            collected[key] = collected.get(key, sp.S.Zero) + coefficient
        terms = sorted((key, str(sp.expand(c))) for key, c in collected.items())
        return ("a", str(sp.expand(offset)), *terms)


def _indices(item: Item) -> set[Index]:
    if isinstance(item, frozenset):
        return {i for s in item for i in indices_in(s)}
    return set(indices_in(item))
