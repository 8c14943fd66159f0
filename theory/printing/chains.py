"""Contractions as matrix products: paths between free indices are chains, loops are traces.

The factors of a contraction are the edges of a graph whose vertices are the indices: a matrix
joins two, a vector hangs on one.  Summing an index removes its vertex:

    two matrices            A[a,i] B[i,b]              A @ B
    with vectors on i       A[a,i] v[i] B[i,b]         A @ diag(v) @ B
    one matrix              A[a,i] v[i], A[a,i]        A @ v, A @ 1
    no matrix               u[i] v[i], u[i]            u @ v, sum(u)
    two between the same    A[a,i] B[a,i]              (A * B), or a trace when both are summed

Nothing is done by example: a graph in which some vertex has three different neighbours, or more
than two open ends, has no matrix form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from backproof.theory.notation import Index
from backproof.theory.printing.matrices import (
    Axes,
    Chain,
    Diag,
    Hadamard,
    Identity,
    Leaf,
    Node,
    NoMatrixForm,
    Norm,
    Outer,
    Scaled,
    Trace,
    Transposed,
    Unit,
)
from backproof.theory.printing.transposes import (
    oriented,
    reversed_links,
    square_of_norm,
    transposes,
    turned,
)

Operand = tuple[Node, sp.Expr]  # a node and its exponent; -1 divides


def contracted(operands: Sequence[Operand], over: Axes) -> list[Operand]:
    """The operands after the indices ``over`` have been summed."""
    current = list(operands)
    waiting = list(over)
    if set(waiting) - {a for node, _ in current for a in node.axes}:
        raise NoMatrixForm
    while waiting:
        for rule in (_join, _gather, _parallel):
            index = next((i for i in waiting if rule(current, i, waiting)), None)
            if index is not None:
                break
        else:
            raise NoMatrixForm
        waiting = [i for i in waiting if any(i in node.axes for node, _ in current)]
    stated = [node.of if isinstance(node, Transposed) else node for node, _ in operands]
    return [(_begun(node, stated), exponent) for node, exponent in current]


def _begun(node: Node, stated: list[Node]) -> Node:
    """A trace begun with the factor that was stated first."""
    if not isinstance(node, Trace) or (len(node.links) == 2 and transposes(node.links)):
        return node
    plain_links = [k.of if isinstance(k, Transposed) else k for k in node.links]
    places = [stated.index(k) if k in stated else len(stated) for k in plain_links]
    start = places.index(min(places))
    return Trace(node.links[start:] + node.links[:start])


def _carriers(current: list[Operand], index: Index) -> tuple[list[Operand], list[Operand]]:
    """The matrices and the vectors that carry an index."""
    touching = [o for o in current if index in o[0].axes]
    if any(len(node.axes) > 2 for node, _ in touching):
        raise NoMatrixForm
    return [o for o in touching if len(o[0].axes) == 2], [
        o for o in touching if len(o[0].axes) == 1
    ]


def _other(node: Node, index: Index) -> Index:
    return node.axes[1] if node.axes[0] == index else node.axes[0]


def _join(current: list[Operand], index: Index, waiting: Sequence[Index]) -> bool:
    """A[a,i] v[i] B[i,b] = A diag(v) B, for a ≠ b."""
    matrices, vectors = _carriers(current, index)
    if len(matrices) != 2:
        return False
    (a, b) = (_other(node, index) for node, _ in matrices)
    if a == b:
        return False
    left = oriented(plain(matrices[0]), (a, index))
    right = oriented(plain(matrices[1]), (index, b))
    middle = (Diag(hadamard(vectors, (index,))),) if vectors else ()
    _replace(current, [*matrices, *vectors], Chain((*links(left), *middle, *links(right)), (a, b)))
    return True


def _gather(current: list[Operand], index: Index, waiting: Sequence[Index]) -> bool:
    """A[a,i] v[i] = A v;  A[a,i] = A 1;  u[i] v[i] = uᵀ v;  u[i] = uᵀ 1."""
    matrices, vectors = _carriers(current, index)
    if len(matrices) > 1 or not (matrices or vectors):
        return False
    if matrices:
        vector = hadamard(vectors, (index,)) if vectors else Unit((index,))
        other = _other(matrices[0][0], index)
        matrix = oriented(plain(matrices[0]), (other, index))
        _replace(current, [*matrices, *vectors], Chain((*links(matrix), *links(vector)), (other,)))
        return True
    if len(vectors) == 1:
        first: Node = Unit((index,))
        last = hadamard(vectors, (index,))
    else:
        first, last = hadamard(vectors[:1], (index,)), hadamard(vectors[1:], (index,))
    forward = (*reversed_links(links(first)), *links(last))
    _replace(current, vectors, Chain(min((forward, reversed_links(forward)), key=transposes), ()))
    return True


def _parallel(current: list[Operand], index: Index, waiting: Sequence[Index]) -> bool:
    """A[a,i] B[a,i] = (A * B)[a,i]; a loop that nothing else touches is a trace."""
    matrices, vectors = _carriers(current, index)
    for first in matrices:
        other = _other(first[0], index)
        same = [m for m in matrices if _other(m[0], index) == other]
        if len(same) < 2:
            continue
        around = _carriers(current, other)
        alone = len(same) == len(matrices) == 2 and not vectors and around == (same, [])
        if alone and other in waiting and all(exponent == 1 for _, exponent in same):
            _replace(current, same, _loop(same[0][0], same[1][0]))
        else:
            axes = same[0][0].axes
            _replace(current, same, hadamard(same, axes))
        return True
    return False


def _loop(first: Node, second: Node) -> Node:
    """The trace of a closed chain in the direction that needs fewer transposes."""
    if first.axes == second.axes and not isinstance(first, Chain) and not isinstance(second, Chain):
        return Trace((Transposed(first) if first == second else turned(first), second))
    circle = (*links(first), *links(oriented(second, first.axes[::-1])))
    return Trace(min((circle, reversed_links(circle)), key=transposes))


def links(node: Node) -> tuple[Node, ...]:
    """The links of a chain, or the node as the only one."""
    return node.links if isinstance(node, Chain) else (node,)


def plain(operand: Operand) -> Node:
    """The operand as a node without an exponent."""
    node, exponent = operand
    return node if exponent == 1 else Hadamard((operand,), node.axes)


def powers(operands: Iterable[Operand]) -> tuple[Operand, ...]:
    """Equal nodes as one power."""
    parts: dict[Node, sp.Expr] = {}
    for node, exponent in operands:
        parts[node] = parts.get(node, sp.S.Zero) + exponent
    return tuple((node, e) for node, e in parts.items() if e != 0)


def normed(node: Node, exponent: sp.Expr) -> Operand:
    """(uᵀu)^(1/2) as the norm of u; also (uᵀu) where u is a formula, to be written once."""
    inner = square_of_norm(node)
    if inner is None or (exponent.is_integer and isinstance(inner, Leaf | Unit)):
        return node, exponent
    if exponent.is_integer and not isinstance(node, Chain):
        return node, exponent
    return Norm(inner), 2 * exponent


def hadamard(operands: Sequence[Operand], axes: Axes) -> Node:
    """The product entry by entry of operands with these axes, in either orientation."""
    kept = powers((oriented(node, axes), exponent) for node, exponent in operands)
    if len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Hadamard(kept, axes)


def _replace(current: list[Operand], old: Sequence[Operand], new: Node) -> None:
    """The new node in the place of the first of the old ones."""
    place = min(current.index(o) for o in old)
    for operand in old:
        current.remove(operand)
    current.insert(place, (new, sp.S.One))


def assembled(
    coefficient: sp.Expr, operands: Sequence[Operand], target: Axes, fill: bool
) -> Scaled:
    """What is left after summation as one scaled node on the target's axes.

    ``fill`` puts ones on target axes that nothing carries; without it the node keeps the axes
    that are carried, and broadcasting does the rest.
    """
    scalars = tuple(normed(*o) for o in powers(o for o in operands if not o[0].axes))
    solid = [o for o in operands if o[0].axes]
    carried = {i for node, _ in solid for i in node.axes}
    axes = tuple(i for i in target if fill or i in carried)
    if not carried <= set(target):
        raise NoMatrixForm
    if len(axes) == 2:
        node: Node | None = _matrix(solid, axes)
    elif len(axes) == 1:
        node = hadamard(solid, axes) if solid else Unit(axes)
    elif axes:
        node = _array(solid, axes)
    else:
        node = None
    return Scaled(coefficient, scalars, node, axes)


def _matrix(solid: Sequence[Operand], axes: Axes) -> Node:
    """diag(u) M diag(w), or the outer product u wᵀ."""
    full = [o for o in solid if len(o[0].axes) == 2]
    rows = [o for o in solid if o[0].axes == axes[:1]]
    columns = [o for o in solid if o[0].axes == axes[1:]]
    if not full:
        left = hadamard(rows, axes[:1]) if rows else Unit(axes[:1])
        right = hadamard(columns, axes[1:]) if columns else Unit(axes[1:])
        return Outer(left, right)
    middle = hadamard(full, axes)
    if isinstance(middle, Identity) and (rows or columns):
        vectors = [*rows, *columns]
        return Diag(hadamard([(n, e) for n, e in vectors], rows[0][0].axes if rows else axes[1:]))
    before = (Diag(hadamard(rows, axes[:1])),) if rows else ()
    after = (Diag(hadamard(columns, axes[1:])),) if columns else ()
    if not before and not after:
        return middle
    return Chain((*before, *links(middle), *after), axes)


def _array(solid: Sequence[Operand], axes: Axes) -> Node:
    """Entry by entry on three axes or more, each operand with axes in the same order."""
    if not any(node.axes == axes for node, _ in solid):
        raise NoMatrixForm
    return solid[0][0] if len(solid) == 1 and solid[0][1] == 1 else Hadamard(tuple(solid), axes)
