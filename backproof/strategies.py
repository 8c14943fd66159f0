"""Hypothesis strategies for the arguments of a statement, for tests of one's own.

@given(bp.strategies.inputs(model))
def test_symmetry(inputs):
    assert loss(**inputs) == loss(**turned(inputs))
"""

from __future__ import annotations

from typing import Any

from backproof import specs
from backproof.numerics.judge.judgement import format_of
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.points.random_search import LAYOUTS, arguments, laid_out, library
from backproof.numerics.judge.statement import Statement, default_outputs
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs import Specification

__all__ = ["inputs"]


def inputs(
    against: Any,
    dtype: str | type = "float64",
    *,
    layouts: bool = True,
    draw: Any = None,
) -> Any:
    """A strategy of dictionaries: an array for each argument, of shapes that fit together.

    ``against`` is a model, a derivation, a specification of `bp.specs` or the name of one.  Equal
    size symbols are equal numbers, from 1 upwards; labels are below their bound, and declared
    assumptions hold (positive, symmetric, simplex, …).  Entries are whole numbers, numbers at
    which the equations change their behaviour (kinks, branches, overflow), repeated numbers, or
    any of moderate size; with ``layouts``, arrays may be views, in Fortran order or read-only.
    ``draw={"y": f}`` draws an argument by ``f(rng, shape)``.  Points at which the equations give
    no number are left out.  What fails shrinks to small sizes and whole numbers.

    Raises `BackproofError` where hypothesis is not installed, and for what states no equations.

    >>> import backproof as bp
    >>> from hypothesis import find
    >>> model = bp.trace("W @ x", W="m n", x="n")
    >>> found = find(bp.strategies.inputs(model, layouts=False), lambda i: i["W"].shape == (2, 3))
    >>> found["W"].tolist(), found["x"].tolist()
    ([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0.0, 0.0, 0.0])
    """
    st: Any = library().strategies
    stated = specs.named(against) if isinstance(against, str) else against
    if isinstance(stated, Specification):
        stated = stated.model()
    if not isinstance(stated, Derivation | Model):
        found = f"a {type(stated).__name__}"
        raise BackproofError(
            "bp.strategies.inputs", found, "a model, a derivation or a specification", "pass one"
        )
    statement = Statement.of(stated, default_outputs(stated), tuple(stated.arguments))
    points = Points(statement, format_of(dtype), 0, draw or {})

    def sensible(found: Any) -> bool:
        return points.at(found.assignment, found.regime, found.values) is not None

    plain = arguments(points).filter(sensible).map(lambda found: found.values)
    if not layouts:
        return plain

    @st.composite
    def in_layouts(choose: Any) -> dict[str, Any]:
        values = choose(plain)
        return {n: laid_out(a, choose(st.sampled_from(LAYOUTS))) for n, a in values.items()}

    return in_layouts()
