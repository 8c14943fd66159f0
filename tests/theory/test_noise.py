"""Noise as a penalty: the trace of the Hessian, its parts, and the expectation that they make."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.degree import degrees
from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.evaluation.export import scalar_expansion
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.noise import Expansion, expand
from backproof.theory.trace.tracing import trace
from laws.derivatives import Expansion as Written
from laws.derivatives import flat
from laws.models import DIGITS, TWICE, Sample
from laws.sample import CLOSE, numbers_for


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mpmath.workdps(DIGITS):
        yield


def close(found: Any, expected: Any, what: str) -> None:
    """Equal to twenty digits."""
    assert abs(found - expected) <= CLOSE * (1 + abs(expected)), f"{found}, not {expected}: {what}"


# The trace of the Hessian ------------------------------------------------------------------


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_the_trace_is_that_of_sympy(sample: Sample, tally: Callable[[str, int], None]) -> None:
    """Δf = Σ_a ∂²f/∂x[a]², with f written out in scalars and differentiated by SymPy."""
    for seed, sizes in enumerate(sample.assignments(), start=30):
        written = Written(sample, sizes, seed)
        symbols = list(flat(written.symbols[sample.twice]))
        outputs = list(flat(written.output))
        (f,) = outputs
        expected = mpmath.fsum(written.values([sp.diff(f, s, s) for s in symbols]))
        expansion = expand(written.model, sample.twice, "sd_")
        inputs = {k: v for k, v in written.inputs.items() if k in expansion.model.arguments}
        values = evaluate(expansion.model, {**inputs, "sd_": mpmath.mpf("0.5")}, sizes)
        close(values[expansion.trace], expected, sample.name)
        value = written.values([f])[0]
        close(values[expansion.model.output.name], value + expected / 8, sample.name)
        tally("Laplacians compared with SymPy", len(symbols))


NETWORKS = [
    (likelihood, widths, noisy)
    for likelihood in ("gaussian", "categorical", "poisson", "heteroscedastic")
    for widths, noisy in ((("d", "c"), "x"), (("d", "h", "c"), "x"), (("d", "h", "c"), "W1"))
] + [("bernoulli", ("d", "h", "k", "c"), "x"), ("categorical", ("d", "h", "k", "c"), "W2")]


@pytest.mark.parametrize(("likelihood", "widths", "noisy"), NETWORKS)
def test_the_trace_of_networks(likelihood: str, widths: tuple[str, ...], noisy: str) -> None:
    """The trace carried forwards is the trace of the Hessian that `derive` forms; so is G + R."""
    model = mlp(widths, "tanh", likelihood, {"l2": 0.25})
    heads = [f"{name}{len(widths) - 1}" for name in ("z", "s")]
    heads = [name for name in heads if name in {e.tensor.name for e in model.equations}]
    sizes = {"N": 2, **{w: n for n, w in enumerate(widths, start=2)}}
    inputs = numbers_for(model.arguments, sizes, seed=5, positive=("y",))
    if likelihood == "bernoulli":
        inputs["y"] = tuple(tuple(mpmath.mpf(int(e > 1)) for e in row) for row in inputs["y"])
    expected = trace_of_hessian(model, noisy, inputs, sizes)
    for at in ((), heads):
        expansion = expand(model, noisy, 0.5, at)
        values = evaluate(expansion.model, inputs, sizes)
        close(values[expansion.trace], expected, f"{noisy} of {likelihood}, split at {at}")
    assert expansion.gauss_newton in values
    assert expansion.residual in values


def trace_of_hessian(
    model: Model, noisy: str, inputs: Mapping[str, Any], sizes: Mapping[str, int]
) -> Any:
    """Σ_a H[a,a] of the Hessian in full."""
    hessian = derive(model, noisy, order=2)
    full = list(flat(evaluate(hessian, inputs, sizes)[hessian.results[noisy].name]))
    count = len(list(flat(inputs[noisy])))
    return mpmath.fsum(full[n * (count + 1)] for n in range(count))


def test_functions_of_matrices_form_the_hessian() -> None:
    model = trace("np.linalg.slogdet(A)[1]", A="n n")
    A = [[mpmath.mpf(2), mpmath.mpf("0.5")], [mpmath.mpf("-0.25"), mpmath.mpf("1.5")]]
    expansion = expand(model, "A", 0.5)
    inverse = mpmath.matrix(A) ** -1
    expected = -mpmath.fsum(inverse[i, j] ** 2 for i in range(2) for j in range(2))
    close(evaluate(expansion.model, {"A": A})[expansion.trace], expected, "−|A⁻¹|²")


def test_arrays_are_expanded_entry_by_entry() -> None:
    """Δ softmax(z), against SymPy's second derivatives of every entry."""
    model = trace("special.softmax(z)", z="n")
    output, symbols = scalar_expansion(model, {"n": 3})
    at = dict(zip(symbols["z"], map(sp.Rational, ("1/2", "-1/3", "5/4")), strict=True))
    inputs = {"z": [mpmath.mpf(v.p) / v.q for v in at.values()]}
    expansion = expand(model, "z", 1.0)
    found = evaluate(expansion.model, inputs)[expansion.trace]
    for p, second in zip(output, found, strict=True):
        exact = sum(sp.diff(p, s, s).subs(at) for s in symbols["z"])
        close(second, mpmath.mpf(sp.N(exact, DIGITS)._to_mpmath(mpmath.mp.prec)), "softmax")


