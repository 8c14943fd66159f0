"""Entries and deltas with their indices left out: tensors, rows, columns, lookups, identities."""

from __future__ import annotations

from backproof.theory.notation import POSITION, Affine, Delta, Entry, Index
from backproof.theory.printing.matrices import Identity, Leaf, Node, NoMatrixForm, OneHot


def leaf(entry: Entry) -> Leaf:
    """The entry without its plain indices; raises `NoMatrixForm` for windows and the like."""
    if entry.tensor.name == POSITION:
        raise NoMatrixForm
    plain = [s for s in entry.subscripts if isinstance(s, Index)]
    labels = [s for s in entry.subscripts if isinstance(s, Entry)]
    fixed = [s for s in entry.subscripts if isinstance(s, Affine)]
    if any(s.terms for s in fixed) or len(labels) > 1 or (labels and fixed):
        raise NoMatrixForm
    if labels:
        return _lookup(entry, labels[0], plain)
    if len(set(plain)) < len(plain):
        if len(plain) != 2 or fixed:
            raise NoMatrixForm
        return Leaf(entry, (plain[0],))
    return Leaf(entry, tuple(plain))


def _lookup(entry: Entry, label: Entry, plain: list[Index]) -> Leaf:
    """``E[t]``, ``Z[:, t]`` and ``z[np.arange(n), t]``."""
    inner = leaf(label).axes
    if len(inner) != 1 or label.subscripts != inner or len(set(plain)) < len(plain):
        raise NoMatrixForm
    if inner[0] in plain:
        if len(entry.subscripts) != 2 or entry.subscripts[0] != inner[0]:
            raise NoMatrixForm
        return Leaf(entry, inner)
    axes = [s if isinstance(s, Index) else inner[0] for s in entry.subscripts]
    return Leaf(entry, tuple(axes))


def delta(factor: Delta) -> Node:
    """The identity, one-hot rows or a unit vector."""
    left, right = factor.left, factor.right
    if isinstance(right, Index) and not isinstance(left, Index):
        left, right = right, left
    if not isinstance(left, Index):
        raise NoMatrixForm
    if isinstance(right, Index):
        return Identity((left, right))
    if isinstance(right, Affine):
        if right.terms:
            raise NoMatrixForm
        return OneHot(right, left.size, (left,))
    inner = leaf(right).axes
    if right.subscripts != inner or left in inner or len(inner) > 1:
        raise NoMatrixForm
    return OneHot(right, left.size, (*inner, left))
