"""Every rule of the calculus is proved by three oracles, and its mutants are refuted.

The tables of `laws.rules` name the rules; a rule without a row fails here, so that the next one
brings its proof.
"""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module, util
from pathlib import Path
from typing import Any, get_args

import mpmath
import pytest
import sympy as sp
from oracles import prime_field

from backproof.theory import rewriting, signatures
from backproof.theory.calculus.derivation import derive
from backproof.theory.calculus.pullbacks import REASONS, derivative_of
from backproof.theory.calculus.symmetry import CONVENTIONS
from backproof.theory.energy.scalars import FUNCTIONS as OF_ENERGIES
from backproof.theory.equations import REDUCTIONS as KINDS
from backproof.theory.equations import Contraction, MatrixValue, Reduction
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arithmetic import Exact, Precise
from backproof.theory.evaluation.exact import Environment, evaluate_rhs
from backproof.theory.linear_algebra import MATRIX_FUNCTIONS
from backproof.theory.model import Model
from backproof.theory.normal import RULES as OF_NORMAL
from backproof.theory.notation import Factor, Map, Subscript
from backproof.theory.rewriting.stability import RULES as OF_STABILITY
from backproof.theory.scalars import ELEMENTARY, FUNCTIONS, NONNEGATIVE, WITHOUT_DERIVATIVE
from laws.random_equations import M, N
from laws.rules import calculus, matrices, scalars
from laws.rules import rewriting as rewrites
from laws.rules.proofs import DIGITS, Oracle, by_jax, oracles_of
from laws.rules.row import Mutant, Row

CALCULUS = calculus.RULES
TABLES = {
    "rules": CALCULUS,
    "forms": calculus.FORMS,
    "reductions": calculus.REDUCTIONS,
    "matrices": matrices.ROWS,
    "scalars": scalars.ROWS,
}
ROWS = [row for table in TABLES.values() for row in table]
ELSEWHERE = {"batch of one", "copies are equal"}  # `laws.per_sample` compares them with SymPy
JAX = util.find_spec("jax") is not None


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


# The proofs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(3), ids=["exactly", "by differences", "at random"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_a_rule_is_proved(row: Row, place: int, tally: Callable[[str, int], None]) -> None:
    oracle: Oracle = oracles_of(row)[place]
    if oracle is by_jax and not JAX:
        pytest.skip(f"{row.rule} is compared with JAX, which is not installed")
    tally(f"derivatives of rules compared {oracle.__name__.replace('_', ' ')}", oracle(row))


MUTANTS = [(row, mutant) for row in ROWS for mutant in row.mutants]


@pytest.mark.parametrize(
    ("row", "mutant"), MUTANTS, ids=lambda x: x.name if isinstance(x, Mutant) else x.rule
)
def test_a_wrong_rule_is_refuted(
    row: Row, mutant: Mutant, tally: Callable[[str, int], None]
) -> None:
    """The differences alone find every mutant: they know nothing of SymPy's derivatives."""
    differences = oracles_of(row)[1]
    with mutant.planted(), pytest.raises((AssertionError, BackproofError)):
        differences(row)
    tally("mutants of rules refuted", 1)


@pytest.mark.parametrize("row", [r for r in ROWS if r.rational], ids=lambda row: row.rule)
def test_the_other_oracles_refute_too(row: Row) -> None:
    """One mutant each, so that no oracle passes whatever it is given."""
    for oracle in (oracles_of(row)[0], oracles_of(row)[2]):
        with row.mutants[0].planted(), pytest.raises((AssertionError, BackproofError)):
            oracle(row)


# What is there has a row ---------------------------------------------------------------------


def rules_in(table: Any) -> list[str]:
    return [row.rule for row in table]


def test_every_rule_of_the_chain_rule_has_a_row() -> None:
    assert set(rules_in(CALCULUS)) == {*REASONS, calculus.USES, calculus.KNOWN}


def test_every_function_of_a_matrix_has_a_row() -> None:
    assert set(rules_in(matrices.ROWS)) == {derivative_of(f.name) for f in MATRIX_FUNCTIONS}


def test_every_kind_of_reduction_has_a_row() -> None:
    assert sorted(rules_in(calculus.REDUCTIONS)) == sorted(KINDS)


def test_every_scalar_function_has_a_row() -> None:
    own = (*FUNCTIONS, *NONNEGATIVE, *OF_ENERGIES)
    stated = {f.__name__ for f in own if "fdiff" in vars(f)}
    assert set(rules_in(scalars.ROWS)) == stated | {f.__name__ for f in ELEMENTARY.values()}


@pytest.mark.parametrize("function", WITHOUT_DERIVATIVE, ids=lambda f: f.__name__)
def test_a_function_without_a_derivative_refuses_one(function: Any) -> None:
    with pytest.raises(BackproofError, match="derivative"):
        function(sp.Symbol("x", real=True)).fdiff()


def test_every_form_has_a_row() -> None:
    named = {t.__name__ for t in (*get_args(Factor), *get_args(Subscript))}
    assert set(rules_in(calculus.FORMS)) - {"label"} == named


def test_every_rule_of_the_normal_form_has_a_row() -> None:
    assert [row.rule for row in rewrites.OF_TERMS] == list(OF_NORMAL)


