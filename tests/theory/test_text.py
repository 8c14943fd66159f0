"""Equations as readable text: order, brackets, signs, numbers, and what is recognised by name.

That a printed line means its equation is the law of `laws.reading`; here is how it looks.
"""

from collections.abc import Iterator

import mpmath
import numpy as np
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array, size
from backproof.theory.equations import Contraction, Equation, Reduction, Sum
from backproof.theory.evaluation.exact import environment
from backproof.theory.model import Model
from backproof.theory.notation import Affine, Delta, Entry, Index, Map, Ones, Tensor, fresh, slot
from backproof.theory.printing.text import text
from backproof.theory.scalars import expm1, log1p, sigmoid
from backproof.theory.trace.tracing import trace
from laws.models import DIGITS
from laws.reading import text_reads_back
from laws.statements import is_derivative, precise, random_arguments

N, K = size("N"), size("K")
n, k = Index("n", N), Index("k", K)
z = Tensor("z", (N, K), ("n", "k"))
L = Tensor("L", (N,), ("n",))
x = Tensor("x", (N,), ("n",))
y = Tensor("y", (N,), ("n",))
p = Tensor("p", (N, K), ("n", "k"))


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


# whole derivations --------------------------------------------------------------------------

DERIVATIONS = {
    "np.sum((W @ x - y)**2)": (
        {"W": "m n", "x": "n", "y": "m"},
        "W",
        [
            "t1[i] = Σ_j W[i,j] x[j] - y[i]",
            "f = Σ_i t1[i]**2",
            "dt1[i] = 2 t1[i]",
            "dW[i,j] = dt1[i] x[j]",
        ],
    ),
    "-np.sum(y*np.log(h) + (1 - y)*np.log(1 - h))": (
        {"y": "n", "h": "n"},
        "h",
        [
            "f = -Σ_i (y[i] log(h[i]) + (1 - y[i]) log(1 - h[i]))",
            "dh[i] = (1 - y[i]) / (1 - h[i]) - y[i] / h[i]",
        ],
    ),
    "np.mean((X @ w - y)**2) + 1e-4*np.sum(w**2)": (
        {"X": "n d", "w": "d", "y": "n"},
        "w",
        [
            "t1[i] = Σ_j X[i,j] w[j] - y[i]",
            "f = Σ_i t1[i]**2 / n + 0.0001 Σ_j w[j]**2",
            "dt1[i] = 2 t1[i] / n",
            "dw[j] = 0.0002 w[j] + Σ_i dt1[i] X[i,j]",
        ],
    ),
    "np.sum(0.5*x*(1 + special.erf(x/np.sqrt(2))))": (
        {"x": "n"},
        "x",
        [
            "f = Σ_i x[i] (1 + erf(x[i]/sqrt(2))) / 2",
            "dx[i] = 1/2 + x[i] exp(-x[i]**2/2) / sqrt(2 pi) + erf(x[i]/sqrt(2)) / 2",
        ],
    ),
    "x @ A @ x + b @ x": (
        {"x": "n", "A": "n n", "b": "n"},
        "x",
        [
            "f = Σ_i,j x[i] A[i,j] x[j] + Σ_i b[i] x[i]",
            "dx[i] = Σ_j (A[i,j] + A[j,i]) x[j] + b[i]",
        ],
    ),
    "np.sum(special.softmax(Z, axis=1)*V)": (
        {"Z": "n k", "V": "n k"},
        "Z",
        [
            "L[i] = logsumexp_j Z[i,j]",
            "p[i,j] = softmax_j Z[i,j]",
            "f = Σ_i,j p[i,j] V[i,j]",
            "dL[i] = -Σ_j p[i,j] V[i,j]",
            "dZ[i,j] = p[i,j] (V[i,j] + dL[i])",
        ],
    ),
    "np.sum(np.maximum(W @ x + b, 0)*v)": (
        {"W": "m n", "x": "n", "b": "m", "v": "m"},
        "b",
        [
            "t1[i] = Σ_j W[i,j] x[j] + b[i]",
            "f = Σ_i v[i] relu(t1[i])",
            "dt1[i] = 1[t1[i] > 0] v[i]",
            "db[i] = dt1[i]",
        ],
    ),
}


