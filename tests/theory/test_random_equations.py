"""Random equations mean in print what they mean: as text, LaTeX, NumPy and matrix LaTeX."""

from collections.abc import Callable, Iterator

import mpmath
import numpy as np
import pykatex
import pytest
from scipy import special

from backproof.theory.equations import Equation
from backproof.theory.evaluation.exact import Environment
from backproof.theory.printing.latex import latex
from backproof.theory.printing.matrix_form import matrix_form, matrix_latex
from laws.latex_reading import latex_reads_back, matrix_latex_reads_back
from laws.models import DIGITS
from laws.random_equations import EXTENTS, entrywise, numbers, woven
from laws.reading import text_reads_back

SEEDS = [range(start, start + 20) for start in range(0, 200, 20)]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def means_the_same(equation: Equation, here: Environment) -> bool:
    """Every printed form evaluates to the equation's value; whether there is a matrix form."""
    around = (equation,)
    text_reads_back(equation, around, here)
    latex_reads_back(equation, around, here)
    pykatex.renderToString(latex(equation), displayMode=True, strict=pykatex.STRICT_ERROR)
    printed, formula = matrix_form(equation), matrix_latex(equation)
    if formula is not None:
        pykatex.renderToString(formula, displayMode=True, strict=pykatex.STRICT_ERROR)
        assert matrix_latex_reads_back(equation, around, here)
    if printed is None:
        return False
    labels = {t.name for t in equation.operands if t.dtype == "integer"}
    names = {n: np.array(v, int if n in labels else float) for n, v in here.values.items()}
    expected = names.pop(equation.tensor.name)
    scope = {"np": np, "special": special, **EXTENTS, **names}
    exec(printed, scope)
    assert np.shape(scope[equation.tensor.name]) == expected.shape, printed
    assert np.allclose(scope[equation.tensor.name], expected, rtol=1e-9, atol=1e-11), printed
    return True


@pytest.mark.parametrize("make", [entrywise, woven], ids=lambda f: f.__name__)
@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_random_equations(
    make: Callable[[int], Equation], seeds: range, tally: Callable[[str, int], None]
) -> None:
    forms = 0
    for seed in seeds:
        equation = make(seed)
        forms += means_the_same(equation, numbers(equation, seed))
    assert forms > len(seeds) // 2
    tally("random equations in matrix form", forms)
