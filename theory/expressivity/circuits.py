"""Convolutional arithmetic circuits: networks with product pooling, and the tensors they hold.

With representations F_i ∈ R^M of N = 2^L patches, a network multiplies pairs of channels:

    V_{0,j} = U_j F_j,   V_{l,j} = A_{l,j} (V_{l−1,2j−1} ⊙ V_{l−1,2j}),   h = top · (V … ⊙ V)

and h = ⟨T, F_1 ⊗ … ⊗ F_N⟩. With l hidden layers T is a hierarchical Tucker decomposition cut at
level l, after which all nodes are multiplied at once; l = 1 is the CP decomposition
Σ_z top_z U_1[z] ⊗ … ⊗ U_N[z], a shallow network.

Reference: N. Cohen, O. Sharir, A. Shashua, On the expressive power of deep learning: a tensor
analysis, COLT 2016 (arXiv:1509.05009).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace

MODES = "abcdefgh"  # of at most eight patches
Tree = tuple[int, int]  # levels L of the tree, hidden layers l ≤ L


def shapes(tree: Tree) -> dict[str, str]:
    """The parameters and their shapes: U_j of (r0, M), A_{l,j} of (r_l, r_{l−1}), top.

    >>> shapes((2, 2))["A1_2"], shapes((2, 1))["top"]
    ('r1 r0', 'r0')
    """
    levels, hidden = _checked(tree)
    found = {f"U{j}": "r0 M" for j in range(1, 2**levels + 1)}
    for level in range(1, hidden):
        for j in range(1, 2 ** (levels - level) + 1):
            found[f"A{level}_{j}"] = f"r{level} r{level - 1}"
    return {**found, "top": f"r{hidden - 1}"}


def tensor(tree: Tree) -> Model:
    """T as equations, one contraction a node.

    >>> print(tensor((1, 1)))
    f[m,j] = Σ_i top[i] U1[i,m] U2[i,j]
    """
    levels, hidden = _checked(tree)
    nodes = [(f"U{j}", MODES[j - 1]) for j in range(1, 2**levels + 1)]
    lines = []
    for level in range(1, hidden):
        above = []
        for j, ((left, a), (right, b)) in enumerate(zip(nodes[::2], nodes[1::2], strict=True), 1):
            name = f"V{level}_{j}"
            call = f"np.einsum('yz,z{a},z{b}->y{a}{b}', A{level}_{j}, {left}, {right})"
            lines.append(f"{name} = {call}")
            above.append((name, a + b))
        nodes = above
    operands = ",".join(f"z{letters}" for _, letters in nodes)
    names = ", ".join(name for name, _ in nodes)
    result = "".join(letters for _, letters in nodes)
    lines.append(f"return np.einsum('z,{operands}->{result}', top, {names})")
    return trace("\n".join(lines), **shapes(tree))


def network(tree: Tree) -> Model:
    """h as equations: a linear layer, products of neighbours, and so on.

    >>> print(network((1, 1)))
    f = Σ_i,j,m top[i] U1[i,m] F1[m] U2[i,j] F2[j]
    """
    levels, hidden = _checked(tree)
    nodes = [f"U{j} @ F{j}" for j in range(1, 2**levels + 1)]
    lines = []
    for level in range(1, hidden):
        above = []
        for j, (left, right) in enumerate(zip(nodes[::2], nodes[1::2], strict=True), 1):
            lines.append(f"V{level}_{j} = A{level}_{j} @ (({left}) * ({right}))")
            above.append(f"V{level}_{j}")
        nodes = above
    lines.append("return top @ (" + " * ".join(f"({node})" for node in nodes) + ")")
    patches = {f"F{j}": "M" for j in range(1, 2**levels + 1)}
    return trace("\n".join(lines), **shapes(tree), **patches)


def generic_ranks(ranks: Sequence[int], modes: int) -> tuple[int, ...]:
    """q_0 = min(r_0, M), q_l = min(r_l, r_{l−1}, q_{l−1}²): how many tensors of a node are free.

    The r_l tensors of a node at level l are combinations of r_{l−1} products of two tensors from
    spaces of dimension q_{l−1}.

    >>> generic_ranks((4, 4, 4), 2)
    (2, 4, 4)
    """
    found = [min(ranks[0], modes)]
    for below, own in pairwise(ranks):
        found.append(min(own, below, found[-1] ** 2))
    return tuple(found)


def generic_rank(levels: int, hidden: int, ranks: Sequence[int], modes: int) -> int:
    """q_{l−1}^(2^(L − l)), the rank of T matricised by groups of 2^(l−1) patches, l = ``hidden``.

    So many channels a network of l hidden layers needs in its last one; l = 1 is min(r_0, M)^(N/2)
    and bounds the CP rank.

    >>> generic_rank(2, 1, (3, 3), 3), generic_rank(3, 2, (4, 4, 4), 2)
    (9, 16)
    """
    _checked((levels, hidden))
    return generic_ranks(ranks[:hidden], modes)[-1] ** 2 ** (levels - hidden)


def published_rank(levels: int, hidden: int, ranks: Sequence[int], modes: int) -> int:
    """min(M, r_0, …, r_{l−1})^(2^(L − l))."""
    return int(min(modes, *ranks[:hidden])) ** 2 ** (levels - hidden)


def witness(
    levels: int, hidden: int, ranks: Sequence[int], modes: int
) -> dict[str, list[list[int]] | list[int]]:
    """Parameters of zeros and ones for which the matricised T is a permuted identity, then zeros.

    Below level l = ``hidden`` the α-th tensor of a node is a product of the (α div q)-th of its
    left child and the (α mod q)-th of its right one; at level l the first q_{l−1} of these are
    added up; above, the first of all is passed on.
    """
    q = generic_ranks(ranks, modes)
    found: dict[str, list[list[int]] | list[int]] = {}

    def place(level: int, j: int, wanted: Sequence[int]) -> None:
        """Give node (level, j) as its γ-th tensor the wanted[γ]-th of those that are free."""
        width = modes if level == 0 else ranks[level - 1]
        rows = [[int(a == w) for a in range(width)] for w in wanted]
        found[f"U{j}" if level == 0 else f"A{level}_{j}"] = rows
        if level:
            free = q[level - 1]
            pairs = [divmod(a, free) if a < free**2 else (0, 0) for a in range(width)]
            place(level - 1, 2 * j - 1, [a for a, _ in pairs])
            place(level - 1, 2 * j, [b for _, b in pairs])

    count = q[hidden - 1]
    for j in range(1, 2 ** (levels - hidden) + 1):
        added = [int(a < count) for a in range(ranks[hidden - 1])]
        if hidden == levels:
            found["top"] = added
        else:
            found[f"A{hidden}_{j}"] = [added] * ranks[hidden]
        wanted = [a if a < count else 0 for a in range(ranks[hidden - 1])]
        for child in (2 * j - 1, 2 * j):
            place(hidden - 1, child, wanted)
    for level in range(hidden + 1, levels + 1):
        first = [int(a == 0) for a in range(ranks[level - 1])]
        for j in range(1, 2 ** (levels - level) + 1):
            if level == levels:
                found["top"] = first
            else:
                found[f"A{level}_{j}"] = [first] * ranks[level]
    return found


def parameters(tree: Tree, ranks: Sequence[int], modes: int) -> int:
    """The number of parameters of a network.

    >>> parameters((3, 3), (3, 3, 3), 2), parameters((3, 1), (81,), 2)
    (105, 1377)
    """
    sizes = {"M": modes, **{f"r{n}": r for n, r in enumerate(ranks)}}
    return sum(prod(sizes[s] for s in shape.split()) for shape in shapes(tree).values())


def _checked(tree: Tree) -> Tree:
    levels, hidden = tree
    if not 1 <= hidden <= levels <= 3:
        raise BackproofError(
            "circuit",
            f"{levels} levels, {hidden} hidden layers",
            "1 ≤ hidden ≤ levels ≤ 3: up to eight patches",
            "take fewer",
        )
    return tree