@pytest.mark.parametrize("source", DERIVATIONS)
def test_a_derivation_reads_as_a_book(source: str) -> None:
    shapes, wrt, expected = DERIVATIONS[source]
    g = derive(trace(source, **shapes), wrt)
    assert text(g).splitlines() == expected
    inputs, sizes = random_arguments(g, positive=("h",))
    here = environment(g, {name: precise(v) for name, v in inputs.items()}, sizes)
    for equation in g.equations:
        text_reads_back(equation, g, here)
    found = np.array(here.values[g.results[wrt].name], dtype=float)
    assert is_derivative(found, source, inputs, list(shapes), wrt)


def test_two_layers_of_a_network() -> None:
    source = """
    Z = X @ W1 + c1
    H = np.tanh(Z)
    S = H @ W2 + c2
    return -np.mean(special.log_softmax(S, axis=1)[np.arange(X.shape[0]), t])"""
    t = array("N", dtype=int, below="k")
    m = trace(source, X="N d", W1="d h", c1="h", W2="h k", c2="k", t=t)
    lines = text(derive(m, ("W1", "c1"))).splitlines()
    assert lines[-6:] == [
        "p[n,l] = softmax_l S[n,l]",
        "dS[n,l] = (p[n,l] - δ[l,t[n]]) / N",
        "dH[n,j] = Σ_l dS[n,l] W2[j,l]",
        "dZ[n,j] = (1 - H[n,j]**2) dH[n,j]",
        "dW1[i,j] = Σ_n dZ[n,j] X[n,i]",
        "dc1[j] = Σ_n dZ[n,j]",
    ]


# factors and terms --------------------------------------------------------------------------


def line(tensor: Tensor, *terms: Contraction, at: tuple[Index, ...] = (n,)) -> str:
    """The right-hand side of an equation with these terms."""
    return text(Equation(tensor, at, Sum(terms))).partition(" = ")[2]


def scalar_map(expression: sp.Expr, *entries: Entry) -> Map:
    return Map(expression, entries)


xn, yn = Entry(x, (n,)), Entry(y, (n,))
a, b = slot(0), slot(1)
one = sp.S.One


def test_order_in_a_derived_product() -> None:
    dz = Tensor("dz", (N,), ("n",), cotangent_of="z")
    dx = Tensor("dx", (N,), ("n",), cotangent_of="x")
    slope = scalar_map(1 - a**2, yn)
    term = Contraction(2 / N, (xn, Entry(dz, (n,)), Entry(Tensor("s"), ()), slope))
    assert line(dx, term) == "2 s (1 - y[n]**2) dz[n] x[n] / N"


def test_a_stated_product_keeps_its_order() -> None:
    term = Contraction(one, (yn, xn))
    assert line(Tensor("f", (N,)), term) == "y[n] x[n]"


def test_brackets_only_where_needed() -> None:
    f, s = Tensor("f", (N,)), Tensor("s", ())
    summed = Contraction(one, (scalar_map(a * (1 - a), xn),), (n,))
    assert line(s, summed, at=()) == "Σ_n x[n] (1 - x[n])"
    assert (
        line(s, Contraction(one, (scalar_map(a - b, xn, yn),), (n,)), at=()) == "Σ_n (x[n] - y[n])"
    )
    assert line(f, Contraction(one, (scalar_map(a - b, xn, yn),))) == "x[n] - y[n]"
    assert line(f, Contraction(one, (yn,)), Contraction(-one, (scalar_map(a + 1, xn),))) == (
        "y[n] - (1 + x[n])"
    )
    assert line(f, Contraction(1 / N, (scalar_map(a + b, xn, yn),))) == "(x[n] + y[n]) / N"
    assert line(f, Contraction(one, (scalar_map(1 / (a * b), xn, yn),))) == "1 / (x[n] y[n])"
    assert line(f, Contraction(one, (scalar_map(1 / (1 + a), xn), yn))) == "y[n] / (1 + x[n])"
    assert line(f, Contraction(one, (xn, xn, xn))) == "x[n]**3"
    assert line(f, Contraction(2, (scalar_map(2**a, xn),))) == "2 * 2**x[n]"


