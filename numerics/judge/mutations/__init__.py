"""How derivations go wrong: small changes of equations, one file for each kind, listed here.

A mutation is generated from the equations alone (contractions, maps, reductions, deltas), never
for a model.  The judge holds a wrong function against the mutated equations: a mutation that
gives all its numbers names the mistake.
"""

from backproof.numerics.judge.mutations.coefficients import coefficients
from backproof.numerics.judge.mutations.constants import constants
from backproof.numerics.judge.mutations.examples import examples
from backproof.numerics.judge.mutations.exchanges import exchanges, repeated
from backproof.numerics.judge.mutations.labels import labels, overwritten
from backproof.numerics.judge.mutations.mutation import Generator, Mutation, Scene
from backproof.numerics.judge.mutations.normalisers import normalisers
from backproof.numerics.judge.mutations.operands import operands, reversals, transposes
from backproof.numerics.judge.mutations.penalties import penalties
from backproof.numerics.judge.mutations.scalings import scalings
from backproof.numerics.judge.mutations.slopes import slopes
from backproof.numerics.judge.mutations.terms import factors_left_out, multiplied_again, terms
from backproof.numerics.judge.mutations.weights import counts, weights

MUTATIONS: tuple[Generator, ...] = (
    coefficients,
    terms,
    factors_left_out,
    penalties,
    operands,
    transposes,
    reversals,
    slopes,
    constants,
    normalisers,
    labels,
    overwritten,
    examples,
    multiplied_again,
    weights,
    counts,
    exchanges,
    repeated,
    scalings,
)

__all__ = ["MUTATIONS", "Generator", "Mutation", "Scene"]