# What it means -----------------------------------------------------------------------------


def moment(powers: Mapping[sp.Symbol, int], variance: sp.Expr) -> sp.Expr:
    """E Π ε^p for independent Gaussian ε of mean 0: (p − 1)!! σ^p, zero for odd p."""
    return sp.Mul(
        *(
            0 if p % 2 else sp.factorial2(p - 1) * variance ** sp.Rational(p, 2)
            for p in powers.values()
        )
    )


def exact_expectation(polynomial: sp.Expr, noisy: list[sp.Symbol], variance: sp.Expr) -> sp.Expr:
    """E f(x + ε) for a polynomial f, from the moments of the Gaussian alone."""
    noise = [sp.Symbol(f"e{n}") for n in range(len(noisy))]
    moved = polynomial.xreplace({x: x + e for x, e in zip(noisy, noise, strict=True)})
    poly = sp.Poly(sp.expand(moved), *noise)
    return sum(
        (c * moment(dict(zip(noise, powers, strict=True)), variance) for powers, c in poly.terms()),
        sp.S.Zero,
    )


POLYNOMIALS = (
    ("np.sum((X @ w - y)**2)/X.shape[0]", {"X": "n d", "w": "d", "y": "n"}, "X", 2),
    ("np.sum((X @ w - y)**2)/X.shape[0]", {"X": "n d", "w": "d", "y": "n"}, "w", 2),
    ("x @ A @ x + b @ x", {"A": "n n", "x": "n", "b": "n"}, "x", 2),
    ("np.sum(x)**3 + np.sum(x*x)", {"x": "n"}, "x", 3),
    ("np.sum(V @ (W @ x))*np.sum(x)", {"V": "k m", "W": "m n", "x": "n"}, "x", 2),
    ("np.sum(x**4)", {"x": "n"}, "x", 4),
    ("np.sum((W @ x)**2)**2", {"W": "m n", "x": "n"}, "x", 4),
)