def test_signs_move_to_where_they_read_well() -> None:
    f = Tensor("f", (N,))
    assert line(f, Contraction(-one, (scalar_map(a**2 - 1, xn), yn))) == "y[n] (1 - x[n]**2)"
    assert line(f, Contraction(-one, (scalar_map(a - b, xn, yn), yn))) == "y[n] (y[n] - x[n])"
    mean = Entry(Tensor("m"), ())
    assert line(f, Contraction(-one, (scalar_map(b - a, mean, xn), yn))) == "-y[n] (x[n] - m)"
    terms = (Contraction(-one, (xn,)), Contraction(one, (yn,)))
    assert line(f, *terms) == "y[n] - x[n]"
    both = (Contraction(-1 / N, (xn,)), Contraction(-1 / N, (yn,)))
    assert line(f, *both) == "-(x[n] + y[n]) / N"


def test_factors_that_the_sum_does_not_touch_stand_before_it() -> None:
    f = Tensor("f", (N,))
    term = Contraction(one, (Entry(z, (n, k)), xn, Entry(Tensor("lam"), ())), (k,))
    assert line(f, term) == "lam x[n] Σ_k z[n,k]"


def test_common_factors_are_taken_out_of_derived_equations_only() -> None:
    B = Tensor("B", (N, N), ("n", "m"))
    m = Index("m", N)
    terms = tuple(Contraction(one, (Entry(B, at), Entry(x, (m,))), (m,)) for at in ((n, m), (m, n)))
    assert line(Tensor("f", (N,)), *terms) == "Σ_m B[n,m] x[m] + Σ_m B[m,n] x[m]"
    dx = Tensor("dx", (N,), cotangent_of="x")
    assert line(dx, *terms) == "Σ_m (B[n,m] + B[m,n]) x[m]"
    more = (*terms, Contraction(one, (yn,)))
    assert line(dx, *more) == "Σ_m (B[n,m] + B[m,n]) x[m] + y[n]"
    square = Contraction(one, (scalar_map(a**2, yn), xn))
    assert line(dx, square, Contraction(-one, (yn, xn))) == "y[n] x[n] (y[n] - 1)"


def test_a_common_factor_that_is_summed_keeps_its_sum() -> None:
    A = Tensor("A", (N, K), ("n", "k"))
    dv = Tensor("dv", (K,), ("k",), cotangent_of="v")
    first = Contraction(N, (xn, xn, xn, Ones(k)), (n,))
    second = Contraction(-one, (yn, Entry(A, (n, k)), xn, xn), (n,))
    assert line(dv, first, second, at=(k,)) == "Σ_n x[n]**2 (N x[n] - y[n] A[n,k])"


def test_what_is_not_merged_yet_is_shown_as_it_is() -> None:
    dx = Tensor("dx", (N,), cotangent_of="x")
    term = Contraction(one, (yn,))
    assert line(dx, term, term) == "y[n] + y[n]"


def test_zero_ones_and_constants() -> None:
    f = Tensor("f", (N,))
    assert line(f) == "0"
    assert line(f, Contraction(sp.Integer(2), (Ones(n),))) == "2"
    assert line(f, Contraction(N / 2, (Ones(n),))) == "N / 2"
    assert text(Ones(n)) == "1[n]"
    assert text(Delta(n, Affine(sp.Integer(2), ((k, sp.Integer(3)),)))) == "δ[n,3*k+2]"


# numbers, scalars, positions ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sp.Rational(1, 10000), "0.0001"),
        (sp.Rational(44715, 10**6), "0.044715"),
        (sp.Rational(1, 3), "1/3"),
        (sp.Rational(1, 10**8), "0.00000001"),
        (sp.Rational(-1, 20), "-0.05"),
        (N - 1, "N - 1"),
        (1 - N, "1 - N"),
        (2 * N / (K - 1), "2 N/(K - 1)"),
        (sp.sqrt(2) / 2, "1/sqrt(2)"),
        (sp.sqrt(N), "sqrt(N)"),
        (log1p(N), "log(N + 1)"),
        (sigmoid(-N), "σ(-N)"),
        (sp.Symbol("u") ** sp.Rational(-3, 2), "1/u**(3/2)"),
        (sp.exp(-sp.Symbol("u", real=True)) - 1, "exp(-u) - 1"),
        (sp.log(2) / 2 + sp.log(sp.pi) / 2, "log(2 pi)/2"),
        (expm1(sp.Symbol("u", real=True)), "exp(u) - 1"),
    ],
)
def test_scalars(expression: sp.Expr, expected: str) -> None:
    assert text(expression) == expected


