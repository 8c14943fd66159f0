"""Sparse networks: exact chances against enumeration, decoding against counts, a layer learnt."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.generative import arora
from backproof.numerics.generative.layer_learning import cliques, correlated, learnt, matched
from backproof.numerics.generative.proportions import clopper_pearson
from backproof.numerics.generative.sparse_chances import decoder_failure, tail
from backproof.numerics.generative.sparse_nets import (
    SparseLayer,
    active,
    decoded,
    noisy,
    random_net,
    shown,
)
from backproof.theory.generative.sparse_layer import SparseChances, shift

EDGE = st.fractions(Fraction(1, 20), Fraction(1, 2), max_denominator=20)


@given(st.integers(0, 6), EDGE)
def test_the_shift_by_enumeration(count: int, edge: Fraction) -> None:
    chances = {-1: edge / 2, 0: 1 - edge, 1: edge / 2}
    found: dict[int, Fraction] = {}
    for signs in itertools.product((-1, 0, 1), repeat=count):
        p = Fraction(1)
        for sign in signs:
            p *= chances[sign]
        found[sum(signs)] = found.get(sum(signs), Fraction(0)) + p
    assert shift(count, edge) == dict(sorted(found.items()))


@pytest.mark.parametrize("flips", [Fraction(0), Fraction(1, 10)])
def test_chances_by_enumeration_of_networks(flips: Fraction) -> None:
    # Every matrix of 2 × 3 units with the first two active; every flip of the two observed bits.
    below, hidden, count, edge = 2, 3, 2, Fraction(1, 2)
    chances = {-1: edge / 2, 0: 1 - edge, 1: edge / 2}
    layer = SparseChances(below, hidden, 1, count, flips)
    limit = Fraction(1, 5)
    missed = invented = Fraction(0)
    for entries in itertools.product((-1, 0, 1), repeat=below * hidden):
        matrix = np.array(entries).reshape(below, hidden)
        p = Fraction(1)
        for entry in entries:
            p *= chances[entry]
        clean = matrix[:, :count].sum(axis=1) > 0
        for turned in itertools.product((False, True), repeat=below):
            q = p
            for one in turned:
                q *= flips if one else 1 - flips
            score = matrix.T @ (clean ^ np.array(turned))
            missed += q * int(score[0] <= limit)
            invented += q * int(score[2] > limit)
    found = decoder_failure(layer)
    assert found.missed == pytest.approx(float(missed), abs=1e-14)
    assert found.invented == pytest.approx(float(invented), abs=1e-14)


@given(st.integers(1, 6), EDGE, EDGE, st.integers(-2, 4))
def test_tails_by_enumeration(terms: int, plus: Fraction, minus: Fraction, limit: int) -> None:
    total = Fraction(0)
    chances = {1: plus, -1: minus, 0: 1 - plus - minus}
    for values in itertools.product(chances, repeat=terms):
        p = Fraction(1)
        for value in values:
            p *= chances[value]
        total += p * int(sum(values) > limit)
    assert tail(terms, plus, minus, Fraction(limit)) == pytest.approx(float(total), abs=1e-13)


@given(st.integers(1, 12), st.integers(10, 60))
@settings(max_examples=20)
def test_failures_grow_with_sparsity(count: int, degree: int) -> None:
    few, more = (decoder_failure(SparseChances(200, 40, degree, s)) for s in (count, count + 3))
    assert few.missed <= more.missed + 1e-12
    assert 0 <= few.lower <= few.upper <= 1


def test_covariance_is_that_of_counts() -> None:
    layer = SparseChances(60, 12, 12, 3)
    bits = arora.related_pairs(layer, 60_000, seed=1)
    on = layer.at_least(2, 0)
    off = layer.at_least(3, 1)
    rho = Fraction(1, 4)
    assert layer.related_covariance == rho * (1 - rho) * (on - off) ** 2
    low, high = clopper_pearson(int(bits.all(axis=1).sum()), len(bits), 1e-8)
    assert low <= rho * on**2 + (1 - rho) * off**2 <= high


# Sampling and decoding -----------------------------------------------------------------------


def test_rows_of_hidden_units_and_networks() -> None:
    rng = np.random.default_rng(0)
    rows = active(7, 3, 500, rng)
    assert rows.sum(axis=1).tolist() == [3] * 500
    assert rows.sum(axis=0).min() > 100
    matrix = SparseLayer(30, 9, 6, regular=True).sample(rng)
    assert (matrix == 1).sum(axis=0).tolist() == [3] * 9
    assert (matrix == -1).sum(axis=0).tolist() == [3] * 9
    net = random_net([SparseLayer(40, 20, 8), SparseLayer(20, 10, 6)], 2, rng)
    bottom, middle, top = net.samples(50, rng)
    for n in range(50):  # unit by unit
        for matrix, low, high in (
            (net.matrices[0], bottom, middle),
            (net.matrices[1], middle, top),
        ):
            sums = [
                sum(int(g) * int(h) for g, h in zip(row, high[n], strict=True)) for row in matrix
            ]
            assert low[n].tolist() == [int(s > 0) for s in sums]
    flipped = noisy(np.zeros((100, 100), np.int8), 0.1, rng).mean()
    assert 0.08 < flipped < 0.12


def test_the_decoder_unit_by_unit() -> None:
    rng = np.random.default_rng(1)
    matrix = SparseLayer(30, 8, 10).sample(rng)
    seen = shown(matrix, active(8, 2, 20, rng))
    for row, read in zip(seen, decoded(matrix, seen, 10), strict=True):
        assert read.tolist() == [int(matrix[:, u] @ row > 2) for u in range(8)]


def test_decoding_fails_as_often_as_computed() -> None:
    nets = 300  # power: a chance off by 0.1 is seen with probability 0.99
    chances = decoder_failure(SparseChances(arora.BELOW, arora.HIDDEN, arora.DEGREE, 8))
    wrong, missed = arora.decoding(8, nets, seed=1)
    low, high = clopper_pearson(missed, nets, 1e-8)
    assert low <= chances.missed <= high
    low, high = clopper_pearson(wrong, nets, 1e-8)
    assert low <= chances.upper
    assert chances.lower <= high
    assert not low <= chances.missed / 3 <= high  # a wrong chance is seen


# Learning --------------------------------------------------------------------------------------


def test_cliques_that_share_a_vertex_are_told_apart() -> None:
    graph = np.zeros((12, 12), bool)
    sets = ([0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [9, 10, 11, 0])
    for members in sets:
        graph[np.ix_(members, members)] = True
    np.fill_diagonal(graph, False)
    found = {tuple(sorted(members.tolist())) for members in cliques(graph, 4)}
    assert found == {tuple(sorted(members)) for members in sets}


def test_a_small_layer_is_learnt_whole() -> None:
    rng = np.random.default_rng(2)
    layer = SparseLayer(300, 40, 16, regular=True)
    matrix = layer.sample(rng)
    hidden = active(40, 3, 6000, rng)
    threshold = float(SparseChances(300, 40, 16, 3).related_covariance) / 2
    found = learnt(shown(matrix, hidden), threshold, least=4)
    nearest, _ = matched(matrix, found.matrix)
    visible = (matrix == 1).any(axis=1)
    assert (matrix == found.matrix[:, nearest])[visible].all()
    assert (found.hidden[:, nearest] == hidden).mean() > 0.999
    # Samples in which every unit is shuffled on its own have no correlations to learn from.
    shuffled = rng.permuted(shown(matrix, hidden), axis=0)
    assert correlated(shuffled, threshold).sum() == 0
    assert learnt(shuffled, threshold, least=4).matrix.shape == (300, 0)


def test_what_is_refused() -> None:
    for wrong in ((10, 5, 11), (10, 0, 2), (10, 5, 0)):
        with pytest.raises(bp.BackproofError, match="SparseLayer"):
            SparseLayer(*wrong)
    with pytest.raises(bp.BackproofError, match="even"):
        SparseLayer(10, 5, 3, regular=True)
    with pytest.raises(bp.BackproofError, match="SparseChances"):
        SparseChances(10, 5, 2, 5)
    with pytest.raises(bp.BackproofError, match="equal sizes"):
        random_net([SparseLayer(10, 5, 2), SparseLayer(6, 3, 2)], 1, np.random.default_rng(0))


@pytest.mark.sweep
def test_two_layers_are_learnt_from_the_bottom_up() -> None:
    made = arora.learnt_layers()
    assert made["lower units"] > 0.7
    assert made["upper units"] > 0.55
    assert made["lower hidden"] < 0.005
    assert made["upper hidden"] < 0.001


@pytest.mark.sweep
def test_the_whole_check_holds() -> None:
    assert bp.check("arora-bhaskara-ge-ma").holds
