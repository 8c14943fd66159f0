"""The reduction from clauses, against definitions, all assignments and another solver."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.complexity.daniely import amplified, enumerate_clauses
from backproof.numerics.complexity.reduction import (
    amplify,
    consistent,
    planted_clauses,
    random_clauses,
)
from backproof.numerics.complexity.solver import solve
from backproof.theory.complexity import amplification, clauses


@pytest.mark.parametrize(("n", "slots"), [(1, 3), (2, 2), (3, 2), (2, 3), (3, 3), (4, 2)])
def test_every_clause_and_assignment(n: int, slots: int) -> None:
    pairs, errors, true = enumerate_clauses(n, slots)
    assert pairs == 2**n * (2 * n) ** slots
    assert errors == 0
    assert Fraction(true, pairs) == clauses.satisfied_share(slots)


@given(st.data())
def test_one_bit_a_slot(data: st.DataObject) -> None:
    n, slots = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    literal = st.integers(1, n).flatmap(lambda i: st.sampled_from([i, -i]))
    clause = data.draw(st.tuples(*[literal] * slots))
    bits = clauses.encode(clause, n)
    row = clauses.vector(bits, 2 * n * slots)
    assert len(row) == 2 * n * slots
    for slot in range(slots):
        assert sum(row[2 * n * slot : 2 * n * (slot + 1)]) == 1
    psi = data.draw(st.tuples(*[st.booleans()] * n))
    hypothesis = clauses.disjunction(psi, slots)
    assert hypothesis.bit_count() == n * slots
    by_hand = any((psi[abs(l) - 1] if l > 0 else not psi[abs(l) - 1]) for l in clause)
    assert clauses.holds(hypothesis, bits) == by_hand


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(1, 40))
def test_bits_are_consistent_exactly_if_the_formula_is_satisfiable(
    seed: int, n: int, count: int
) -> None:
    formula = random_clauses(np.random.default_rng(seed), n, 3, count)
    every = [
        psi for psi in clauses.assignments(n) if all(clauses.satisfied(c, psi) for c in formula)
    ]
    found = consistent([clauses.encode(c, n) for c in formula], n, 3)
    assert (found is not None) == bool(every)
    assert found is None or found in every
    alone = solve(formula, n)
    assert (alone is not None) == bool(every)
    assert alone is None or alone in every


def cadical(formula: Sequence[Sequence[int]], n: int) -> tuple[bool, ...] | None:
    """CaDiCaL's verdict."""
    solvers = pytest.importorskip("pysat.solvers", reason="python-sat is not installed")
    with solvers.Solver(name="cadical153", bootstrap_with=[list(c) for c in formula]) as solver:
        if not solver.solve():
            return None
        true = set(solver.get_model())
    return tuple(i in true for i in range(1, n + 1))


@pytest.mark.parametrize("ratio", [3.5, 4.3, 6.0])
def test_beyond_enumeration_with_another_solver(ratio: float) -> None:
    """Sixty variables: the formula and its bits, both by CaDiCaL."""
    rng = np.random.default_rng(11)
    verdicts = set()
    for _ in range(6):
        n = 60
        formula = random_clauses(rng, n, 3, int(ratio * n))
        plain = cadical(formula, n)
        found = consistent([clauses.encode(c, n) for c in formula], n, 3, cadical)
        assert (plain is None) == (found is None)
        assert found is None or all(clauses.satisfied(c, found) for c in formula)
        verdicts.add(plain is None)
    assert ratio == 4.3 or verdicts == {ratio > 4.3}


def test_our_solver_agrees_with_another() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        formula = random_clauses(rng, 18, 3, int(rng.integers(50, 110)))
        ours, theirs = solve(formula, 18), cadical(formula, 18)
        assert (ours is None) == (theirs is None)
        assert ours is None or all(clauses.satisfied(c, ours) for c in formula)


@given(st.integers(1, 6), st.integers(1, 10**4), st.integers(2, 10**6))
def test_words_are_as_short_as_they_may_be(slots: int, examples: int, inverse: int) -> None:
    chance = Fraction(1, inverse)
    length = amplification.word(slots, examples, chance)
    assert examples * amplification.mistaken(slots, length) <= chance
    assert length == 0 or examples * amplification.mistaken(slots, length - 1) > chance


def test_positive_examples_are_never_wrong() -> None:
    for seed in range(3):
        positive, negative, zeros = amplified(9, 3, 5, 200, seed)
        assert positive == 0
        assert 0 < negative < zeros


def test_a_planted_formula_is_satisfied() -> None:
    rng = np.random.default_rng(0)
    psi = (True, False, True, True, False)
    formula = planted_clauses(rng, psi, 3, 300)
    assert len(formula) == 300
    assert all(clauses.satisfied(c, psi) for c in formula)
    sample = amplify(formula, 5, 4, 50, rng)
    assert len(sample.words) == 50
    assert {len(w) for w in sample.words} == {4}


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="literals among"):
        clauses.encode((1, 4), 3)
    with pytest.raises(bp.BackproofError, match="literals among"):
        clauses.encode((0, 1), 3)
    with pytest.raises(bp.BackproofError, match="δ"):
        amplification.word(3, 10, Fraction(2))


def test_the_check_holds() -> None:
    evidence = bp.check("daniely")
    assert evidence.holds, str(evidence)
