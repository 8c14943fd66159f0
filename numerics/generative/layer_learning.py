"""A sparse layer learnt from what it shows: correlations, cliques, hidden units, signs.

Units with a common parent by positive edges are active together; the children of one parent are a
clique in the graph of correlations.  Hidden units are read by a vote of their positive children;
then a pair shows a negative edge where the child stays silent although exactly one positive parent
is active.
Reference: Arora, Bhaskara, Ge and Ma 2014, sections on graph recovery; the steps are theirs, the
thresholds those of `backproof.numerics.generative.sparse_chances`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
VOTE = 0.5  # of the positive children that are active
CLOSE = 0.6  # of a clique that a member is joined to
ROUNDS = 4
SAME = 0.5  # of a set that another shares, above which both are one
SILENT = 0.5  # of the times that a lone positive parent is active


@dataclass(frozen=True)
class LearntLayer:
    """The matrix up to the order of its columns, and the hidden units that were read."""

    matrix: Array
    hidden: Array


def correlated(seen: Array, threshold: float) -> Array:
    """The graph of pairs whose covariance exceeds a threshold: shape (m, m), no loops."""
    x = seen.astype(np.float32)
    mean = x.mean(axis=0)
    graph = (x.T @ x / len(x) - np.outer(mean, mean)) > threshold
    np.fill_diagonal(graph, False)
    return np.asarray(graph)


def cliques(graph: Array, least: int) -> list[Array]:
    """Sets of vertices that are almost cliques and cover the edges, each found from one edge.

    From an edge: its common neighbours; of these, those joined to most of the others; then all
    vertices joined to most of the set.  What is found covers its edges.
    """
    left, found = np.triu(graph), []
    weights = graph.astype(np.float32)
    for u, v in np.argwhere(left):
        if not left[u, v]:
            continue
        left[u, v] = False
        members = np.flatnonzero(graph[u] & graph[v])
        members = np.append(members, [u, v])
        for _ in range(3):
            if len(members) < least:
                break
            inside = weights[members][:, members].sum(axis=1) + 1
            members = members[inside >= CLOSE * len(members)]
        if len(members) < least:
            continue
        joined = weights[:, members].sum(axis=1)
        joined[members] += 1
        members = np.flatnonzero(joined >= CLOSE * len(members))
        if len(members) >= least and not any(np.array_equal(members, old) for old in found):
            found.append(members)
            left[np.ix_(members, members)] = False
    return found


def learnt(seen: Array, threshold: float, least: int) -> LearntLayer:
    """The layer that shows ``seen``: sets of at least ``least`` positive children a unit."""
    x = seen.astype(np.float32)
    sets = cliques(correlated(seen, threshold), least)
    positive = np.zeros((seen.shape[1], len(sets)), np.float32)
    for unit, members in enumerate(sets):
        positive[members, unit] = 1
    for _ in range(ROUNDS):  # children are those that are mostly active with the unit
        hidden = voted(x, positive)
        rates = x.T @ hidden / np.maximum(hidden.sum(axis=0), 1)
        positive = distinct((rates > VOTE).astype(np.float32), least)
    hidden = voted(x, positive)
    lone = (hidden @ positive.T == 1).astype(np.float32)  # exactly one positive parent is active
    chances = lone.T @ hidden  # how often, with each hidden unit active: (m, units)
    kept = (lone * x).T @ hidden
    negative = (positive == 0) & (chances > 0) & (kept < SILENT * chances)
    return LearntLayer((positive - negative).astype(np.int8), hidden.astype(np.int8))


def layerwise(seen: Array, thresholds: Sequence[float], least: Sequence[int]) -> list[LearntLayer]:
    """Layers from the bottom up: each is learnt from the hidden units read off the one below."""
    layers: list[LearntLayer] = []
    for threshold, fewest in zip(thresholds, least, strict=True):
        layers.append(learnt(layers[-1].hidden if layers else seen, threshold, fewest))
    return layers


def voted(seen: Array, positive: Array) -> Array:
    """Hidden units of which more than half of the positive children are active."""
    return (seen @ positive > VOTE * positive.sum(axis=0)).astype(np.float32)


def distinct(positive: Array, least: int) -> Array:
    """The columns with enough entries, without those that mostly repeat an earlier one."""
    sizes = positive.sum(axis=0)
    shared = positive.T @ positive / np.maximum(np.minimum.outer(sizes, sizes), 1)
    kept: list[int] = []
    for unit in np.argsort(-sizes, kind="stable"):
        if sizes[unit] >= least and not (shared[unit, kept] > SAME).any():
            kept.append(int(unit))
    return positive[:, sorted(kept)]


def matched(true: Array, found: Array) -> tuple[Array, int]:
    """For each true column the found column that is nearest, and how many are equal to theirs."""
    if found.shape[1] == 0:
        return np.full(true.shape[1], -1), 0
    overlap = (true == 1).T.astype(np.float32) @ (found == 1).astype(np.float32)
    nearest = overlap.argmax(axis=1)
    equal = (true == found[:, nearest]).all(axis=0)
    return nearest, int(equal.sum())
