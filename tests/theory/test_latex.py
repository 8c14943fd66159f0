"""LaTeX: KaTeX reads all of it, it reads back as its equation, and names look as in a book."""

import re
from collections.abc import Callable, Iterator

import mpmath
import pykatex
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.declarations import array, size
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.evaluation.exact import environment
from backproof.theory.notation import Affine, Delta, Entry, Index, Map, Ones, Tensor, slot
from backproof.theory.printing.latex import latex
from backproof.theory.printing.latex_names import Names, name_of, words
from backproof.theory.printing.matrix_form import matrix_latex
from backproof.theory.scalars import FUNCTIONS, sigmoid
from backproof.theory.trace.tracing import trace
from laws.latex_reading import latex_reads_back, matrix_latex_reads_back
from laws.models import DIGITS, SAMPLES, TWICE, Sample

N, K = size("N"), size("K")
n, k = Index("n", N), Index("k", K)
one = sp.S.One
x = Tensor("x", (N,), ("n",))
labels = Tensor("t", (N,), ("n",), dtype="integer", below=K)


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def katex(formula: str) -> None:
    """Raises `pykatex.ParseError` for what KaTeX cannot read."""
    pykatex.renderToString(formula, displayMode=True, strict=pykatex.STRICT_ERROR)


# laws over all samples ----------------------------------------------------------------------


def everything_reads(sample: Sample, g: Derivation, tally: Callable[[str, int], None]) -> None:
    """The derivation, its steps and its equations in both notations."""
    katex(latex(g))
    for step in g.steps:
        katex(latex(step))
    sizes = sample.assignments()[0]
    here = environment(g, sample.inputs(g.arguments, sizes, seed=13), sizes)
    for equation in g.equations:
        if re.search("(eigen|singular_)vectors", str(equation)):  # determined up to signs only
            continue
        latex_reads_back(equation, g, here)
        formula = matrix_latex(equation, g)
        if formula is not None:
            katex(formula)
            tally("matrix formulas read back", matrix_latex_reads_back(equation, g, here))
    tally("LaTeX equations read back", len(g.equations))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_gradients(sample: Sample, tally: Callable[[str, int], None]) -> None:
    everything_reads(sample, derive(sample.model()), tally)


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_second_derivatives(sample: Sample, tally: Callable[[str, int], None]) -> None:
    everything_reads(sample, derive(sample.model(), sample.twice, order=2), tally)
    along = derive(sample.model(), sample.twice, order=2, along="direction")
    everything_reads(sample, along, tally)


