"""Wrong mathematics that the checks of theorems must refute: each replaces one function.

A mutant is (theorem, module, name of the function there, what it becomes).
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Mutant(NamedTuple):
    """One function of one module, replaced; ``make`` gets the right one.

    ``cached`` names a function of the module whose memory of the right one has to be cleared.
    """

    theorem: str
    module: str
    name: str
    story: str
    make: Callable[[Any], Any]
    cached: str = ""


NUMERICS = "backproof.numerics"

MUTANTS = (
    Mutant(
        "livni-basis-learner",
        f"{NUMERICS}.complexity.livni",
        "generic_rank",
        "degree t alone is counted, not degrees up to t",
        lambda right: lambda m, d, t: min(m, right(10**9, d, t) - right(10**9, d, t - 1)),
    ),
    Mutant(
        "livni-basis-learner",
        f"{NUMERICS}.complexity.livni",
        "learn",
        "the labels are shifted by one point",
        lambda right: lambda points, labels: right(points, [*labels[1:], labels[0]]),
    ),
    Mutant(
        "livni-sigmoid",
        f"{NUMERICS}.complexity.chebyshev",
        "sigmoid",
        "tanh for the logistic function",
        lambda right: lambda t: 2 * right(2 * t) - 1,
    ),
    Mutant(
        "livni-sigmoid",
        "backproof.theory.complexity.sigmoid",
        "height_bound",
        "M of a fortieth",
        lambda right: lambda height: right(height) / 40,
        "_closed_form",
    ),
    Mutant(
        "livni-geco",
        f"{NUMERICS}.complexity.geco",
        "curvature",
        "β of a fiftieth",
        lambda right: lambda x: right(x) / 50,
    ),
    Mutant(
        "daniely",
        f"{NUMERICS}.complexity.daniely",
        "encode",
        "the sign of a literal is lost",
        lambda right: lambda clause, n: right([abs(l) for l in clause], n),
    ),
    Mutant(
        "daniely",
        f"{NUMERICS}.complexity.daniely",
        "disjunction",
        "the literals of one slot only",
        lambda right: lambda psi, slots: right(psi, 1),
    ),
    Mutant(
        "daniely",
        f"{NUMERICS}.complexity.daniely",
        "mistaken",
        "a clause is false with chance ½",
        lambda right: lambda slots, word: right(1, word),
    ),
    Mutant(
        "shamir-parities",
        f"{NUMERICS}.complexity.parities",
        "walsh",
        "the last axis is not transformed",
        lambda right: lambda values: values,
    ),
    Mutant(
        "stein",
        f"{NUMERICS}.algorithms.stein",
        "draw",
        "the shares of the mixture exchanged",
        lambda right: lambda points, seed: right(points, seed) * [1, -1],
    ),
)
