"""Ranks of arithmetic circuits against SymPy and SciPy, and circuits against plain loops."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.expressivity import cohen
from backproof.numerics.expressivity.ranks import PRIME, rank, rank_modulo
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.expressivity import circuits

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}
entries = st.integers(-4, 4)
ranks = st.integers(1, 4)


@st.composite
def matrices(draw: Any) -> list[list[int]]:
    """Products of two thin matrices, so that ranks are often not full."""
    n, m, k = (draw(st.integers(1, 5)) for _ in range(3))
    left = draw(st.lists(st.lists(entries, min_size=k, max_size=k), min_size=n, max_size=n))
    right = draw(st.lists(st.lists(entries, min_size=m, max_size=m), min_size=k, max_size=k))
    found: list[list[int]] = (np.array(left) @ np.array(right)).tolist()
    return found


@given(matrices())
def test_rank_and_its_minor(matrix: list[list[int]]) -> None:
    found = rank(matrix)
    exact = sp.Matrix(matrix)
    assert found.value == exact.rank()
    assert rank_modulo(matrix, 3) <= found.value
    assert rank_modulo(matrix) <= found.value
    if found.value:
        assert exact.extract(list(found.rows), list(found.columns)).det() == found.minor != 0


def test_rank_of_what_is_no_matrix() -> None:
    with pytest.raises(bp.BackproofError, match="several lengths"):
        rank([[1, 2], [3]])
    assert rank([[PRIME, 0], [0, 1]]).value == 2
    assert rank_modulo([[PRIME, 0], [0, 1]]) == 1  # a prime may lie below the truth, never above


def plain_tensor(tree: circuits.Tree, p: dict[str, Any]) -> np.ndarray:
    """T from its definition: outer products, node by node."""
    levels, hidden = tree
    nodes = [np.array(p[f"U{j}"]) for j in range(1, 2**levels + 1)]
    for level in range(1, hidden):
        above = []
        for j in range(0, len(nodes), 2):
            left, right = nodes[j], nodes[j + 1]
            products = np.array([np.multiply.outer(a, b) for a, b in zip(left, right, strict=True)])
            weights = np.array(p[f"A{level}_{j // 2 + 1}"])
            above.append(np.tensordot(weights, products, 1))
        nodes = above
    total = 0
    for z, weight in enumerate(p["top"]):
        term: Any = weight
        for node in nodes:
            term = np.multiply.outer(term, node[z])
        total = total + term
    return np.asarray(total)


@given(st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 2), (3, 3)]), ranks, ranks, st.integers(1, 3))
@settings(max_examples=25)
def test_the_tensor_by_its_definition(tree: circuits.Tree, r: int, s: int, modes: int) -> None:
    p = cohen.drawn(np.random.default_rng([r, s]), tree, (r, s, r), modes)
    np.testing.assert_array_equal(cohen.tensor(tree, p), plain_tensor(tree, p))
    assert circuits.parameters(tree, (r, s, r), modes) == sum(np.size(v) for v in p.values())


@given(st.sampled_from([(1, 1), (2, 1), (2, 2)]), ranks, st.integers(1, 3), st.integers(0, 99))
@settings(max_examples=15)
def test_a_network_is_its_tensor(tree: circuits.Tree, r: int, modes: int, seed: int) -> None:
    """Both statements evaluated exactly, entry by entry."""
    rng = np.random.default_rng(seed)
    p = cohen.drawn(rng, tree, (r, r), modes)
    count = 2 ** tree[0]
    patches = {f"F{j}": rng.integers(-3, 4, modes).tolist() for j in range(1, count + 1)}
    (*_, output) = evaluate(circuits.network(tree), {**p, **patches}).values()
    (*_, T) = evaluate(circuits.tensor(tree), p).values()
    total = 0
    for index in itertools.product(range(modes), repeat=count):
        entry: Any = T
        for i in index:
            entry = entry[i]
        product = 1
        for i, patch in zip(index, patches.values(), strict=True):
            product *= patch[i]
        total += entry * product
    assert total == output


def test_records_of_the_rank() -> None:
    sizes = RESULTS["ht-rank"]["inputs"]["(r0,M,N)"]
    rng = np.random.default_rng(0)
    found = []
    for r, modes, patches in sizes:
        levels = patches.bit_length() - 1
        found.append(cohen.generic(levels, 1, (r,) * levels, modes, rng).value)
    assert found == RESULTS["ht-rank"]["expected"]
    derived = [
        circuits.generic_rank(n.bit_length() - 1, 1, (r,) * (n.bit_length() - 1), m)
        for r, m, n in sizes
    ]
    assert derived == RESULTS["ht-rank"]["expected"]


@given(st.integers(1, 3), st.data())
@settings(max_examples=40)
def test_the_witness_has_the_generic_rank(levels: int, data: st.DataObject) -> None:
    """And no tensor has more."""
    hidden = data.draw(st.integers(1, levels))
    r = tuple(data.draw(ranks) for _ in range(levels))
    modes = data.draw(st.integers(1, 3 if levels < 3 else 2))
    predicted = circuits.generic_rank(levels, hidden, r, modes)
    assert predicted >= circuits.published_rank(levels, hidden, r, modes)
    tree, group = (levels, levels), 2 ** (hidden - 1)
    T = cohen.tensor(tree, circuits.witness(levels, hidden, r, modes))
    matrix = np.array(cohen.matricised(T, group))
    assert set(np.unique(matrix)) <= {0, 1}
    assert max(matrix.sum(0).max(), matrix.sum(1).max()) == 1  # a permutation, then zeros
    assert matrix.sum() == predicted
    drawn = cohen.tensor(tree, cohen.drawn(np.random.default_rng(7), tree, r, modes))
    assert rank_modulo(cohen.matricised(drawn, group)) <= predicted


def test_what_a_cut_network_reaches() -> None:
    rng = np.random.default_rng(4)
    for channels in (1, 2, 4):
        T = cohen.tensor((3, 2), cohen.drawn(rng, (3, 2), (4, channels), 2))
        assert rank(cohen.matricised(T, 2)).value == channels
    for levels in (1, 2, 3):
        assert cohen.deep_parameters(levels) == circuits.parameters(
            (levels, levels), (2,) * levels, 2
        )
        channels = 2**2 ** (levels - 1)
        flat = circuits.parameters((levels, 1), (channels,), 2)
        assert cohen.shallow_parameters(levels) == flat


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: circuits.tensor((4, 1)), "eight patches"),
        (lambda: circuits.network((2, 3)), "hidden"),
        (
            lambda: cohen.tensor((1, 1), {"U1": [[10**9]], "U2": [[10**9]], "top": [1]}),
            "2\\^53",
        ),
    ],
)
def test_refusals(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(bp.BackproofError, match=message):
        build()


@pytest.mark.parametrize("name", ["cohen", "cohen-cut"])
def test_the_check_holds(name: str) -> None:
    found = bp.check(name)
    assert found.holds, str(found)


def test_mutants_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants: tuple[tuple[Any, str, Any, Any], ...] = (
        (circuits, "generic_rank", circuits.published_rank, cohen.check_cut),
        (cohen, "matricised", lambda T, g=1: T.reshape(T.shape[0], -1).tolist(), cohen.check),
        (cohen, "rank", lambda m: rank([row[:2] for row in m]), cohen.check),
    )
    for module, name, wrong, check in mutants:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, wrong)
            assert not check().holds, name