# names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("W", "W"),
        ("W1", "W^{(1)}"),
        ("h12", "h^{(12)}"),
        ("nll", r"\mathit{nll}"),
        ("nll2", r"\mathit{nll}^{(2)}"),
        ("lam", r"\lambda"),
        ("mu", r"\mu"),
        ("Sigma", r"\Sigma"),
        ("eps", r"\varepsilon"),
        ("sigma2", r"\sigma^{(2)}"),
        ("W_hh", r"W_{\mathrm{hh}}"),
        ("p_2", "p_{(2)}"),
        ("beta_1", r"\beta_{(1)}"),
        ("λ", r"\lambda"),
        ("Δ", r"\Delta"),
        ("_x", r"\mathit{\_x}"),
        ("__", r"\mathit{\_\_}"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert name_of(name).indexed("") == expected
    katex(expected)


def test_two_names_never_look_alike() -> None:
    names = Names()
    shown = [
        names.tensor(Tensor(n)).indexed("") for n in ("lam", "lambd", "λ", "lam1", "W_1", "W1")
    ]
    assert len(set(shown)) == len(shown)
    assert shown[0] == r"\lambda"
    assert [names.tensor(Tensor(n)).indexed("") for n in ("lam", "lambd")] == shown[:2]


def test_cotangents_carry_accents() -> None:
    W = Tensor("W1", (N, K), ("n", "k"))
    bar = Tensor("dW1", (N, K), ("n", "k"), cotangent_of="W1")
    hat = Tensor("d2dW1", (N, K), ("n", "k"), cotangent_of="dW1", accent="hat")
    wide = Tensor("dnll", (), (), cotangent_of="nll")
    second = Tensor("d2b_2", (N,), ("n",), cotangent_of="b", accent="hat")
    defined = Equation(bar, (n, k), Sum((Contraction(one, (Entry(W, (n, k)),)),)))
    assert latex(bar) == r"\bar{W}^{(1)}"
    assert latex(Entry(bar, (n, k))) == r"\bar{W}^{(1)}_{nk}"
    assert latex(Entry(hat, (n, k)), (defined,)) == r"\hat{\bar{W}}^{(1)}_{nk}"
    assert latex(Entry(wide)) == r"\overline{\mathit{nll}}"
    assert latex(Entry(second, (n,))) == r"\hat{b}_{(2),\,n}"
    for entry in (Entry(bar, (n, k)), Entry(hat, (n, k)), Entry(wide), Entry(second, (n,))):
        katex(latex(entry))


def test_blocks_of_a_hessian_are_told_apart() -> None:
    m = trace("np.sum(np.tanh(W @ x + b)**2)", W="m n", x="n", b="m")
    g = derive(m, ("b", "x"), order=2)
    left = [line.partition(" &=")[0] for line in latex(g).splitlines()[1:-1]]
    assert len(set(left)) == len(left)


def test_words_are_escaped() -> None:
    for plain in ("50% of x_1", "a & b", "{x} # $", r"back\slash", "tilde ~ and hat ^", "σ′ ≤ 1"):
        katex(words(plain))
    assert latex("rule of 1_2") == r"\text{rule of 1\_2}"


# layout -------------------------------------------------------------------------------------


def right(*terms: Contraction, at: tuple[Index, ...] = (n,), derived: bool = False) -> str:
    """The right-hand side of an equation with these terms."""
    shape = tuple(i.size for i in at)
    tensor = Tensor("df" if derived else "f", shape, cotangent_of="f" if derived else None)
    shown = latex(Equation(tensor, at, Sum(terms))).partition(" = ")[2]
    katex(shown)
    return shown


a, b = slot(0), slot(1)
xn = Entry(x, (n,))


def test_subscripts() -> None:
    z = Tensor("z", (N, K))
    assert latex(Entry(z, (n, k))) == "z_{nk}"
    assert latex(Entry(z, (n, Entry(labels, (n,))))) == r"z_{n,\,t_{n}}"
    shifted = Affine(one, ((Index("i", N), sp.Integer(2)), (Index("p", N), one)))
    assert latex(Entry(Tensor("x", (N,)), (shifted,))) == "x_{2i+p+1}"
    assert latex(Entry(Tensor("x", (N,)), (Index("i1", N),))) == "x_{i_{1}}"


def test_deltas_and_ones() -> None:
    assert latex(Delta(n, Index("m", N))) == r"\delta_{nm}"
    assert latex(Delta(k, Entry(labels, (n,)))) == r"\mathbf{1}[k = t_{n}]"
    assert latex(Ones(n)) == r"\mathbf{1}_{n}"


def test_fractions_and_sums() -> None:
    assert right(Contraction(1 / N, (xn,), (n,)), at=()) == r"\frac{1}{N} \sum_{n} x_{n}"
    assert right(Contraction(sp.Rational(1, 10000), (xn,))) == "0.0001 x_{n}"
    scale = Entry(Tensor("s"))
    assert right(Contraction(one, (Map(a / b, (xn, scale)),))) == r"\frac{x_{n}}{s}"
    ratio = Map((1 + a) / b, (xn, scale))
    assert right(Contraction(one / 2, (ratio,))) == r"\frac{1 + x_{n}}{2 s}"
    assert right(Contraction(-one, (Map(a**2 - 1, (xn,)),))) == "1 - x_{n}^{2}"
    assert right(Contraction(sp.sqrt(2) / 2, (xn,))) == r"\frac{1}{\sqrt{2}} x_{n}"


def test_powers_of_names_with_superscripts_are_bracketed() -> None:
    t1 = Entry(Tensor("t1", (N,)), (n,))
    assert right(Contraction(one, (t1, t1))) == "(t^{(1)}_{n})^{2}"
    assert right(Contraction(one, (Map(sp.tanh(a) ** 2, (t1,)),))) == r"\tanh^{2}(t^{(1)}_{n})"
    assert right(Contraction(one, (Map(sigmoid(a) ** 2, (xn,)),))) == r"\sigma(x_{n})^{2}"


def test_numbers_do_not_run_together() -> None:
    assert right(Contraction(sp.Integer(2), (Map(2**a, (xn,)),))) == r"2 \cdot 2^{x_{n}}"
    named = Entry(Tensor("lr"))
    assert right(Contraction(one, (named, xn))) == r"\mathit{lr} \, x_{n}"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_scalar_function_is_printed(function: type[sp.Function]) -> None:
    arguments = sp.symbols("u v", real=True)[: function.nargs.args[0]]
    plain, tall = function(*arguments), function(*(u / sp.Symbol("w") for u in arguments))
    for expression in (plain, plain**2, 1 / plain, 2 * plain, tall, tall + plain):
        katex(latex(expression))
    tall_ones = (r"\left|", r"\left\lfloor")
    assert r"\left" not in latex(plain) or any(mark in latex(plain) for mark in tall_ones)


def test_reductions_and_softmax() -> None:
    source = "z = X @ W\nreturn np.sum(special.softmax(z, axis=1)) + np.sum(np.max(z, axis=1))"
    g = derive(trace(source, X="n d", W="d k"), "W")
    shown = latex(g)
    assert r"L_{i} &= \log \sum_{l} \exp z_{il}" in shown
    assert r"\operatorname{softmax}_{l}(z_{i})" in shown
    assert r"\max_{l} z_{il}" in shown
    assert r"\operatorname{arg\,max}_{l} z_{il}" in shown
    assert shown.startswith("\\begin{aligned}\n")


def test_steps() -> None:
    t = array("n", dtype=int, below="k")
    source = "-np.sum(special.log_softmax(X @ W, axis=1)[np.arange(X.shape[0]), t])"
    g = derive(trace(source, X="n d", W="d k", t=t), "W")
    for step in g.steps:
        katex(latex(step))
    assert any(r"\frac{\partial" in latex(step) for step in g.steps)


def test_an_inverse_is_written_as_one() -> None:
    g = derive(trace("a @ np.linalg.inv(X1) @ a", a="n", X1="n n"), "X1")
    assert r"(X^{(1)})^{-1}_{" in latex(g)
    assert (matrix_latex(g["X1"], g) or "").startswith(r"\bar{X}^{(1)} = -(X^{(1)})^{-\top}")


def test_jupyter_shows_it() -> None:
    m = trace("np.tanh(W1 @ x)", W1="h d", x="d")
    katex(m._repr_latex_().strip("$"))
    katex(derive(m)._repr_latex_().strip("$"))


def test_a_label_inside_of_a_position() -> None:
    """x[t[n] + k] where the label is printed by its own name, not letter for letter."""
    shifted = Entry(
        Tensor("y", (N + K,)), (Affine(sp.S.Zero, ((k, one), (Entry(labels, (n,)), one))),)
    )
    shown = right(Contraction(one, (shifted,)), at=(n, k))
    assert shown == "y_{k+t_{n}}"
    katex(shown)