def test_positions_have_no_spaces() -> None:
    i, j = Index("i", N), Index("j", K)
    assert text(Affine(sp.S.Zero, ((j, one), (i, sp.Integer(2))))) == "2*i+j"
    assert text(Affine(N - 1, ((i, -one),))) == "N-i-1"


def test_relations_point_the_way_they_are_said() -> None:
    d = sp.Symbol("d", positive=True)
    u = sp.Symbol("u", real=True)
    step = trace("np.sum(np.maximum(x, y))", x="n", y="n")
    assert "1[y[i] > x[i]]" in text(derive(step, "x"))
    assert text(sp.Ge(d, abs(u))) == "|u| <= d"


# recognition --------------------------------------------------------------------------------


def softmax_model(*extra: Equation) -> Model:
    """L = logsumexp_k z, p = exp(z - L), and more."""
    partition = Equation(L, (n,), Reduction("logsumexp", Entry(z, (n, k)), (k,)))
    share = scalar_map(sp.exp(a - b), Entry(z, (n, k)), Entry(L, (n,)))
    named = Equation(p, (n, k), Sum((Contraction(one, (share,)),)))
    equations = (partition, named, *extra)
    return Model(equations, {"z": z, "x": x, "y": y}, {}, equations[-1].tensor)


def test_softmax_is_recognised_with_its_context_only() -> None:
    m = softmax_model()
    assert text(m).splitlines()[1] == "p[n,k] = softmax_k z[n,k]"
    assert text(m["p"]) == "p[n,k] = exp(z[n,k] - L[n])"
    assert text(m["p"], m) == "p[n,k] = softmax_k z[n,k]"


def test_a_named_softmax_is_called_by_its_name_afterwards() -> None:
    share = scalar_map(sp.exp(a - b) * (1 - sp.exp(a - b)), Entry(z, (n, k)), Entry(L, (n,)))
    q = Tensor("q", (N, K), ("n", "k"))
    m = softmax_model(Equation(q, (n, k), Sum((Contraction(one, (share,)),))))
    assert text(m).splitlines()[2] == "q[n,k] = p[n,k] (1 - p[n,k])"
    assert text(m["q"], (m["L"], m["q"])) == ("q[n,k] = softmax_k(z[n,k]) (1 - softmax_k(z[n,k]))")


def test_what_is_no_softmax_is_not_called_one() -> None:
    square = Tensor("z", (N, N), ("n", "m"))
    m = Index("m", N)
    partition = Equation(L, (n,), Reduction("logsumexp", Entry(square, (n, m)), (m,)))
    for at, of in (((n, m), m), ((m, n), n), ((n, n), n)):
        share = scalar_map(sp.exp(a - b), Entry(square, at), Entry(L, (of,)))
        free = tuple(dict.fromkeys((*at, of)))
        other = Tensor("q", tuple(i.size for i in free), tuple(i.name for i in free))
        equation = Equation(other, free, Sum((Contraction(one, (share,)),)))
        assert "softmax" not in text(equation, (partition, equation)), at


# things beside equations --------------------------------------------------------------------


def test_steps_and_pullbacks() -> None:
    g = derive(trace("np.sum(np.tanh(W @ x))", W="m n", x="n"), "W")
    shown = [text(step) for step in g.steps]
    assert any("∂t1[k]/∂W[i,j]" in line for line in shown)
    for step in g.steps:
        assert "~" not in text(step.before) + text(step.after)


def test_anonymous_indices_get_letters() -> None:
    first, second = fresh(n), fresh(n)
    term = Contraction(one, (Entry(x, (first,)), Entry(y, (second,))), (second,))
    assert text(Sum((term,))) in ("x[n] Σ_i y[i]", "x[i] Σ_n y[n]")


def test_one_letter_never_has_two_sizes() -> None:
    A = Tensor("A", (N, N))
    B = Tensor("B", (N, K))
    j, other = Index("j", N), Index("j", K)
    terms = (
        Contraction(one, (Entry(A, (n, j)),), (j,)),
        Contraction(one, (Entry(B, (n, other)),), (other,)),
    )
    assert line(Tensor("f", (N,)), *terms) == "Σ_j A[n,j] + Σ_i B[n,i]"


def test_strings_and_unknown_things() -> None:
    assert text("as it is") == "as it is"
    with pytest.raises(TypeError, match="cannot print a set"):
        text({1})
