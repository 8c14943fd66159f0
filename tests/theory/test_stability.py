"""Rewritings to stable forms are identities, rule by rule and all together, at 50 digits."""

from collections.abc import Callable, Iterator

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from backproof.theory.rewriting.stability import RULES, stable
from backproof.theory.scalars import Elementwise, expm1, log1p, sigmoid, softplus
from laws.scalars import DIGITS, X, Y, is_identity, rewrite_is_identity

E, LOG = sp.exp, sp.log
EXPRESSIONS = (
    LOG(1 + E(X)),
    LOG(1 + E(-X + 2 * Y)),
    LOG(E(X) + E(Y)),
    LOG(E(-X) + E(3 * X)),
    LOG(1 + X**2),
    3 * LOG(1 + E(X) + E(Y)),
    log1p(E(X)),
    log1p(E(-X * Y)) + X,
    log1p(-sigmoid(X)),
    Y * log1p(-sigmoid(2 * X)),
    LOG(1 / (1 + E(-X))),
    LOG(E(X) / (1 + E(X))),
    LOG(1 - 1 / (1 + E(-X))),
    LOG(sigmoid(X) ** 3),
    LOG(sigmoid(X) * E(Y) * (1 + Y**2)),
    LOG((E(X) + E(Y)) ** 2),
    LOG(1 / (E(X) + E(Y))),
    1 / (1 + E(-X)),
    1 / (1 + E(X * Y)),
    E(X) / (1 + E(X)),
    E(-X) / (1 + E(-X)),
    E(2 * X) / (1 + E(2 * X)) * Y,
    E(X) * sigmoid(-X),
    E(X) * sigmoid(-X) * sigmoid(Y),
    E(X) * E(Y, evaluate=False) * Y,
    sp.Mul(E(X), E(Y), E(-X + 1), X, evaluate=False),
    1 - sigmoid(X),
    1 - 1 / (1 + E(-X)),
    2 * (1 - sigmoid(X - Y)),
    E(X) - 1,
    Y * (E(X**2) - 1),
    (E(X) - E(-X)) / (E(X) + E(-X)),
    (E(-X) - E(X)) / (E(X) + E(-X)),
    (E(2 * X) - E(-2 * X)) / (E(2 * X) + E(-2 * X)),
    (E(-3 * X) - E(3 * X)) / (E(-3 * X) + E(3 * X)),
    sp.Abs(X - Y),
    sp.sign(X) * Y,
    X * LOG(1 / (1 + E(-Y))) + (1 - X) * LOG(1 - 1 / (1 + E(-Y))),
    sp.sqrt(1 + E(X)) + LOG(Y**2 + 1) ** 2,
    LOG(softplus(X)) + LOG(2 + Y),
)


@pytest.fixture(autouse=True, scope="module")
def _digits() -> Iterator[None]:
    """mpmath's working precision for all tests of this file."""
    with mpmath.workdps(DIGITS):
        yield


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_is_an_identity(
    rule: Callable[[sp.Expr], sp.Expr | None], tally: Callable[[str, int], None]
) -> None:
    partly = [part for e in EXPRESSIONS for part in (e, once_stable(e))]
    changed = rewrite_is_identity(rule, partly)
    assert changed >= 2
    tally("rewritings evaluated", changed)


def once_stable(expression: sp.Expr) -> sp.Expr:
    """The expression with the arguments of its outermost function rewritten: what rules meet."""
    return expression.func(*(stable(a)[0] for a in expression.args))


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_stable_is_an_identity(expression: sp.Expr) -> None:
    after, names = stable(expression)
    assert is_identity(expression, after)
    assert bool(names) == (after != expression)
    assert stable(after) == (after, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LOG(1 + E(X)), softplus(X)),
        (LOG(E(X) + E(Y)), None),
        (1 / (1 + E(-X)), sigmoid(X)),
        (E(X) / (1 + E(X)), sigmoid(X)),
        (1 - 1 / (1 + E(-X)), sigmoid(-X)),
        (LOG(1 / (1 + E(-X))), -softplus(-X)),
        (LOG(1 - 1 / (1 + E(-X))), -softplus(X)),
        (LOG(E(X) / (1 + E(X))), -softplus(-X)),
        (E(X) - 1, expm1(X)),
        (LOG(1 + X), log1p(X)),
        ((E(X) - E(-X)) / (E(X) + E(-X)), sp.tanh(X)),
    ],
    ids=str,
)
def test_what_overflows_is_gone(before: sp.Expr, after: sp.Expr | None) -> None:
    """The two tails ±1000 are out of reach of exp in floating point: no bare exp is left."""
    found = stable(before)[0]
    assert after is None or found == after
    assert not found.has(sp.exp)


@st.composite
def formulas(draw: st.DrawFn, depth: int = 4) -> sp.Expr:
    """Formulas as people write them, from sums, products, powers, exp, log and the library."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([X, Y, -X, 2 * Y, X - Y, sp.Integer(1), sp.Integer(2)]))
    inner = formulas(depth=depth - 1)
    kind = draw(st.integers(0, 9))
    if kind <= 1:
        return draw(inner) + draw(inner)
    if kind == 2:
        return draw(inner) - draw(inner)
    if kind <= 4:
        return draw(inner) * draw(inner)
    if kind == 5:
        return 1 / (1 + E(draw(inner)))
    if kind == 6:
        return LOG(1 + E(draw(inner)))
    if kind == 7:
        return E(draw(inner))
    if kind == 8:
        return LOG(draw(inner))
    function = draw(st.sampled_from([sigmoid, softplus, expm1, log1p]))
    assert issubclass(function, Elementwise)
    return function(draw(inner))


@settings(max_examples=300)
@given(formulas(), st.integers(0, 2**16))
def test_stable_is_an_identity_on_any_formula(formula: sp.Expr, seed: int) -> None:
    after, _ = stable(formula)
    if not after.has(sp.nan, sp.zoo, sp.oo):
        is_identity(formula, after, seed)
