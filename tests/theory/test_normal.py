"""The normal form of contractions: confluent, idempotent, and an identity."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from backproof.theory.declarations import size
from backproof.theory.equations import Contraction, Sum
from backproof.theory.evaluation.arithmetic import Exact
from backproof.theory.evaluation.exact import Environment, evaluate_rhs
from backproof.theory.normal import normal, normal_term, product
from backproof.theory.notation import Affine, Delta, Entry, Index, Map, Ones, Tensor, slot
from backproof.theory.signatures import signature
from laws.equations import (
    content,
    named,
    normal_form_is_an_identity,
    normal_form_is_confluent,
    normal_form_is_idempotent,
)

N = size("n")
MATRICES = [Tensor(name, (N, N), ("i", "j")) for name in "AB"]
VECTORS = [Tensor(name, (N,), ("i",)) for name in "xy"]
LABELS = Tensor("t", (N,), ("i",), "integer", N)
FREE = (named("a", "n"), named("b", "n"))
DUMMIES = tuple(named(letter, "n") for letter in "ijkl")
SCALARS = (1 / (1 + slot(0) ** 2), slot(0) ** 2 - 3 * slot(0) + 1)
HERE = Environment(
    {
        "A": ((2, 3, 5), (7, 11, 13), (17, 19, 23)),
        "B": ((1, -2, 3), (-4, 5, -6), (7, -8, 9)),
        "x": (29, 31, -37),
        "y": (41, -43, 47),
        "t": (2, 0, 0),
    },
    {N: 3},
    Exact(),
)


def backwards(index: Index) -> Affine:
    """n − 1 − i, the place of i from the end."""
    return Affine(index.size - 1, ((index, -sp.S.One),))


@st.composite
def contractions(draw: st.DrawFn, summed: int = 4) -> Contraction:
    """A contraction with free indices a and b: any product of entries, maps, deltas and ones."""
    over = DUMMIES[: draw(st.integers(0, summed))]
    index = st.sampled_from((*FREE, *over))
    subscript = st.one_of(index, index.map(lambda i: Entry(LABELS, (i,))), index.map(backwards))
    factors = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            factors.append(
                Entry(draw(st.sampled_from(MATRICES)), (draw(subscript), draw(subscript)))
            )
        elif kind == 1:
            factors.append(Entry(draw(st.sampled_from(VECTORS)), (draw(subscript),)))
        elif kind == 2:
            factors.append(Delta(draw(subscript), draw(subscript)))
        else:
            entry = Entry(draw(st.sampled_from(VECTORS)), (draw(index),))
            factors.append(Map(draw(st.sampled_from(SCALARS)), (entry,)))
    carried = Contraction(sp.S.One, tuple(factors)).free
    factors += [Ones(i) for i in FREE if i not in carried]
    return Contraction(sp.Integer(draw(st.integers(-2, 3))), tuple(factors), over)


SUMS = st.lists(contractions(), max_size=4).map(lambda terms: Sum(tuple(terms)))


@given(SUMS, st.integers(0, 2**16))
def test_confluent(total: Sum, seed: int) -> None:
    normal_form_is_confluent(total, seed)


@given(SUMS)
def test_idempotent(total: Sum) -> None:
    normal_form_is_idempotent(total)


@given(SUMS)
def test_identity(total: Sum) -> None:
    normal_form_is_an_identity(total, FREE, HERE)


@given(contractions(summed=2), contractions(summed=2))
def test_product_is_the_product(left: Contraction, right: Contraction) -> None:
    for at in HERE.assignments(FREE):
        parts = [evaluate_rhs(side, HERE, at) for side in (left, right, product(left, right))]
        assert parts[0] * parts[1] == parts[2]


@given(contractions(), contractions())
def test_terms_of_one_signature_are_equal(left: Contraction, right: Contraction) -> None:
    """Two contractions merge only where they have the same value, whatever the numbers are."""
    left, right = normal_term(left), normal_term(right)
    if signature(left) == signature(right):
        left, right = (Contraction(sp.S.One, c.factors, c.over) for c in (left, right))
        for at in HERE.assignments(FREE):
            assert evaluate_rhs(left, HERE, at) == evaluate_rhs(right, HERE, at)


def entry(name: str, *indices: Index) -> Entry:
    tensors = {t.name: t for t in (*MATRICES, *VECTORS)}
    return Entry(tensors[name], indices)


I, J, K, L = DUMMIES


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ((entry("A", I, J), entry("A", J, I)), (entry("A", J, I), entry("A", I, J)), True),
        ((entry("A", I, J), entry("A", J, I)), (entry("A", I, J), entry("A", I, J)), False),
        ((entry("A", I, I), entry("A", J, J)), (entry("A", I, J), entry("A", J, I)), False),
        (
            tuple(entry("A", *pair) for pair in ((I, J), (J, K), (K, L), (L, I))),
            tuple(entry("A", *pair) for pair in ((K, I), (I, L), (L, J), (J, K))),
            True,
        ),
        (
            tuple(entry("A", *pair) for pair in ((I, J), (J, K), (K, L), (L, I))),
            tuple(entry("A", *pair) for pair in ((I, J), (J, I), (K, L), (L, K))),
            False,
        ),
    ],
    ids=[
        "cycle of two",
        "tr A² and |A|²",
        "tr A tr A and tr A²",
        "cycle of four",
        "two cycles of two",
    ],
)
def test_signature_sees_the_pattern(
    left: tuple[Entry, ...], right: tuple[Entry, ...], equal: bool
) -> None:
    """Symmetric patterns, in which every index looks alike from nearby, are told apart."""
    terms = [
        Contraction(
            sp.S.One, factors, tuple(i for i in DUMMIES if any(i in f.subscripts for f in factors))
        )
        for factors in (left, right)
    ]
    assert (signature(terms[0]) == signature(terms[1])) is equal


def test_equal_terms_merge_and_opposite_ones_vanish() -> None:
    term = Contraction(sp.S.One, (entry("A", I, J), entry("A", J, I)), (I, J))
    turned = Contraction(sp.S.One, (entry("A", J, I), entry("A", I, J)), (I, J))
    (merged,) = normal(Sum((term, turned))).terms
    assert merged.coefficient == 2
    assert normal(Sum((term, Contraction(-sp.S.One, turned.factors, turned.over)))).terms == ()


def test_an_index_that_nothing_carries_multiplies_by_its_size() -> None:
    (term,) = normal(Sum((Contraction(sp.S.One, (entry("x", FREE[0]), Ones(I)), (I, J)),))).terms
    assert (term.coefficient, term.over) == (N**2, ())


def test_a_delta_between_free_indices_survives() -> None:
    a, b = FREE
    (term,) = normal(Sum((Contraction(sp.S.One, (Delta(a, I), Delta(I, b)), (I,)),))).terms
    assert term.factors == (Delta(a, b),)


def test_a_summed_delta_substitutes_the_whole_subscript() -> None:
    """Σ_i δ[i, 2a+1] W[b,i] = W[b, 2a+1]: windows need no rule of their own."""
    a, b = FREE
    wide, place = Tensor("W", (N, 2 * N), ("i", "j")), Index("p", 2 * N)
    target = Affine(sp.S.One, ((a, sp.Integer(2)),))
    total = Sum((Contraction(sp.S.One, (Delta(place, target), Entry(wide, (b, place))), (place,)),))
    (term,) = normal(total).terms
    assert term.factors == (Entry(wide, (b, target)),)


def test_deltas_between_different_places_vanish() -> None:
    """δ[0, 1] = 0, and so is δ[i, n + j] with i below n."""
    a, b = FREE
    for left, right in (
        (Affine(sp.S.Zero), Affine(sp.S.One)),
        (a, Affine(N, ((b, sp.S.One),))),
    ):
        assert normal(Sum((Contraction(sp.S.One, (Delta(left, right),)),))).terms == ()


def test_a_summed_delta_that_may_leave_the_range_stays() -> None:
    """Σ_i δ[i, s] f(i) is zero, and not f(s), where s is no position of i."""
    a, _ = FREE
    longer = Index("l", N + 1)
    for target in (longer, Affine(sp.S.One, ((a, sp.S.One),))):
        total = Sum((Contraction(sp.S.One, (Delta(I, target), entry("x", I)), (I,)),))
        (term,) = normal(total).terms
        assert set(term.factors) == {Delta(I, target), entry("x", I)}
        for at in HERE.assignments(term.free):
            found = evaluate_rhs(normal(total), HERE, at)
            place = at.get(longer, at.get(a, -2) + 1)
            assert found == (HERE.values["x"][place] if 0 <= place < 3 else 0)


def test_signatures_of_shuffled_terms_count_as_one() -> None:
    term = Contraction(sp.S.One, (entry("x", I), entry("A", I, J), entry("y", J)), (I, J))
    other = Contraction(sp.S.One, (entry("y", K), entry("A", L, K), entry("x", L)), (K, L))
    assert content(normal(Sum((term, other)))) == {signature(term): 2}


def test_a_reversal_is_undone() -> None:
    """Σ_k δ[n − 1 − k, a] x[k] = x[n − 1 − a], either way round, and twice is not at all."""
    a, k = FREE[0], DUMMIES[0]
    x = Entry(VECTORS[0], (k,))
    for delta in (Delta(backwards(k), a), Delta(a, backwards(k))):
        assert normal_term(Contraction(sp.S.One, (delta, x), (k,))) == Contraction(
            sp.S.One, (Entry(VECTORS[0], (backwards(a),)),)
        )
    twice = Contraction(sp.S.One, (Delta(backwards(k), backwards(a)), x), (k,))
    assert normal_term(twice) == Contraction(sp.S.One, (Entry(VECTORS[0], (a,)),))


def test_a_shift_is_no_reversal() -> None:
    """δ[n − 2 − k, a] misses a place, and stays."""
    a, k = FREE[0], DUMMIES[0]
    shifted = Affine(N - 2, ((k, -sp.S.One),))
    term = Contraction(sp.S.One, (Delta(shifted, a), Entry(VECTORS[0], (k,))), (k,))
    assert normal_term(term) == term
