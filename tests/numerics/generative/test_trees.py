"""Broadcasting on trees: recursions against enumeration, enclosures, and simulations."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from backproof.numerics.generative.beliefs import (
    density_evolution,
    law,
    posterior,
    second_moment,
    success,
)
from backproof.numerics.generative.census_law import (
    census_law,
    majority_success,
    squared_correlation,
)
from backproof.theory.generative import census, percolation
from backproof.theory.generative.plurality import Plurality, wins

CASES = json.loads(Path(__file__).parents[2].joinpath("cases", "results.json").read_text("utf-8"))
RECORDS = {record["id"]: record for record in CASES}
CHANCE = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)


def joint(b: int, q: int, copies: Fraction, depth: int) -> dict[tuple[int, ...], list[Fraction]]:
    """P(leaves, root) for every colouring of the leaves: all vertices, edge by edge."""
    sizes = [b**n for n in range(depth + 1)]
    starts = [sum(sizes[:n]) for n in range(depth + 2)]
    parents = [(v - 1) // b for v in range(1, starts[-1])]
    edges, differ = len(parents), (1 - copies) / q
    weights = [(differ + copies) ** k * differ ** (edges - k) / q for k in range(edges + 1)]
    found: dict[tuple[int, ...], list[Fraction]] = {}
    for colours in itertools.product(range(q), repeat=starts[-1]):
        chance = weights[sum(colours[v] == colours[u] for v, u in enumerate(parents, 1))]
        leaves = colours[starts[depth] :]
        found.setdefault(leaves, [Fraction(0)] * q)[colours[0]] += chance
    return found


def nested(leaves: tuple[int, ...], b: int) -> Any:
    """Leaves as a nested tuple of subtrees."""
    level: list[Any] = list(leaves)
    while len(level) > 1:
        level = [tuple(level[n : n + b]) for n in range(0, len(level), b)]
    return level[0]


SMALL = [(2, 2, 2), (3, 2, 1), (2, 3, 2), (3, 3, 1)]


@pytest.mark.parametrize(("b", "q", "depth"), SMALL)
def test_posteriors_are_those_of_enumeration(b: int, q: int, depth: int) -> None:
    copies = Fraction(3, 7)
    for leaves, row in joint(b, q, copies, depth).items():
        assert posterior(nested(leaves, b), q, copies) == tuple(p / sum(row) for p in row)


@pytest.mark.parametrize(("b", "depth"), [(2, 1), (2, 2), (3, 1), (2, 3)])
def test_laws_are_those_of_enumeration(b: int, depth: int) -> None:
    theta = Fraction(3, 5)
    every = joint(b, 2, theta, depth)
    best = sum((max(row) for row in every.values()), Fraction(0))
    square = sum(((row[0] - row[1]) ** 2 / sum(row) for row in every.values()), Fraction(0))
    exact = law(b, theta, depth)
    assert success(exact) == best
    assert second_moment(exact) == square
    assert sum(exact.values()) == 1
    sums: dict[int, Fraction] = {}
    for leaves, row in every.items():
        s = sum(1 - 2 * leaf for leaf in leaves)
        sums[s] = sums.get(s, Fraction(0)) + 2 * row[0]
    counted = census_law(b, theta, depth)
    assert {s: p for s, p in counted.items() if p} == {s: p for s, p in sorted(sums.items()) if p}


# The census ----------------------------------------------------------------------------------


@given(st.integers(2, 3), CHANCE, st.integers(1, 3))
@settings(max_examples=25)
def test_the_recursion_of_moments(b: int, theta: Fraction, depth: int) -> None:
    exact = squared_correlation(census_law(b, theta, depth))
    assert census.correlation(b, sp.Rational(theta), depth) == exact
    values = {census.B: b, census.THETA: sp.Rational(theta), census.DEPTH: depth}
    if b * theta**2 != 1:
        assert sp.Rational(census.squared_correlation().subs(values)) == exact


@given(st.integers(2, 6), CHANCE)
def test_the_limit_on_either_side(b: int, theta: Fraction) -> None:
    x = b * theta**2
    ratio = 0.0
    for _ in range(4000):
        ratio = (ratio + 1 - float(theta) ** 2) / float(x)
    if x > 1.05:
        values = {census.B: b, census.THETA: sp.Rational(theta)}
        assert 1 / (1 + ratio) == pytest.approx(float(census.limit().subs(values)))
    elif x < 1:
        assert 1 / (1 + ratio) < 2e-2


def test_the_records() -> None:
    record = RECORDS["KS-threshold"]
    for b, theta, flips in zip(
        record["inputs"]["b"], record["expected"]["theta"], record["expected"]["eps"], strict=True
    ):
        assert float(census.threshold(b)) == pytest.approx(theta, abs=1e-12)
        assert float(census.flip_threshold(b)) == pytest.approx(flips, abs=1e-12)
    record = RECORDS["percolation"]
    for (b, lam), p in zip(record["inputs"]["(b,lam)"], record["expected"], strict=True):
        assert float(percolation.survival(b, lam)) == pytest.approx(p, abs=1e-9)
    lam = percolation.LAMBDA
    assert sp.cancel(percolation.survival(2) - (2 * lam - 1) / lam**2) == 0


@given(st.integers(2, 5), CHANCE, st.integers(1, 4))
@settings(max_examples=30)
def test_percolation_by_generations(b: int, lam: Fraction, depth: int) -> None:
    # The law of the number of copies, generation by generation, capped where it cannot return to 0.
    alive = {1: Fraction(1)}
    for _ in range(depth):
        after: dict[int, Fraction] = {}
        for z, p in alive.items():
            for k in range(b * z + 1):
                chance = sp.binomial(b * z, k) * lam**k * (1 - lam) ** (b * z - k)
                after[k] = after.get(k, Fraction(0)) + p * Fraction(int(chance.p), int(chance.q))
        alive = after
        if b**depth > 30:
            return
    assert percolation.reached(b, sp.Rational(lam), depth) == 1 - alive.get(0, Fraction(0))


# Beliefs and their evolution -------------------------------------------------------------------


@given(CHANCE, st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_beliefs_lie_between_the_census_and_the_bound(theta: Fraction, depth: int) -> None:
    exact = law(2, theta, depth)
    square = second_moment(exact)
    assert squared_correlation(census_law(2, theta, depth)) <= square <= (2 * theta**2) ** depth
    assert majority_success(census_law(2, theta, depth)) <= success(exact)
    evolution = density_evolution(2, float(theta), depth, 60)
    low, high = evolution.success[depth]
    assert low <= success(exact) <= high
    assert high - low < 0.02
    assert evolution.second_moment[depth, 0] <= square <= evolution.second_moment[depth, 1]


def test_evolution_stays_a_law_at_great_depth() -> None:
    bounds = density_evolution(2, 0.8, 80, 100).success
    assert np.all((bounds >= 0.5 - 1e-8) & (bounds <= 1 + 1e-8))
    assert np.all(bounds[:, 0] <= bounds[:, 1])
    assert np.all(bounds[1:, 0] <= bounds[:-1, 1])  # deeper leaves say less
    assert np.all(bounds[:, 1] - bounds[:, 0] < 2e-3)


# Recursive plurality ---------------------------------------------------------------------------


@pytest.mark.parametrize(("own", "votes", "rivals"), [(1, 2, 3), (2, 3, 2), (2, 4, 3), (1, 1, 1)])
def test_votes_are_counted_by_enumeration(own: int, votes: int, rivals: int) -> None:
    total = Fraction(0)
    for cast in itertools.product(range(rivals), repeat=votes):
        counts = [cast.count(c) for c in range(rivals)]
        if max(counts) <= own:
            total += Fraction(1, 1 + counts.count(own))
    assert wins(own, votes, rivals) == total / rivals**votes


@pytest.mark.parametrize(("b", "q", "depth"), [(3, 2, 1), (3, 3, 1), (2, 3, 2), (2, 2, 2)])
def test_plurality_is_that_of_enumeration(b: int, q: int, depth: int) -> None:
    copies = Fraction(2, 5)

    def guesses(leaves: tuple[int, ...]) -> dict[int, Fraction]:
        """The law of the guess, over the lots that are drawn."""
        if len(leaves) == 1:
            return {leaves[0]: Fraction(1)}
        step = len(leaves) // b
        parts = [guesses(leaves[n : n + step]) for n in range(0, len(leaves), step)]
        found: dict[int, Fraction] = {}
        for shown in itertools.product(*(part.items() for part in parts)):
            colours = [colour for colour, _ in shown]
            chance = Fraction(1)
            for _, p in shown:
                chance *= p
            most = max(colours.count(c) for c in colours)
            tied = [c for c in set(colours) if colours.count(c) == most]
            for c in tied:
                found[c] = found.get(c, Fraction(0)) + chance / len(tied)
        return found

    right = Fraction(0)
    for leaves, row in joint(b, q, copies, depth).items():
        for colour, p in guesses(leaves).items():
            right += row[colour] * p
    assert Plurality(b, q, copies).after(depth) == right


def test_what_persists_is_below_every_depth() -> None:
    rule = Plurality(32, 512, Fraction(1, 8))
    assert rule.persists(Fraction(37, 50))
    assert not rule.persists(Fraction(3, 4))
    bounds = rule.enclosed(30)
    assert all(Fraction(37, 50) <= low <= high for low, high in bounds)
    small = Plurality(4, 3, Fraction(1, 2))
    for depth, (low, high) in enumerate(small.enclosed(3)):
        assert low <= small.after(depth) <= high
