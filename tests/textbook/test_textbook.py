"""What the library derives is printed as the books print it, and is what the books say.

Each closed form is the book's formula; it and every printed line is run or read back, and compared
with the book's own formula and with finite differences of the statement.
"""

from collections.abc import Callable

import mpmath
import numpy as np
import pykatex
import pytest
from scipy import special
from textbook.results import RESULTS, Result

from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.closed import closed
from backproof.theory.evaluation.exact import environment
from backproof.theory.printing.forms import latex, text
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex
from backproof.theory.trace.tracing import trace
from laws.closed_forms import closed_form_holds
from laws.models import DIGITS
from laws.reading import text_reads_back
from laws.statements import is_derivative, precise, random_arguments

cases = pytest.mark.parametrize("result", RESULTS, ids=lambda r: r.name)


def derivation(result: Result) -> Derivation:
    return derive(trace(result.source, **result.shapes), result.wrt, order=result.order)


@cases
def test_printed_as_in_the_book(result: Result) -> None:
    g = derivation(result)
    lines = text(g).splitlines()
    matrices = [matrix_form(e, g) for e in g.equations]
    formulas = [matrix_latex(e, g) for e in g.equations]
    assert result.closed or result.matrix or result.text
    assert result.closed in ("", text(closed(g))), text(closed(g))
    assert [t for t in result.text if t not in lines] == [], lines
    assert [m for m in result.matrix if m not in matrices] == [], matrices
    assert [f for f in result.latex if f not in formulas] == [], formulas


@cases
def test_the_derivative_is_what_the_book_says(
    result: Result, tally: Callable[[str, int], None]
) -> None:
    g = derivation(result)
    inputs, sizes = random_arguments(g, positive=result.positive)
    found = compile(g)(**inputs)[result.wrt]
    names = {"np": np, "special": special, **sizes, **inputs}
    book = eval(result.book, names)
    assert np.shape(found) == np.shape(book)
    assert np.allclose(found, book, rtol=1e-11, atol=1e-12)
    assert is_derivative(
        found, result.source, inputs, list(result.shapes), result.wrt, result.order
    )
    tally("textbook results checked", 1)


@cases
def test_what_is_printed_means_it(result: Result) -> None:
    g = derivation(result)
    inputs, sizes = random_arguments(g, positive=result.positive)
    with mpmath.workdps(DIGITS):
        here = environment(g, {n: precise(v) for n, v in inputs.items()}, sizes)
        closed_form_holds(closed(g), here)
        for equation in g.equations:
            text_reads_back(equation, g, here)
            runs(matrix_form(equation, g), equation.tensor.name, here.values, sizes)


def runs(line: str | None, name: str, values: dict, sizes: dict) -> None:  # type: ignore[type-arg]
    """A line of NumPy gives the value of its quantity."""
    if line is None:
        return
    labels = {n for n, v in values.items() if np.array(v).dtype.kind == "i"}
    known = {n: np.array(v, int if n in labels else float) for n, v in values.items()}
    expected = known.pop(name)
    scope = {"np": np, "special": special, **sizes, **known}
    exec(line, scope)
    assert np.shape(scope[name]) == expected.shape, line
    assert np.allclose(scope[name], expected, rtol=1e-9, atol=1e-11), line


@cases
def test_katex_reads_everything(result: Result) -> None:
    g = derivation(result)
    formulas = [latex(g), *map(latex, g.steps), *(matrix_latex(e, g) for e in g.equations)]
    formulas += [latex(closed(g)), latex(closed(g), form="index")]
    for formula in formulas:
        if formula is not None:
            pykatex.renderToString(formula, displayMode=True, strict=pykatex.STRICT_ERROR)


def test_every_result_says_where_it_stands() -> None:
    places = ("section", "eq.", "eqs.", "appendix", "algorithm", "chapter")
    assert all(any(place in r.where for place in places) for r in RESULTS)
    assert len({r.name for r in RESULTS}) == len(RESULTS) >= 50
