"""Ranks of convolutional arithmetic circuits, in integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.ranks import Rank, rank, rank_modulo
from backproof.numerics.kernel import Kernel, compile
from backproof.theory.errors import BackproofError
from backproof.theory.expressivity import circuits

Parameters = Mapping[str, Any]
EXACT = 2**53  # integers below it are exact in float64, and so are sums and products of them
SIZES = ((2, 2, 4), (2, 3, 4), (3, 3, 4), (1, 3, 4), (2, 2, 8), (2, 3, 8), (3, 2, 8))  # r₀, M, N
TRUNCATED = ((2, (2, 2, 2), 2), (2, (2, 3, 2), 3), (2, (4, 4, 2), 2), (2, (3, 3, 3), 2))  # l, r, M
LARGEST = 6  # absolute value of the integer parameters, which are not zero
DRAWS = 3  # small integers meet the set of measure zero now and then; one point is enough


@cache
def _kernel(tree: circuits.Tree) -> Kernel:
    return compile(circuits.tensor(tree))


def drawn(
    rng: np.random.Generator, tree: circuits.Tree, ranks: Sequence[int], modes: int
) -> dict[str, list[Any]]:
    """Integer parameters, uniform on ±1 … ±6."""
    sizes = {"M": modes, **{f"r{n}": r for n, r in enumerate(ranks)}}
    found = {}
    for name, shape in circuits.shapes(tree).items():
        extents = [sizes[s] for s in shape.split()]
        signs = 2 * rng.integers(2, size=extents) - 1
        found[name] = (signs * rng.integers(1, LARGEST + 1, extents)).tolist()
    return found


def tensor(tree: circuits.Tree, parameters: Parameters) -> np.ndarray:
    """T in integers, by the compiled equations: exact, since no partial sum reaches 2^53.

    The largest sum is that of absolute values, which the same equations give.
    """
    absolute = {name: np.abs(np.array(value, float)) for name, value in parameters.items()}
    if float(np.max(_kernel(tree)(**absolute))) >= EXACT / 2:
        raise BackproofError("tensor", "entries beyond 2^53", "smaller integers", "draw smaller")
    found = _kernel(tree)(**{name: np.array(v, float) for name, v in parameters.items()})
    return np.asarray(found).astype(np.int64)


def matricised(T: np.ndarray, group: int = 1) -> list[list[int]]:
    """Rows: the patches of odd groups of ``group`` neighbours; columns: those of even groups."""
    order = range(T.ndim)
    odd = [n for n in order if n // group % 2 == 0]
    even = [n for n in order if n // group % 2]
    rows = int(np.prod([T.shape[n] for n in odd]))
    found: list[list[int]] = T.transpose(odd + even).reshape(rows, -1).tolist()
    return found


def generic(
    levels: int, hidden: int, ranks: Sequence[int], modes: int, rng: np.random.Generator
) -> Rank:
    """The largest rank of a few random deep tensors, by groups of 2^(hidden − 1) patches.

    A minor that is not zero at one point is a polynomial in the parameters that is not zero, so it
    vanishes on a set of measure zero only: almost every tensor has this rank at least.

    >>> found = generic(2, 1, (2, 2), 2, np.random.default_rng(0))
    >>> found.value, found.minor != 0
    (4, True)
    """
    tree, group = (levels, levels), 2 ** (hidden - 1)
    found = [tensor(tree, drawn(rng, tree, ranks, modes)) for _ in range(DRAWS)]
    return max((rank(matricised(T, group)) for T in found), key=lambda r: r.value)


def check(progress: Progress | None = None) -> Evidence:
    """The CP rank: random tensors and witnesses, shallow tensors, the network and its tensor."""
    report = progress or silent
    rng = np.random.default_rng(1509)
    rows: list[Row] = [_network(rng)]
    for number, (r, modes, patches) in enumerate(SIZES, 1):
        report("matricisations", number, len(SIZES))
        levels = patches.bit_length() - 1
        rows += _ranks(levels, 1, (r,) * levels, modes, rng)
    for channels in (1, 3, 5):
        shallow = tensor((3, 1), drawn(rng, (3, 1), (channels,), 2))
        found = rank(matricised(shallow)).value
        rows.append(Row(f"rank of a shallow network of {channels} channels", channels, "≥", found))
    heights = range(1, 8)
    sizes = [2**n for n in heights]
    curves = [
        Curve("deep network", sizes, [deep_parameters(n) for n in heights]),
        Curve("shallow network, at least", sizes, [shallow_parameters(n) for n in heights]),
    ]
    caption = "Parameters for N patches, r = M = 2: a deep network, and shallow ones that equal it."
    return Evidence(rows, curves, Axes("patches N", "parameters", True, True), caption)


def check_cut(progress: Progress | None = None) -> Evidence:
    """The same where the network is cut at a level: groups of patches in place of patches."""
    report = progress or silent
    rng = np.random.default_rng(2016)
    rows: list[Row] = []
    for number, (hidden, ranks, modes) in enumerate(TRUNCATED, 1):
        report("cut at a level", number, len(TRUNCATED))
        rows += _ranks(3, hidden, ranks, modes, rng)
        published = circuits.published_rank(3, hidden, ranks, modes)
        sharp = circuits.generic_rank(3, hidden, ranks, modes)
        name = f"min(M, r₀, r₁)^2 and what is proved here, M = {modes}, r = {ranks}"
        rows.append(Row(name, published, "≤", sharp))
    for channels in (2, 3, 5):
        cut = tensor((3, 2), drawn(rng, (3, 2), (3, channels), 3))
        found = rank(matricised(cut, 2)).value
        rows.append(
            Row(f"rank of a network of two layers, {channels} channels", channels, "≥", found)
        )
    deep = range(1, 9)
    curves = [
        Curve(
            f"N = 8, l = {hidden}",
            deep,
            [circuits.generic_rank(3, hidden, (k,) * 3, 8) for k in deep],
        )
        for hidden in (1, 2, 3)
    ]
    caption = "Channels that a network of l hidden layers needs to equal a deep one of r channels."
    return Evidence(
        rows, curves, Axes("channels r of the deep network", "channels", False, True), caption
    )


def deep_parameters(levels: int) -> int:
    """4N for U, 4 for each of N − 2 inner nodes, 2 for the top: r = M = 2."""
    return 4 * 2**levels + 4 * (2**levels - 2) + 2


def shallow_parameters(levels: int) -> int:
    """2NZ + Z for Z = 2^(N/2) channels."""
    channels: int = circuits.published_rank(levels, 1, (2,), 2)
    return channels * (2 * 2**levels + 1)


def _ranks(
    levels: int, hidden: int, ranks: Sequence[int], modes: int, rng: np.random.Generator
) -> list[Row]:
    """Predicted and found: a random tensor, its minor, and the witness of zeros and ones."""
    predicted = circuits.generic_rank(levels, hidden, ranks, modes)
    found = generic(levels, hidden, ranks, modes, rng)
    tree = (levels, levels)
    witness = matricised(
        tensor(tree, circuits.witness(levels, hidden, ranks, modes)), 2 ** (hidden - 1)
    )
    r = ", ".join(map(str, ranks))
    where = f"N = {2**levels}, M = {modes}, r = {r}, l = {hidden}"
    minor = f"{float(abs(found.minor)):.3g}"
    return [
        Row(f"rank, {where}; minor ± {minor}", predicted, "=", found.value),
        Row(f"rank of the witness, {where}", predicted, "=", rank_modulo(witness)),
    ]


def _network(rng: np.random.Generator) -> Row:
    """The network's output is the contraction of its tensor with the patches."""
    tree, ranks, modes = (2, 2), (3, 2), 3
    values = drawn(rng, tree, ranks, modes)
    patches = {f"F{j}": rng.integers(-5, 6, modes).tolist() for j in range(1, 5)}
    T = tensor(tree, values)
    contracted = int(np.einsum("abcd,a,b,c,d->", T, *patches.values()))
    given = {name: np.array(v, float) for name, v in {**values, **patches}.items()}
    output = compile(circuits.network(tree))(**given)
    return Row("⟨T, F₁ ⊗ F₂ ⊗ F₃ ⊗ F₄⟩, and the network's output", contracted, "=", int(output))
