"""What the library derives is printed as the books print it, and is what the books say.

Each printed matrix form is run as NumPy and compared with the book's formula and with finite
differences of the statement; each printed index form is read back by its grammar.
"""

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
import pykatex
import pytest
from scipy import special
from textbook.results import RESULTS, Result

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.evaluation.exact import environment
from backproof.theory.printing.latex import latex
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex
from backproof.theory.printing.text import text
from backproof.theory.trace.tracing import trace
from laws.models import DIGITS
from laws.reading import text_reads_back
from laws.statements import is_derivative, precise, random_arguments

cases = pytest.mark.parametrize("result", RESULTS, ids=lambda r: r.name)


def derivation(result: Result) -> Derivation:
    return derive(trace(result.source, **result.shapes), result.wrt, order=result.order)


def run(lines: list[str], names: Mapping[str, Any]) -> dict[str, Any]:
    """The names after the printed lines were run."""
    scope = {"np": np, "special": special, **names}
    for line in lines:
        exec(line, scope)
    return scope


@cases
def test_printed_as_in_the_book(result: Result) -> None:
    g = derivation(result)
    lines = text(g).splitlines()
    matrices = [matrix_form(e, g) for e in g.equations]
    formulas = [matrix_latex(e, g) for e in g.equations]
    assert [t for t in result.text if t not in lines] == [], lines
    assert [m for m in result.matrix if m not in matrices] == [], matrices
    assert [f for f in result.latex if f not in formulas] == [], formulas


@cases
def test_what_is_printed_is_the_derivative(
    result: Result, tally: Callable[[str, int], None]
) -> None:
    g = derivation(result)
    inputs, sizes = random_arguments(g, result.symmetric)
    printed = [matrix_form(e, g) for e in g.equations]
    assert None not in printed
    scope = run([p for p in printed if p is not None], {**inputs, **sizes})
    found = scope[g.results[result.wrt].name]
    book = eval(result.book, scope)
    assert np.shape(found) == np.shape(book)
    assert np.allclose(found, book, rtol=1e-12, atol=1e-12)
    names, wrt = list(result.shapes), result.wrt
    assert is_derivative(found, result.source, inputs, names, wrt, result.order)
    tally("textbook results checked", 1)


@cases
def test_index_form_reads_back(result: Result) -> None:
    g = derivation(result)
    inputs, sizes = random_arguments(g, result.symmetric)
    with mpmath.workdps(DIGITS):
        numbers = {n: precise(v) for n, v in inputs.items()}
        here = environment(g, numbers, sizes)
        for equation in g.equations:
            text_reads_back(equation, g, here)


@cases
def test_katex_reads_everything(result: Result) -> None:
    g = derivation(result)
    formulas = [latex(g), *map(latex, g.steps), *(matrix_latex(e, g) for e in g.equations)]
    for formula in formulas:
        if formula is not None:
            pykatex.renderToString(formula, displayMode=True, strict=pykatex.STRICT_ERROR)


def test_every_result_says_where_it_stands() -> None:
    assert all("section" in r.where or "eq." in r.where for r in RESULTS)
    assert len({r.name for r in RESULTS}) == len(RESULTS) >= 12
