"""Evaluation and export say what the source says: NumPy, exact numbers and SymPy agree."""

import itertools
import textwrap
from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np
import scipy.linalg
import sympy as sp
from scipy import special

from backproof.theory.declarations import size
from backproof.theory.equations import Equation, Sum
from backproof.theory.evaluation.exact import Environment, Nested, evaluate, evaluate_rhs
from backproof.theory.evaluation.export import to_sympy
from backproof.theory.scalars import defined
from laws.sample import Sample
from laws.steps import assert_close


def run_by_numpy(sample: Sample, inputs: Mapping[str, Nested]) -> Any:
    """What NumPy returns for the source of a sample."""
    source = textwrap.dedent(sample.source).strip()
    body = source if "return" in source else f"return {source}"
    scope: dict[str, Any] = {"np": np, "scipy": scipy, "special": special}
    exec(f"def statement({', '.join(inputs)}):\n{textwrap.indent(body, '    ')}", scope)
    return scope["statement"](**{name: as_numpy(value) for name, value in inputs.items()})


def as_numpy(value: Nested) -> Any:
    """A NumPy array of floats, or of integers where all leaves are."""
    if isinstance(value, tuple):
        return np.array([as_numpy(v) for v in value])
    return value if isinstance(value, int) else float(value)


def evaluation_is_what_numpy_computes(sample: Sample, sizes: Mapping[str, int], seed: int) -> None:
    """The traced model has the value and the shape that NumPy computes from its source."""
    model = sample.model()
    inputs = sample.inputs(model.arguments, sizes, seed)
    found = as_numpy(evaluate(model, inputs, sizes)[model.output.name])
    expected = run_by_numpy(sample, inputs)
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def exact_numbers_agree_with_precise_ones(
    sample: Sample, sizes: Mapping[str, int], seed: int
) -> None:
    """Rational inputs give SymPy numbers whose digits are those of the mpmath evaluation."""
    model = sample.model()
    rational = halves(sample.inputs(model.arguments, sizes, seed))
    exact = evaluate(model, rational, sizes)[model.output.name]
    precise = evaluate(model, floating(rational, model.arguments), sizes)[model.output.name]
    assert_close(digits(exact), precise, f"{model.output.name} exactly and by mpmath")


def halves(inputs: Mapping[str, Nested]) -> dict[str, Nested]:
    """The numbers rounded to rationals with small denominators, still distinct."""

    def leaf(value: Any) -> Any:
        return value if isinstance(value, int) else sp.Rational(int(value * 64), 64)

    return {name: mapped(leaf, value) for name, value in inputs.items()}


def floating(inputs: Mapping[str, Nested], tensors: Mapping[str, Any]) -> dict[str, Nested]:
    """The same numbers for mpmath."""
    real = {n for n, t in tensors.items() if t.dtype == "real"}
    return {
        n: mapped(lambda x: mpmath.mpf(x.p) / x.q, v) if n in real else v for n, v in inputs.items()
    }


def digits(value: Nested) -> Nested:
    """SymPy numbers as mpmath numbers."""
    return mapped(lambda x: mpmath.mpf(sp.N(x, 40)._to_mpmath(mpmath.mp.prec)), value)


def mapped(function: Any, value: Nested) -> Nested:
    """A function applied to every leaf."""
    if isinstance(value, tuple):
        return tuple(mapped(function, v) for v in value)
    return function(value)


def export_says_the_same(equation: Equation, here: Environment) -> None:
    """SymPy's sums, written out term by term at concrete sizes, have the value of the equation."""
    exported = to_sympy(equation)
    sizes = {size(s.name): n for s, n in here.sizes.items()}
    for at in here.assignments(equation.indices):
        chosen = {sp.Symbol(i.name, integer=True, nonnegative=True): n for i, n in at.items()}
        side = written_out(exported.rhs.subs({**chosen, **sizes}))
        entries = {e: looked_up(e, here) for e in side.atoms(sp.Indexed)}
        entries = {e: looked_up(e, here) for e in side.atoms(sp.Indexed)}
        scalars = {s: number_of(here.values[s.name]) for s in side.xreplace(entries).free_symbols}
        found = defined(side.xreplace(entries).subs(scalars))
        claimed = evaluate_rhs(equation.rhs, here, at)
        number = mpmath.mpf(sp.N(found, 30)._to_mpmath(mpmath.mp.prec))
        assert_close(number, mpmath.mpf(claimed), f"{exported} at {at}")


def written_out(expression: sp.Expr) -> sp.Expr:
    """Every sum term by term; SymPy's ``doit`` takes a delta of 3i + j for one of fractions."""

    def terms(total: sp.Sum) -> sp.Expr:
        ranges = [range(int(low), int(high) + 1) for _, low, high in total.limits]
        letters = [letter for letter, _, _ in total.limits]
        every = itertools.product(*ranges)
        return sp.Add(*(total.function.subs(dict(zip(letters, at, strict=True))) for at in every))

    return expression.replace(lambda e: isinstance(e, sp.Sum), terms)


def looked_up(entry: sp.Indexed, here: Environment) -> sp.Expr:
    """The number at an indexed position."""
    value = here.values[entry.base.label.name]
    for position in entry.indices:
        if isinstance(position, sp.Indexed):
            position = looked_up(position, here)
        elif not position.is_number:  # an integer tensor without axes
            position = here.values[position.name]
        value = value[int(position)]
    return number_of(value)


def number_of(value: Any) -> sp.Expr:
    """An mpmath number, or a label, for SymPy."""
    return sp.Integer(value) if isinstance(value, int) else sp.Float(value, 40)


def has_indexed_form(equation: Equation) -> bool:
    """Whether SymPy has an indexed form of the equation: no maximum, no matrix function."""
    return isinstance(equation.rhs, Sum) or getattr(equation.rhs, "kind", "") == "logsumexp"
