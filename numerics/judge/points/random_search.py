"""Arguments of a statement as a hypothesis strategy: small first, so that what fails shrinks.

A choice is made of sizes, of entries for each argument (whole numbers, numbers at which the
equations change their behaviour, any number of moderate size, repeated ones), or of a regime of
the judge.  Earlier alternatives are simpler, and hypothesis shrinks towards them.
"""

from __future__ import annotations

import types
from typing import Any, NamedTuple

import numpy as np

from backproof.numerics.judge.points.drawing import Draw, Values
from backproof.numerics.judge.points.edges import edges
from backproof.numerics.judge.points.features import boundaries
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.points.regimes import REGIMES
from backproof.numerics.judge.points.sizes import Assignment, random_sizes, small_sizes
from backproof.numerics.judge.reference.running import Array
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor

MODERATE = 100.0  # the greatest number that is drawn freely
LAYOUTS = ("plain", "Fortran order", "view of a larger array", "read-only")


class Drawn(NamedTuple):
    """Sizes, where the numbers come from, and the arguments."""

    assignment: Assignment
    regime: str
    values: Values


def library() -> types.ModuleType:
    """Hypothesis, which is optional.

    Raises `BackproofError` where it is not installed.
    """
    try:
        import hypothesis
        import hypothesis.extra.numpy
        import hypothesis.strategies
    except ImportError as error:
        raise BackproofError(
            "random search", "no hypothesis", "the package hypothesis",
            "pip install hypothesis, or backproof[test]",
        ) from error  # fmt: skip
    return hypothesis


def arguments(points: Points) -> Any:
    """A strategy of `Drawn` for the statement of some points."""
    st = library().strategies
    statement = points.statement
    rng = np.random.default_rng(0)  # a fixed list: an example has to mean the same again
    more = [s for _ in range(12) if (s := random_sizes(statement, rng)) is not None]
    every: list[dict[Any, int]] = []
    for sizes in (*small_sizes(statement), *more):
        if dict(sizes) not in every:
            every.append(dict(sizes))
    if not every:
        every = [dict(points.assignments[0].sizes)]

    @st.composite
    def drawn(draw: Any) -> Drawn:
        assignment = Assignment("random sizes", draw(st.sampled_from(every)))
        here = points.draw(assignment, 0)
        if draw(st.integers(0, 3)) < 3:
            values = {
                name: draw(entries(here, tensor)) for name, tensor in statement.arguments.items()
            }
            return Drawn(assignment, "a random search", values)
        regime = draw(st.sampled_from(REGIMES))
        at = points.draw(assignment, (1 << 26) + draw(st.integers(0, 1000)))
        made = regime.draw(at)
        return Drawn(assignment, regime.name, at.values() if made is None else made)

    return drawn()


def entries(here: Draw, tensor: Tensor) -> Any:
    """A strategy for one argument, as it was declared."""
    hypothesis: Any = library()
    st, arrays = hypothesis.strategies, hypothesis.extra.numpy.arrays
    shape, kind = here.shape(tensor), here.form.dtype
    if tensor.name in here.given:
        seeds = st.integers(0, 1000)
        return seeds.map(lambda n: _with_seed(here, n).argument(tensor))
    if tensor.dtype == "integer":
        if "distinct" in tensor.assumptions:
            return st.integers(0, 1000).map(lambda n: _with_seed(here, n).labels(tensor))
        return arrays(np.intp, shape, elements=st.integers(0, max(here.below(tensor) - 1, 0)))
    special = boundaries(here.statement).get(tensor.name, ())
    width = 8 * kind.itemsize
    bound = float(np.float32(MODERATE)) if width <= 32 else MODERATE
    free = st.floats(-bound, bound, allow_subnormal=False, width=min(width, 64))
    numbers = st.one_of(
        st.integers(-3, 3).map(float),
        st.sampled_from([*special, -1.0, 0.5, 0.1]),
        free,
        st.sampled_from(edges(here.form).tolist()) if here.loose(tensor.name) else free,
    )
    several = arrays(float, shape, elements=numbers)
    alike = numbers.map(lambda number: np.full(shape, number))  # ties
    return st.one_of(alike, several).map(lambda raw: here.conform(tensor, raw))


def _with_seed(here: Draw, seed: int) -> Draw:
    return Draw(
        np.random.default_rng(seed), here.statement, here.sizes, here.form, here.domain, here.given
    )


def laid_out(array: Array, layout: str) -> Any:
    """The same numbers in another layout of memory.

    >>> laid_out(np.eye(2), "view of a larger array").flags.contiguous
    False
    """
    if array.ndim == 0 or layout == "plain":
        return array[()] if array.ndim == 0 else array
    if layout == "Fortran order":
        return np.asfortranarray(array)
    if layout == "read-only":
        copy = array.copy()
        copy.flags.writeable = False
        return copy
    wide: Array = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
    inner = wide[(slice(1, None, 2),) * array.ndim]
    inner[...] = array
    return inner
