"""Transposes pushed into products and sums, and what else is asked of a matrix expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from backproof.theory.notation import Entry, entries_in
from backproof.theory.printing.matrices import (
    Axes,
    Chain,
    Diag,
    FunctionOf,
    Hadamard,
    Identity,
    Leaf,
    Node,
    Outer,
    Plus,
    Scaled,
    Trace,
    Transposed,
    Unit,
)


def turned(node: Node) -> Node:
    """The transpose of a matrix, pushed into products."""
    match node:
        case Transposed(of):
            return of
        case Diag() | Unit():
            return node
        case Identity(axes):
            return Identity(axes[::-1])
        case Leaf(symmetric=True):
            return replace(node, axes=node.axes[::-1])
        case FunctionOf("inverse", of, axes) if signs(turned(of)) <= signs(of):
            return FunctionOf("inverse", turned(of), axes[::-1])
        case Outer(left, right):
            return Outer(right, left)
        case Chain(links, axes):
            return Chain(reversed_links(links), axes[::-1])
        case Hadamard(parts, axes) if all(len(p.axes) == 2 and _turns(p) for p, _ in parts):
            return Hadamard(tuple((turned(p), e) for p, e in parts), axes[::-1])
        case Plus(terms, axes) if len(axes) == 2:
            inside = Plus(tuple(map(_turned_term, terms)), axes[::-1])
            if signs(inside) <= signs(node) + 1:
                return inside
    return Transposed(node)


def _turns(node: Node) -> bool:
    """Whether the transpose needs no new transposition sign."""
    return isinstance(node, Transposed | Identity | Outer | Diag) and len(node.axes) == 2


def _turned_term(term: Scaled) -> Scaled:
    """The term with its axes reversed; what has fewer than two is broadcast the other way."""
    if term.of is None or len(term.axes) < 2:
        return term
    return Scaled(term.coefficient, term.scalars, turned(term.of), term.axes[::-1])


def oriented(node: Node, axes: Axes) -> Node:
    """The matrix with these rows and columns."""
    return node if node.axes == axes or len(axes) < 2 else turned(node)


def reversed_links(links: tuple[Node, ...]) -> tuple[Node, ...]:
    """The links of the transposed product; vectors change ends as they are."""
    return tuple(turned(k) if len(k.axes) == 2 else k for k in links[::-1])


def transposes(links: tuple[Node, ...]) -> int:
    """How many links carry a transposition sign."""
    return sum(isinstance(k, Transposed) for k in links)


def square_of_norm(node: Node) -> Node | None:
    """u of uᵀu, A of tr(AᵀA)."""
    match node:
        case Chain((first, last), ()) if first == last and len(first.axes) == 1:
            return first
        case Trace((Transposed(first), last)) if first == last:
            return first
    return None


def leaves_of(node: object) -> Iterator[str]:
    """The names of the tensors that stand in an expression."""
    if isinstance(node, Leaf):
        yield from (e.tensor.name for e in entries_in(node.entry))
    elif isinstance(node, tuple):
        for part in node:
            yield from leaves_of(part)
    elif isinstance(node, Entry):
        yield from (e.tensor.name for e in entries_in(node))
    elif is_dataclass(node):
        for name in _INNER & {f.name for f in fields(node)}:
            yield from leaves_of(getattr(node, name))


_INNER = {"of", "parts", "links", "left", "right", "terms", "scalars", "label"}


def scales_identity(node: object) -> bool:
    """Whether rows of a bracket with an identity in it are scaled: diag(p) (I − 1 pᵀ)."""
    if isinstance(node, tuple):
        return any(map(scales_identity, node))
    if isinstance(node, Chain | Hadamard):
        parts = node.links if isinstance(node, Chain) else tuple(p for p, _ in node.parts)
        brackets = [p for p in parts if isinstance(p, Plus)]
        others = [p for p in parts if isinstance(p, Diag) or isinstance(node, Hadamard)]
        if others and any(isinstance(t.of, Identity) for b in brackets for t in b.terms):
            return True
    if not is_dataclass(node):
        return False
    return any(scales_identity(getattr(node, n)) for n in _INNER & {f.name for f in fields(node)})


def signs(node: object) -> int:
    """How many transposition signs a node holds, however deep."""
    if isinstance(node, tuple):
        return sum(map(signs, node))
    if not is_dataclass(node):
        return 0
    inner = (getattr(node, name) for name in _INNER & {f.name for f in fields(node)})
    return isinstance(node, Transposed) + sum(map(signs, inner))
