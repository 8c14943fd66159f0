"""Simulated trees against exact laws, whatever the number of workers, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

import backproof as bp
from backproof.numerics.generative import kesten_stigum, mossel
from backproof.numerics.generative.beliefs import density_evolution, law, success
from backproof.numerics.generative.census_law import census_law, majority_success
from backproof.numerics.generative.proportions import clopper_pearson
from backproof.numerics.generative.trees import TreeModel, census_successes, modes, successes
from backproof.theory.generative import census, percolation
from backproof.theory.generative.plurality import Plurality


def test_what_is_refused() -> None:
    for wrong in ({"b": 1}, {"copies": 1.5}, {"depth": 0}, {"colours": 1}):
        with pytest.raises(bp.BackproofError, match="TreeModel"):
            TreeModel(**({"b": 2, "copies": 0.5, "depth": 2, "colours": 2} | wrong))
    with pytest.raises(bp.BackproofError, match="leaves"):
        TreeModel(2, 0.5, 40).sample(np.random.default_rng(0))
    with pytest.raises(bp.BackproofError, match="leaves"):
        census_successes(TreeModel(2, 0.5, 60), trees=1, seed=0)
    with pytest.raises(bp.BackproofError, match="readers"):
        successes(TreeModel(2, 0.5, 2), ["oracle"], trees=1, seed=0)
    with pytest.raises(bp.BackproofError, match="two"):
        successes(TreeModel(2, 0.5, 2, 3), ["beliefs"], trees=1, seed=0)
    with pytest.raises(bp.BackproofError, match="density_evolution"):
        density_evolution(2, 1.5, 3)
    with pytest.raises(bp.BackproofError, match="probability"):
        percolation.survival(2, 1.5)
    with pytest.raises(bp.BackproofError, match="integer"):
        census.threshold(1)


# Simulations: each statement fails by chance with probability below 1e-7 -----------------------


def test_the_answer_does_not_depend_on_the_workers() -> None:
    model = TreeModel(3, 0.6, 4, 3)
    alone = successes(model, ["plurality", "census"], trees=24, seed=9)
    assert successes(model, ["plurality", "census"], trees=24, seed=9, workers=2) == alone
    assert successes(model, ["plurality", "census"], trees=24, seed=8) != alone
    assert census_successes(model, trees=9, seed=1, workers=2) == census_successes(
        model, trees=9, seed=1
    )


@pytest.mark.parametrize("theta", [Fraction(9, 10), Fraction(1, 2)])
def test_trees_follow_their_laws(theta: Fraction) -> None:
    trees = 4000  # power: a probability off by 0.06 is seen with probability 0.99
    made = successes(TreeModel(2, float(theta), 4), ["beliefs", "census"], trees=trees, seed=3)
    for name, chance in (
        ("beliefs", success(law(2, theta, 4))),
        ("census", majority_success(census_law(2, theta, 4))),
    ):
        low, high = clopper_pearson(made[name], trees, 1e-8)
        assert low <= chance <= high, name


def test_plurality_on_trees_follows_its_recursion() -> None:
    made = successes(TreeModel(8, 0.4, 2, 20), ["plurality"], trees=3000, seed=4)
    low, high = clopper_pearson(made["plurality"], 3000, 1e-8)
    assert low <= Plurality(8, 20, Fraction(2, 5)).after(2) <= high


def test_the_census_without_a_tree_is_that_of_a_tree() -> None:
    model = TreeModel(4, 0.5, 4, 5)
    far = census_successes(model, trees=3000, seed=1)
    near = successes(model, ["census"], trees=3000, seed=2)["census"]
    one, other = (clopper_pearson(k, 3000, 1e-8) for k in (far, near))
    assert one[0] <= other[1]
    assert other[0] <= one[1]


def test_modes_break_ties_fairly() -> None:
    rng = np.random.default_rng(0)
    made = modes(np.tile([5, 7, 7, 5, 1], (4000, 1)), rng)
    assert set(made.tolist()) == {5, 7}
    low, high = clopper_pearson(int((made == 5).sum()), 4000, 1e-8)
    assert low <= 0.5 <= high


@pytest.mark.parametrize("p", [0.01, 0.4, 0.97])
def test_clopper_pearson_covers(p: float) -> None:
    missed = sum(
        binom.pmf(k, 30, p)
        for k in range(31)
        if not clopper_pearson(k, 30, 0.05)[0] <= p <= clopper_pearson(k, 30, 0.05)[1]
    )
    assert 0 < missed <= 0.05


def test_the_rows_that_need_no_draws_hold() -> None:
    rows = kesten_stigum.derived_rows() + mossel.percolation_rows()
    rows += mossel.deep_rows(Plurality(mossel.B, mossel.COLOURS, mossel.COPIES))
    assert all(row.holds for row in rows), [row.cells for row in rows if not row.holds]


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["kesten-stigum", "mossel"])
def test_the_whole_check_holds(name: str) -> None:
    assert bp.check(name).holds


@pytest.mark.sweep
def test_thirty_million_leaves_over_processes() -> None:
    model = TreeModel(32, 0.125, 5, 512)
    made = successes(model, ["plurality"], trees=12, seed=5, workers=2)
    low, high = clopper_pearson(made["plurality"], 12, 1e-8)
    assert low <= Plurality(32, 512, Fraction(1, 8)).enclosed(5)[5][0] <= high
