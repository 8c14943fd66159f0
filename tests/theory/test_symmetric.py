"""Derivatives with respect to symmetric matrices, in their three conventions.

SymPy differentiates the output written out in a matrix of symbols whose mirrored entries are one
symbol: that is the constrained convention by its definition.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import pytest
import sympy as sp

from backproof.numerics.agreement import gradient_agreement
from backproof.theory.calculus.derivation import derive
from backproof.theory.calculus.symmetry import CONVENTIONS
from backproof.theory.declarations import Array, array
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.evaluation.export import scalar_expansion
from backproof.theory.model import Model
from backproof.theory.notation import Tensor
from backproof.theory.printing.matrix_form import matrix_form
from backproof.theory.trace.tracing import trace
from laws.derivatives import flat
from laws.refusals import refused
from laws.steps import derived_in_the_open, step_holds

S = array("n n", symmetric=True)


@dataclass(frozen=True)
class Case:
    """A statement in a symmetric S and perhaps others, that SymPy can write out."""

    source: str
    others: Mapping[str, str | Array]
    n: int = 3

    def model(self) -> Model:
        return trace(self.source, S=S, **self.others)


SCALAR = (
    Case("x @ S @ y + np.trace(S @ A)**2", {"x": "n", "y": "n", "A": "n n"}),
    Case("np.linalg.det(S)", {}),
    Case("x @ np.linalg.inv(S) @ x + np.log(np.linalg.det(S))", {"x": "n"}, n=2),
    Case("np.sum(np.tanh(S @ x))*S[0, 1]", {"x": "n"}),
    Case("np.sum(S**3*A) + np.sum(np.diag(S))**2", {"A": "n n"}),
)
ARRAY = (Case("np.tanh(S @ x)", {"x": "n"}), Case("S @ S", {}))


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(40):
        yield


class Shared:
    """A statement in scalar symbols, S[i,j] and S[j,i] the same one, at rational numbers."""

    def __init__(self, case: Case) -> None:
        self.model, self.n = case.model(), case.n
        output, self.symbols = scalar_expansion(self.model, {"n": self.n})
        mirror = {
            self.symbols["S"][j][i]: self.symbols["S"][i][j]
            for i, j in itertools.combinations(range(self.n), 2)
        }
        self.output = [sp.sympify(f).xreplace(mirror) for f in flat(output)]
        self.values = {n: rationals(t, self.n) for n, t in self.model.arguments.items()}
        self.numbers = {
            symbol: value
            for name, nested in self.symbols.items()
            for symbol, value in zip(flat(nested), flat(tuple_of(self.values[name])), strict=True)
        }

    def variables(self, name: str) -> list[sp.Symbol]:
        """The symbols of an input in row-major order; mirrored entries of S are one."""
        if name != "S":
            return list(flat(self.symbols[name]))
        own = self.symbols["S"]
        return [own[min(i, j)][max(i, j)] for i in range(self.n) for j in range(self.n)]

    def derivative(self, *names: str) -> list[Any]:
        """Output entries first, then those of each name, in row-major order."""
        blocks = itertools.product(self.output, *(self.variables(n) for n in names))
        expressions = [sp.diff(f, *wrt) for f, *wrt in blocks]
        function = sp.lambdify(list(self.numbers), expressions, modules="mpmath", cse=True)
        return [mpmath.mpf(x) for x in function(*map(number, self.numbers.values()))]


def rationals(tensor: Tensor, n: int) -> Any:
    """Small distinct rationals; those of S are mirrored, and it is positive definite."""
    start, symmetric = ord(tensor.name[0]), tensor.name == "S"

    def entry(i: int, j: int) -> sp.Rational:
        i, j = sorted((i, j)) if symmetric else (i, j)
        return sp.Rational(7 * i + 3 * j + start, 100 + 20 * i * j) + int(i == j)

    rows = [[entry(i, j) for j in range(n)] for i in range(n)]
    return rows if len(tensor.shape) == 2 else rows[0]


def tuple_of(nested: Any) -> Any:
    return tuple(map(tuple_of, nested)) if isinstance(nested, list) else nested


def number(value: Any) -> mpmath.mpf:
    return mpmath.mpf(sp.N(value, 40)._to_mpmath(mpmath.mp.prec))


def found(shared: Shared, key: str, **options: Any) -> list[Any]:
    """The entries of a result of a derivation at the numbers of a statement."""
    result = derive(shared.model, **options)
    more = dict.fromkeys(result.inputs, direction(shared.n))
    values = evaluate(result, {**shared.values, **more}, {"n": shared.n})
    return [number(v) for v in flat(values[result.results[key].name])]


def close(left: list[Any], right: list[Any]) -> bool:
    assert len(left) == len(right)
    return all(
        abs(a - b) <= mpmath.mpf(10) ** -30 * (1 + abs(b)) for a, b in zip(left, right, strict=True)
    )


def direction(n: int) -> list[list[sp.Rational]]:
    """A symmetric matrix to move along."""
    return [[sp.Rational(i + j + 1, 2 + i * j) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("case", [*SCALAR, *ARRAY], ids=lambda c: c.source)
def test_the_constrained_derivative_is_that_of_shared_symbols(case: Case) -> None:
    shared = Shared(case)
    expected = shared.derivative("S")
    assert close(found(shared, "S", wrt="S", symmetric="constrained"), expected)
    assert not close(found(shared, "S", wrt="S"), expected)
    assert not close(found(shared, "S", wrt="S", symmetric="projected"), expected)


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.source)
def test_the_constrained_hessian_is_that_of_shared_symbols(case: Case) -> None:
    shared = Shared(case)
    assert close(
        found(shared, "S", wrt="S", order=2, symmetric="constrained"), shared.derivative("S", "S")
    )


@pytest.mark.parametrize("case", [c for c in SCALAR if "x" in c.others], ids=lambda c: c.source)
def test_mixed_blocks(case: Case) -> None:
    shared = Shared(case)
    chosen = {"S": "constrained"}
    for wrt in (("S", "x"), ("x", "S")):
        block = found(shared, ",".join(wrt), wrt=wrt, order=2, symmetric=chosen)
        assert close(block, shared.derivative(*wrt))


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.source)
def test_the_product_is_the_change_of_the_gradient_along_a_symmetric_direction(case: Case) -> None:
    """Σ over the n(n+1)/2 variables of the Hessian of shared symbols times the direction."""
    shared = Shared(case)
    hessian, n = shared.derivative("S", "S"), shared.n
    count, moved = n * n, direction(n)
    once = [(k, l) for k in range(n) for l in range(k + 1)]
    expected = [
        mpmath.fsum(hessian[row * count + k * n + l] * number(moved[k][l]) for k, l in once)
        for row in range(count)
    ]
    assert close(found(shared, "S", wrt="S", order=2, along="V", symmetric="constrained"), expected)


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.source)
def test_the_projected_gradient_is_the_symmetric_part(case: Case) -> None:
    shared = Shared(case)
    full = found(shared, "S", wrt="S")
    n = shared.n
    half = [(full[i * n + j] + full[j * n + i]) / 2 for i in range(n) for j in range(n)]
    assert close(found(shared, "S", wrt="S", symmetric="projected"), half)


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.source)
def test_the_projected_hessian_is_projected_on_both_sides(case: Case) -> None:
    """Mirroring either pair of indices changes nothing, and symmetric directions see no change."""
    shared = Shared(case)
    rows, full = (found(shared, "S", wrt="S", order=2, symmetric=s) for s in ("projected", None))
    n, count = shared.n, shared.n**2
    mirror = [j * n + i for i in range(n) for j in range(n)]
    for a, b in itertools.product(range(count), repeat=2):
        pairs = itertools.product((a, mirror[a]), (b, mirror[b]))
        average = mpmath.fsum(full[p * count + q] for p, q in pairs) / 4
        assert abs(rows[a * count + b] - average) <= mpmath.mpf(10) ** -30 * (1 + abs(average))


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("order", [1, 2])
def test_every_step_holds(convention: str, order: int) -> None:
    case = SCALAR[2]
    shared = Shared(case)
    opened = derived_in_the_open(case.model, "S", order, symmetric=convention)
    inputs = {
        n: [[number(x) for x in r] if isinstance(r, list) else number(r) for r in v]
        for n, v in shared.values.items()
    }
    here = opened.environments(inputs, {"n": case.n})
    rules = [step.rule for step in opened.result.derivation_steps]
    assert rules.count(f"{convention} derivative") == (
        0 if convention == "unconstrained" else order
    )
    for step in opened.result.derivation_steps:
        step_holds(step, here.derived)


SPECTRAL = (
    "np.sum(np.linalg.eigvalsh(S)**3)",
    "np.sum(np.linalg.cholesky(S)*A)",
    "np.sum(np.linalg.inv(S)*A)",
    "np.sum(scipy.linalg.expm(S/9)*A)",
)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("source", SPECTRAL)
def test_a_symmetric_step_changes_the_value_by_what_the_convention_says(
    source: str, convention: str
) -> None:
    """df = Σ G dS, over each pair once in the constrained convention, by central differences."""
    others = {"A": "n n"} if "A" in source else {}
    positive = array("n n", positive_definite=True)
    model = trace(source, S=positive, **others)
    agreement = gradient_agreement(derive(model, "S", symmetric=convention))
    assert agreement is not None
    assert agreement.holds, agreement


def test_how_it_looks() -> None:
    model = trace("x @ S @ y", S=S, x="n", y="n")
    g = derive(model, "S", symmetric="constrained")
    assert str(g["S"]) == "dS_sym[i,j] = dS[i,j] + dS[j,i] - δ[i,j] dS[i,j]"
    assert matrix_form(g["S"], g) == "dS_sym = dS + dS.T - np.eye(n) * dS"
    assert g.symmetric == {"S": "constrained"}
    assert derive(model, "S", symmetric="unconstrained").symmetric == {}
    assert derive(model, "S").results["S"].name == "dS"


REFUSED: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({"wrt": "x", "symmetric": "constrained"}, ("x", "not declared symmetric", "symmetric=True")),
    ({"wrt": ("S", "A"), "symmetric": "projected"}, ("A", "not declared symmetric")),
    ({"wrt": "S", "symmetric": "both"}, ("'both'", "constrained", "projected")),
    ({"wrt": "S", "symmetric": {"A": "constrained"}}, ("convention for A", "one of S")),
)


@pytest.mark.parametrize(("options", "words"), REFUSED)
def test_refusals(options: dict[str, Any], words: tuple[str, ...]) -> None:
    model = trace("x @ S @ A @ x", S=S, A="n n", x="n")
    refused(lambda: derive(model, **options), *words)


@pytest.mark.parametrize("shape", ["m n", "n"])
def test_only_square_matrices_are_symmetric(shape: str) -> None:
    refused(lambda: array(shape, symmetric=True), "a symmetric array", "n n")