@pytest.mark.parametrize(("source", "shapes", "noisy", "degree"), POLYNOMIALS)
def test_polynomials(source: str, shapes: dict[str, str], noisy: str, degree: int) -> None:
    """Exact up to degree 3 by the moments of the Gaussian; at degree 4 short of σ⁴/8 ΔΔf."""
    model = trace(source, **shapes)
    sizes = {name: n for n, name in enumerate(sorted({s.name for s in model.sizes}), start=1)}
    expansion = expand(model, noisy)
    assert expansion.degree == degree
    assert expansion.exact == (degree <= 3)
    f, symbols = scalar_expansion(model, sizes)
    variables, σ = list(flat(symbols[noisy])), sp.Symbol("σ", real=True)
    second, named = scalar_expansion(expansion.model, sizes)
    gap = sp.expand(exact_expectation(f, variables, σ**2) - second.xreplace({named["σ"]: σ}))

    def laplacian(of: sp.Expr) -> sp.Expr:
        return sum((sp.diff(of, v, v) for v in variables), sp.S.Zero)

    assert sp.expand(gap - σ**4 / 8 * laplacian(laplacian(f))) == 0
    assert (gap == 0) == expansion.exact


def test_linear_regression_is_ridge_regression() -> None:
    """Bishop (1995): noise of variance σ² on the inputs is the penalty (σ²/2) |W|², exactly."""
    noisy = expand(mlp(["d", "c"], likelihood="gaussian"), "x")
    assert noisy.exact
    assert str(noisy["ΔJ"]) == "ΔJ = Σ_i,j W1[j,i]**2"
    assert str(noisy["E_J"]) == "E_J = J + σ**2 ΔJ / 2"
    ridge = mlp(["d", "c"], likelihood="gaussian", penalty={"l2": 0.125})  # σ²/2 at σ = ½
    sizes = {"N": 3, "d": 2, "c": 2}
    inputs = numbers_for(ridge.arguments, sizes, seed=1)
    values = [
        evaluate(noisy.model, {**inputs, "σ": mpmath.mpf("0.5")}, sizes)["E_J"],
        evaluate(ridge, inputs, sizes)["J_Ω"],
    ]
    close(*values, "E J and ridge")
    gradients = [derive(noisy.model, "W1"), derive(ridge, "W1")]
    slopes = [
        evaluate(gradients[0], {**inputs, "σ": mpmath.mpf("0.5")}, sizes)["dW1"],
        evaluate(gradients[1], inputs, sizes)["dW1"],
    ]
    for a, b in zip(flat(slopes[0]), flat(slopes[1]), strict=True):
        close(a, b, "gradients")


def test_gauss_newton_is_tikhonov() -> None:
    """For the squared error G_J = (1/N) Σ |∂f/∂x|², with the Jacobian derived on its own."""
    net = mlp(["d", "h", "c"], "tanh", "gaussian")
    expansion = expand(net, "x", 0.5, at="z2")
    sizes = {"N": 3, "d": 2, "h": 4, "c": 2}
    inputs = numbers_for(net.arguments, sizes, seed=9)
    values = evaluate(expansion.model, inputs, sizes)
    f = net.up_to("z2")
    jacobian = derive(f, "x")
    given = {name: inputs[name] for name in f.arguments}
    entries = flat(evaluate(jacobian, given, sizes)[jacobian.results["x"].name])
    close(values["G_J"], mpmath.fsum(e**2 for e in entries) / 3, "Tikhonov")
    residual = expansion["R_J"]
    assert str(residual) == "R_J = Σ_k,n dz2[n,k] Δz2[n,k]"


def test_a_perfect_fit_leaves_gauss_newton_alone() -> None:
    """At y = f(x) the residual part is zero."""
    net = mlp(["d", "h", "c"], "tanh", "gaussian")
    sizes = {"N": 2, "d": 2, "h": 3, "c": 2}
    inputs = numbers_for(net.arguments, sizes, seed=2)
    expansion = expand(net, "x", 0.5, at="z2")
    inputs["y"] = evaluate(net, inputs, sizes)["z2"]
    values = evaluate(expansion.model, inputs, sizes)
    assert values["R_J"] == 0
    assert values["G_J"] == values["ΔJ"] > 0


