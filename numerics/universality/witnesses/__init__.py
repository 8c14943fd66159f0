"""Constructive witnesses, one small file each: a network and the bound that is predicted for it."""

from backproof.numerics.universality.witnesses.bernstein import bernstein
from backproof.numerics.universality.witnesses.bernstein_network import bernstein_network
from backproof.numerics.universality.witnesses.jackson import jackson
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.monotone_steps import monotone_steps
from backproof.numerics.universality.witnesses.polynomials import polynomial
from backproof.numerics.universality.witnesses.product import product
from backproof.numerics.universality.witnesses.relaxed_greedy import relaxed_greedy
from backproof.numerics.universality.witnesses.relu_interpolation import relu_interpolation
from backproof.numerics.universality.witnesses.ridge import ridge
from backproof.numerics.universality.witnesses.staircase import staircase
from backproof.numerics.universality.witnesses.steps import steps
from backproof.numerics.universality.witnesses.taylor import taylor
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.numerics.universality.witnesses.yarotsky import yarotsky

OF_A_TARGET = (
    steps,
    staircase,
    jackson,
    relu_interpolation,
    bernstein,
    bernstein_network,
    relaxed_greedy,
)
MONOTONE = (monotone_steps,)
OF_THEIR_OWN = (monomial, polynomial, product, taylor, yarotsky, ridge)

__all__ = ["MONOTONE", "OF_A_TARGET", "OF_THEIR_OWN", "Witness"]
