"""What is printed is what is meant: read back number for number, and recognised by its name."""

from collections.abc import Callable, Iterator

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.evaluation.exact import environment
from backproof.theory.printing.text import text
from backproof.theory.trace.tracing import trace
from laws.models import DIGITS, SAMPLES, TWICE, Sample
from laws.reading import Reader, text_reads_back


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def every_equation_reads_back(sample: Sample, result: Derivation) -> int:
    """All equations of a derivation, on unequal sizes."""
    sizes = sample.assignments()[0]
    here = environment(result, sample.inputs(result.arguments, sizes, seed=13), sizes)
    for equation in result.equations:
        text_reads_back(equation, result, here)
    return len(result.equations)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_gradients_read_back(sample: Sample, tally: Callable[[str, int], None]) -> None:
    count = every_equation_reads_back(sample, derive(sample.model()))
    tally("printed equations read back", count)


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_second_derivatives_read_back(sample: Sample, tally: Callable[[str, int], None]) -> None:
    for along in (None, "direction"):
        result = derive(sample.model(), sample.twice, order=2, along=along)
        tally("printed equations read back", every_equation_reads_back(sample, result))


def test_the_reader_reads() -> None:
    result = derive(trace("x @ x", x="n"))
    here = environment(result, {"x": [mpmath.mpf(2), mpmath.mpf(3), mpmath.mpf(5)]})
    cases = {
        "2 Σ_i x[i]**2 - 1": 75,
        "-Σ_i x[i] / n + x[n-1]": sp.Rational(5, 3),
        "(x[0] + x[1]) x[2] / (2 n)": sp.Rational(25, 6),
        "{x[0] if x[1] <= 2; x[2] otherwise} - 1[x[0] > 2]": 5,
        "|x[0] - x[2]| max(x[0], x[1]) δ[0,0]": 9,
        "exp(max_i x[i] - 5) + argmin_i x[i]": 1,
    }
    for printed, expected in cases.items():
        assert abs(Reader(printed, here, {"i": 3}).value({}) - expected) < 1e-20, printed


def printed(source: str, wrt: str | None = None, **shapes: str) -> str:
    """The equations of a derivation as text."""
    return text(derive(trace(source, **shapes), wrt))


def test_a_slope_is_written_through_the_output() -> None:
    for source, slope in (
        ("np.sum(np.tanh(W @ x) @ A)", "1 - t2[i]**2"),
        ("h = np.tanh(W @ x)\nreturn np.sum(h @ A)", "1 - h[i]**2"),
        ("h = special.expit(W @ x)\nreturn np.sum(h @ A)", "h[i] (1 - h[i])"),
        ("h = 1/(1 + np.exp(-(W @ x)))\nreturn np.sum(h @ A)", "h[i] (1 - h[i])"),
        ("h = np.exp(W @ x)\nreturn np.sum(h @ A)", "h[i] dh[i]"),
    ):
        found = printed(source, "x", W="m n", x="n", A="m k")
        either = (slope, " ".join(reversed(slope.split(" ", 1))))
        assert any(spelling in found for spelling in either), found
        assert "cosh" not in found


def test_recognition_by_name() -> None:
    found = printed("np.sum(np.exp(z)/np.sum(np.exp(z))*y)", z="k", y="k")
    assert "logsumexp_i z[i]" in found
    assert "softmax_i z[i]" in found
    assert "softplus" in printed("np.sum(np.log(1 + np.exp(z)))", z="k")
    gradient = printed("np.sum(np.log(1 + np.exp(z)))", z="k").splitlines()[-1]
    assert gradient == "dz[i] = σ(z[i])"
    assert "σ(-z[i])" in printed("np.sum(1 - 1/(1 + np.exp(-z)))", z="k").splitlines()[0]


def test_precedence() -> None:
    x, y = sp.symbols("x y", real=True)
    for expression, expected in (
        ((x + y) * x, "x (x + y)"),
        (-(x + y), "-x - y"),
        (x / (y * (x + 1)), "x/(y (1 + x))"),
        ((-x) ** 3, "-x**3"),
        ((1 + x) ** -2, "1/(1 + x)**2"),
        (sp.exp(-(x**2) / 2), "exp(-x**2/2)"),
        (x**y**2, "x**(y**2)"),
        ((x**y) ** 2, None),
    ):
        found = text(expression)
        assert expected in (None, found), found
        here = environment(derive(trace("x*y", x="", y="")), {"x": 0.75, "y": 0.5})
        value = Reader(found, here, {}).value({})
        assert abs(value - sp.N(expression.subs({x: 0.75, y: 0.5}), 20)) < 1e-12, found


def test_dummies_are_fresh() -> None:
    """The name of an index avoids tensors, sizes, and indices in use around it."""
    found = printed("np.sum(i*(A @ i))*np.sum(j)", A="i1 i1", i="i1", j="i1")
    assert "Σ_i " not in found
    assert "Σ_j " not in found
    nested = trace("np.sum((A @ A @ A)**2)", A="i i")
    assert "Σ_i" not in str(derive(nested))
