"""The ball model of whatever `certify` takes."""

from __future__ import annotations

from backproof.numerics.enclosures.balls.model import RULES, Box, Model
from backproof.numerics.enclosures.balls.networks import network
from backproof.numerics.enclosures.balls.partials import partial
from backproof.numerics.enclosures.expressions import Expression, program
from backproof.numerics.enclosures.feedforward import FeedForward
from backproof.numerics.enclosures.partials import Partial
from backproof.numerics.enclosures.search import Difference, Enclosed
from backproof.theory.errors import UnsupportedError


def enclose(q: Enclosed, box: Box) -> Model:
    """One rule for each kind."""
    if isinstance(q, Difference):
        return enclose(q.p, box) - enclose(q.q, box)
    if isinstance(q, Expression):
        return program(q.expression, q.variables).run(RULES, box)
    if isinstance(q, FeedForward):
        return network(q, box)
    if isinstance(q, Partial):
        return partial(q, box)
    raise UnsupportedError(
        "ball engine", type(q).__name__, "a network or an expression", "use float"
    )