def test_piecewise_linear_networks_have_no_residual_part() -> None:
    expansion = expand(mlp(["d", "h", "c"], "relu", "gaussian"), "x", at="z2")
    assert str(expansion["R_J"]) == "R_J = 0"
    assert expansion.kinks == ("relu′(0) = 0",)
    assert "away from kinks" in expansion.statement
    assert not expansion.exact


def test_noise_on_hidden_units() -> None:
    """A linear layer on noisy hidden units is penalised as a linear regression on them."""
    expansion = expand(mlp(["d", "h", "c"], "relu", "gaussian"), "h1")
    assert expansion.exact
    assert str(expansion["ΔJ"]) == "ΔJ = Σ_j,k W2[k,j]**2"


@pytest.mark.parametrize(("source", "shapes", "noisy", "degree"), POLYNOMIALS)
def test_degrees(source: str, shapes: dict[str, str], noisy: str, degree: int) -> None:
    model = trace(source, **shapes)
    sizes = {s.name: 2 for s in model.sizes}
    f, symbols = scalar_expansion(model, sizes)
    known = degrees(model.equations, noisy)[model.output.name]
    assert known == degree
    assert sp.Poly(f, *flat(symbols[noisy])).total_degree() <= degree


@pytest.mark.parametrize(
    "source",
    ["np.sum(np.tanh(x))", "np.max(x)", "x[np.argmax(x)]", "np.sum(np.where(x > 0, x, 0))",
     "np.sum(np.abs(x))", "np.sum(1/x)", "special.logsumexp(x)", "np.sum(np.floor(x)*x)"],
)  # fmt: skip
def test_no_polynomial(source: str) -> None:
    """Nor exact: what is linear in pieces has no second derivative, and yet a mean of its own."""
    model = trace(source, x="n")
    assert degrees(model.equations, "x")[model.output.name] is None
    expansion = expand(model, "x")
    assert not expansion.exact
    smooth = any(word in source for word in ("tanh", "1/x", "logsumexp"))
    assert bool(expansion.kinks) == (not smooth)


# Refusals ----------------------------------------------------------------------------------

NET = mlp(["d", "h", "c"], "tanh", "categorical")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("q",), "the name q"),
        (("J",), "the name J"),
        (("y",), "integer array"),
        (("x", "W1"), "a free name"),
        (("x", "2s"), "a free name"),
        (("x", -1.0), "a number ≥ 0"),
        (("x", "σ", "q"), "the name q"),
        (("W2", "σ", "z1"), "which W2 does not reach"),
    ],
)
def test_refusals(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        expand(NET, *arguments)


def test_no_split_where_the_hessian_is_formed() -> None:
    model = trace("t = A @ A\nreturn np.linalg.slogdet(t)[1]", A="n n")
    with pytest.raises(BackproofError, match="functions of a matrix"):
        expand(model, "A", at="t")


# A wrong trace is found --------------------------------------------------------------------


@pytest.mark.parametrize("dropped", ["G_J", "R_J"])
def test_a_part_left_out_is_found(dropped: str) -> None:
    """Without one of its parts the trace is not that of the Hessian."""
    model = mlp(["d", "h", "c"], "tanh", "gaussian")
    sizes = {"N": 2, "d": 2, "h": 3, "c": 2}
    inputs = numbers_for(model.arguments, sizes, seed=4)
    expansion: Expansion = expand(model, "x", 0.5, at="z2")
    values = evaluate(expansion.model, inputs, sizes)
    expected = trace_of_hessian(model, "x", inputs, sizes)
    with pytest.raises(AssertionError):
        close(values[expansion.trace] - values[dropped], expected, dropped)


def test_names_are_free() -> None:
    """A model that has names of the expansion already."""
    model = trace("ΔJ = np.sum(x**2)\nE_f = ΔJ*2\nreturn E_f*np.sum(x)", x="n")
    expansion = expand(model, "x")
    names = [e.tensor.name for e in expansion.model.equations]
    assert len(set(names)) == len(names)
