"""Rewriting has one result: terms, scalars and models, in random orders, from random starts."""

import math
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles.grammar import programs
from oracles.programs import SIZES, Program

from backproof.numerics.kernel import compile
from backproof.theory import normal as normal_form
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.evaluation.exact import evaluate_rhs
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.normal import RULES, normal, normal_term
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Ones,
    Tensor,
    affine,
    indices_in,
)
from backproof.theory.rewriting import stability
from backproof.theory.rewriting.softmax import share_normalisers
from backproof.theory.rewriting.stability import stable
from backproof.theory.rewriting.tidy import tidy
from backproof.theory.scalars import absolute, expm1, log1p, relu, sgn, sigmoid, softplus
from backproof.theory.trace.tracing import trace
from laws import confluence
from laws.confluence import (
    OF_MODELS,
    content,
    innermost_at_random,
    nothing_rewritten,
    rewritten,
    rewritten_at_random,
)
from laws.equations import content as merged
from laws.models import SAMPLES, Sample
from laws.random_equations import LABELS, M, N, numbers, woven
from laws.scalars import DIGITS, X, Y, is_identity

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FEW = settings(max_examples=15, suppress_health_check=CHECKS, deadline=None)
MANY = settings(max_examples=600, suppress_health_check=CHECKS, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def _digits() -> Iterator[None]:
    """mpmath's working precision for all tests of this file."""
    with mpmath.workdps(DIGITS):
        yield


# Terms: deltas, ones, lone indices ----------------------------------------------------------


def terms_end_in_one_form(equation: Equation, seed: int) -> int:
    """Any order of rules gives the normal form, up to names; how many terms."""
    assert isinstance(equation.rhs, Sum)
    raw = equation.rhs
    for attempt in range(3):
        source = random.Random(1000 * seed + attempt)
        some = Sum(tuple(rewritten_at_random(t, source) for t in raw.terms))
        assert merged(normal(some)) == merged(normal(raw)), f"{equation}"
        assert all(normal_term(t) == t for t in some.terms)
    return len(raw.terms)


def delta_heavy(seed: int, ends: bool = True) -> Equation:
    """A sum of products full of deltas, each between two positions of one axis.

    The axes are N, M, N·M (places digit by digit) and 2N (windows); labels t[n] lie on M.  With
    ``ends`` some positions are the first or the last of an axis.
    """
    source = random.Random(seed)
    axes = {size: [Index(f"{letter}{k}", size) for k in range(3)] for letter, size in AXES.items()}
    free = (axes[N][0], axes[N][1], axes[M][0])

    def at(size: sp.Expr) -> Index:
        return source.choice(axes[size])

    def side(size: sp.Expr) -> Any:
        if size == M and source.random() < 0.3:
            return Entry(LABELS, (at(N),))
        if size == N * M and source.random() < 0.6:
            return affine(sp.S.Zero, [(at(N), M), (at(M), sp.S.One)])
        if size == 2 * N and source.random() < 0.6:
            return affine(sp.Integer(source.randint(0, 1)), [(at(N), sp.Integer(2))])
        if ends and source.random() < 0.1:
            return source.choice((Affine(sp.S.Zero), Affine(size - 1)))
        return at(size)

    terms = []
    for _ in range(2):
        sizes = source.choices(list(AXES.values()), k=source.randint(1, 5))
        factors: list[Any] = [Delta(side(size), side(size)) for size in sizes]
        sizes = source.choices(list(AXES.values()), k=source.randint(0, 2))
        factors += [Entry(Tensor(f"x{size}", (size,)), (side(size),)) for size in sizes]
        sizes = source.choices(list(AXES.values()), k=source.randint(0, 2))
        factors += [Ones(at(size)) for size in sizes]
        carried = {i for f in factors for i in indices_in(f)}
        factors += [Ones(i) for i in free if i not in carried]
        every = [i for size in AXES.values() for i in axes[size] if i not in free]
        over = tuple(i for i in every if i in carried or source.random() < 0.1)
        coefficient = sp.Rational(source.randint(1, 5), source.randint(1, 3))
        terms.append(Contraction(coefficient, tuple(factors), over))
    shape = tuple(i.size for i in free)
    return Equation(Tensor("f", shape), free, Sum(tuple(terms)))


AXES = {"n": N, "m": M, "p": N * M, "w": 2 * N}


@pytest.mark.parametrize("make", [woven, delta_heavy], ids=lambda f: f.__name__)
def test_terms(make: Callable[[int], Equation], tally: Callable[[str, int], None]) -> None:
    tally(
        "terms rewritten in random orders",
        sum(terms_end_in_one_form(make(s), s) for s in range(150)),
    )


@pytest.mark.sweep
def test_terms_sweep(tally: Callable[[str, int], None]) -> None:
    """Without the ends of axes: several of them in one term may keep it from its one form."""
    without = (delta_heavy(seed, ends=False) for seed in range(3000))
    counts = (terms_end_in_one_form(equation, seed) for seed, equation in enumerate(without))
    tally("terms rewritten in random orders", sum(counts))


def test_the_value_of_a_term_is_kept(tally: Callable[[str, int], None]) -> None:
    compared = 0
    for seed in range(80):
        equation = delta_heavy(seed)
        here = numbers(equation, seed)
        assert isinstance(equation.rhs, Sum)
        for term in equation.rhs.terms:
            loops = [*term.over, *equation.indices]
            if math.prod(here.extent(i.size) for i in loops) > 600:
                continue
            after = rewritten_at_random(term, random.Random(seed))
            for at in here.assignments(equation.indices):
                before = evaluate_rhs(term, here, at)
                assert abs(before - evaluate_rhs(after, here, at)) <= mpmath.mpf(10) ** -20
            compared += 1
    assert compared > 25
    tally("rewritten terms evaluated", compared)


def lossy(term: Contraction) -> Contraction | None:
    """A lone index forgotten instead of counted: the size is lost."""
    new = normal_form.lone_index(term)
    return None if new is None else Contraction(term.coefficient, new.factors, new.over)


@pytest.mark.parametrize(("rule", "mutant"), [("lone_index", lossy), ("digits", lambda term: term)])
def test_a_wrong_rule_is_found(
    rule: str, mutant: Callable[[Contraction], Contraction | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that changes the value, or that does not come to an end."""
    changed = tuple(mutant if r.__name__ == rule else r for r in RULES)
    monkeypatch.setattr(confluence, "OF_TERMS", changed)
    with pytest.raises(AssertionError):
        list(map(terms_end_in_one_form, map(delta_heavy, range(150)), range(150)))


# Scalars: stability -------------------------------------------------------------------------


def formula(source: random.Random, depth: int) -> sp.Expr:
    """A formula as people write them, with every left side of the stability rules."""
    if depth == 0 or source.random() < 0.15:
        return source.choice([X, Y, -X, 2 * Y, X - Y, sp.Integer(1), sp.Integer(2)])

    def inner() -> sp.Expr:
        return formula(source, depth - 1)

    a, b = inner(), inner()
    e, log = sp.exp, sp.log
    made = source.choice(
        [
            a + b, a - b, a * b, a * b, 1 / (1 + e(a)), log(1 + e(a)), e(a), log(a), log(1 + a),
            log(e(a) + e(b)), e(a) / (e(a) + e(b)), (e(a) - e(-a)) / (e(a) + e(-a)),
            e(a) * sigmoid(b), e(a + b) * sigmoid(-a), 1 - sigmoid(a), sigmoid(a) - 1, e(a) - 1,
            a**2, 1 / a if a != 0 else a, log1p(e(a)), log1p(-sigmoid(a)),
            *(f(a) for f in (sigmoid, softplus, expm1, log1p, relu, absolute, sgn, sp.tanh)),
        ]
    )  # fmt: skip
    return made if not made.has(sp.nan, sp.zoo, sp.oo, sp.I) else X


@cache
def stabilised(expression: sp.Expr) -> tuple[sp.Basic, tuple[str, ...]]:
    """What `stable` makes of a formula, once for all tests."""
    return stable(expression)


def scalars_end_in_one_form(seeds: range) -> int:
    """Innermost rewriting by any rule gives what `stable` gives; how many formulas changed."""
    changed = 0
    for seed in seeds:
        source = random.Random(seed)
        expression = formula(source, 4)
        expected, names = stabilised(expression)
        changed += bool(names)
        for _ in range(2):
            assert innermost_at_random(expression, source) == expected, expression
    return changed


def test_scalars(tally: Callable[[str, int], None]) -> None:
    tally("formulas rewritten in random orders", scalars_end_in_one_form(range(300)))


@pytest.mark.sweep
def test_scalars_sweep(tally: Callable[[str, int], None]) -> None:
    tally("formulas rewritten in random orders", scalars_end_in_one_form(range(300, 20000)))


def test_every_scalar_rule_is_met() -> None:
    met: set[str] = set()
    for seed in range(300):
        met |= set(stabilised(formula(random.Random(seed), 4))[1])
    unmet = {stability.identity(r) for r in stability.RULES} - met
    assert unmet == {stability.identity(stability.convention)}  # of SymPy's own |x| and sign


def test_a_rule_that_stops_short_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without log1p(eˣ) = softplus(x), log(1 + eˣ) has two forms."""
    kept = tuple(r for r in stability.RULES if r is not stability.log1p_of_exponential)
    monkeypatch.setattr(confluence, "OF_SCALARS", kept)
    with pytest.raises(AssertionError):
        scalars_end_in_one_form(range(300))


def test_a_rule_that_turns_round_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With softplus(x) = log(1 + eˣ) added rewriting would not end."""

    def back(expression: sp.Expr) -> sp.Expr | None:
        written = sp.log(1 + sp.exp(expression.args[0])) if expression.args else None
        return written if isinstance(expression, softplus) else None

    monkeypatch.setattr(confluence, "OF_SCALARS", (*stability.RULES, back))
    with pytest.raises(AssertionError):
        scalars_end_in_one_form(range(300))


@given(st.integers(0, 2**20))
def test_the_value_of_a_formula_is_kept(seed: int) -> None:
    source = random.Random(seed)
    expression = formula(source, 3)
    is_identity(expression, innermost_at_random(expression, source), seed)


# Models: shared normalisers, order, normal forms ---------------------------------------------


def models_end_in_one_form(model: Model, attempts: int = 4) -> Model:
    """Any order of the rewrites gives what the tracer gives; each alone then changes nothing."""
    expected = tidy(share_normalisers(model))
    for seed in range(attempts):
        found = rewritten(model, random.Random(seed))
        assert content(found) == content(expected), f"{model}\n\n{found}\n\n{expected}"
    for rewrite in OF_MODELS:
        assert content(rewrite(expected)) == content(expected), f"{rewrite.__name__}:\n{expected}"
    return expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_models(sample: Sample) -> None:
    with nothing_rewritten():
        model = sample.model()
    expected = models_end_in_one_form(model)
    assert content(expected) == content(sample.model())


@pytest.mark.parametrize("likelihood", ["gaussian", "categorical", "bernoulli"])
def test_networks(likelihood: str) -> None:
    sizes = [3, 2, 1 if likelihood == "bernoulli" else 4]
    with nothing_rewritten():
        model = mlp(sizes, likelihood=likelihood)
    models_end_in_one_form(model)


def check_program(program: Program) -> None:
    """One form, and the value of the program as it was stated."""
    with nothing_rewritten():
        model = trace(program.source, **program.declared())
    found = rewritten(model, random.Random(program.seed))
    models_end_in_one_form(model, attempts=2)
    inputs = program.numbers(SIZES[0])
    before, after = (compile(m)(**{n: inputs[n] for n in m.arguments}) for m in (model, found))
    scale = 1 + abs(before).max() if before.ndim else 1 + abs(before)
    assert abs(before - after).max() <= 1e-11 * scale


@FEW
@given(program=programs(most=8))
def test_random_programs(program: Program) -> None:
    check_program(program)


@pytest.mark.sweep
@MANY
@given(program=programs(most=12))
def test_random_programs_sweep(program: Program) -> None:
    check_program(program)


STATED_TWO_WAYS = (
    (
        "special.softmax(z) @ w",
        "e = np.exp(z)\ns = np.sum(e)\np = e/s\nreturn p @ w",
    ),
    (
        "special.logsumexp(z)",
        "np.log(np.sum(np.exp(z)))",
    ),
    (
        "special.logsumexp(z)",
        "m = np.max(z)\nreturn m + np.log(np.sum(np.exp(z - m)))",
    ),
    (
        "np.sum(np.logaddexp(0, z))",
        "np.sum(np.log(1 + np.exp(z)))",
    ),
)


@pytest.mark.parametrize("sources", STATED_TWO_WAYS, ids=lambda s: s[0])
def test_two_ways_to_state_a_quantity_have_one_form(sources: tuple[str, str]) -> None:
    shapes = {"z": "n", "w": "n"}
    forms = {
        content(trace(source, **{n: s for n, s in shapes.items() if n in source}))[0]
        for source in sources
    }
    assert len(forms) == 1, [str(trace(s, z="n", w="n")) for s in sources]