def test_every_step_has_a_rule_of_the_tables() -> None:
    """The words by which steps are called, wherever the theory writes one down."""
    known = {
        *REASONS,
        calculus.USES,
        calculus.KNOWN,
        *ELSEWHERE,
        "stable form",
        *(f"{c} derivative" for c in CONVENTIONS),
    }
    root = Path(inspect.getfile(signatures)).parent
    written = set()
    rooms = ("calculus", "rewriting", "trace")
    for file in [file for room in rooms for file in root.glob(f"{room}/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Step":
                name = node.args[0]
                written |= {name.value} if isinstance(name, ast.Constant) else set()
    assert written <= known, written - known


def test_every_rewrite_of_models_is_in_the_confluence_law() -> None:
    from laws.confluence import OF_MODELS

    found = set()
    for info in pkgutil.iter_modules(rewriting.__path__, f"{rewriting.__name__}."):
        module = import_module(info.name)
        for _, function in inspect.getmembers(module, inspect.isfunction):
            hints = inspect.get_annotations(function, eval_str=True)
            own = function.__module__ == info.name and not function.__name__.startswith("_")
            if own and list(hints.values()) == [Model, Model]:
                found.add(function)
    assert found <= set(OF_MODELS)
    assert found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_a_row_exercises_its_rule(row: Row) -> None:
    """The rule is among the steps, or the function in the equations that are derived from."""
    if row in calculus.FORMS:
        return
    derivation = derive(row.model(), row.wrt)
    steps = {word for step in derivation.derivation_steps for word in step.rule.split(" and ")}
    if row in (*CALCULUS, *matrices.ROWS):
        met = row.rule in steps
        silent = row.rule == derivative_of("detsign")  # it sends nothing, and so leaves no step
        if row in matrices.ROWS:
            met |= silent and any(
                isinstance(e.rhs, MatrixValue) and e.rhs.function == "detsign"
                for e in derivation.equations
            )
        assert met, f"{row.rule} is not in {steps}"
    elif row in calculus.REDUCTIONS:
        kinds = {e.rhs.kind for e in row.model().equations if isinstance(e.rhs, Reduction)}
        assert row.rule in kinds
    else:
        maps = [f for e in row.model().equations for f in e.rhs.factors if isinstance(f, Map)]
        names = {type(x).__name__ for f in maps for x in sp.preorder_traversal(f.expression)}
        spelled = {"sqrt": "Pow", "digamma": "polygamma"}
        assert {row.rule, spelled.get(row.rule, row.rule)} & names, names


# Rewrites ------------------------------------------------------------------------------------


def environments() -> list[Environment]:
    """The tensors of the rows at numbers of three kinds."""
    sizes = {N: 3, M: 2}
    shapes = {"A": (3, 3), "B": (3, 3), "z": (6,), "u": (6,)}
    found = []
    for numbers in (Exact(), Precise(), prime_field.PrimeField()):
        values: dict[str, Any] = {"t": (1, 0, 1)}
        for offset, (name, shape) in enumerate(shapes.items()):

            def filled(extents: tuple[int, ...], at: int, numbers: Any = numbers) -> Any:
                if not extents:
                    return numbers.number(sp.Rational(at * at + 3, at + 2))
                return tuple(
                    filled(extents[1:], at * extents[0] + n + 1) for n in range(extents[0])
                )

            values[name] = filled(shape, offset + 1)
        found.append(Environment(values, sizes, numbers))
    return found


def terms_agree(before: Contraction, after: Contraction) -> None:
    """Equal at every assignment of the free indices, in three kinds of numbers."""
    assert after.coefficient == 0 or set(before.free) == set(after.free)
    for here in environments():
        for at in here.assignments(before.free):
            left, right = (evaluate_rhs(side, here, at) for side in (before, after))
            gap = left - right
            assert gap == 0 or abs(gap) < mpmath.mpf(10) ** -30, f"{left} ≠ {right} at {at}"


@pytest.mark.parametrize("row", rewrites.OF_TERMS, ids=lambda row: row.rule.__name__)
def test_a_rule_of_terms_is_an_identity(row: rewrites.TermRow) -> None:
    for term in row.terms:
        after = row.rule(term)
        assert after is not None, f"{row.rule.__name__} does not apply to {term}"
        terms_agree(term, after)


@pytest.mark.parametrize("row", rewrites.OF_TERMS, ids=lambda row: row.rule.__name__)
def test_a_wrong_rule_of_terms_is_refuted(row: rewrites.TermRow) -> None:
    for change in row.mutants:
        refuted = 0
        for term in row.terms:
            after = row.rule(term)
            assert after is not None
            try:
                terms_agree(term, change(after))
            except (AssertionError, KeyError, TypeError):
                refuted += 1
        assert refuted, f"{row.rule.__name__}: {change}"


def test_scalar_rewrites_are_proved_elsewhere() -> None:
    """Each stability rule has expressions in `test_stability`; a turned sign is found."""
    from laws.scalars import rewrite_is_identity

    x = sp.Symbol("x", real=True)
    for rule in OF_STABILITY:
        with pytest.raises(AssertionError):
            rewrite_is_identity(lambda e, rule=rule: _turned(rule(e)), [*_left_sides(x)])


def _turned(result: sp.Expr | None) -> sp.Expr | None:
    return None if result is None else -result


def _left_sides(x: sp.Symbol) -> list[sp.Expr]:
    """An expression for each stability rule."""
    from backproof.theory.scalars import log1p, sigmoid

    e, log = sp.exp, sp.log
    return [
        log(1 + e(x)), log(e(x) + e(2 * x)), log(1 + x**2), log1p(e(x)), log1p(-sigmoid(x)),
        log(sigmoid(x)), 1 / (1 + e(-x)), e(x) * sigmoid(-x), 1 - sigmoid(x),
        sp.Mul(e(x), e(x**2), evaluate=False), sp.Abs(x), sp.sign(x) * x,
        (e(x) - e(-x)) / (e(x) + e(-x)),
    ]  # fmt: skip
