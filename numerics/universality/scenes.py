"""The figure that moves for each step of a proof of universality, by the name of the step."""

from collections.abc import Callable

from backproof.numerics.scene import Scene
from backproof.numerics.universality import scenes_of_duality as duality
from backproof.numerics.universality import scenes_of_lines as lines
from backproof.numerics.universality import scenes_of_powers as powers
from backproof.numerics.universality import scenes_of_rates as rates

SCENES: dict[str, Callable[[], Scene]] = {
    "Hahn–Banach": duality.hahn_banach,
    "Riesz, for continuous functions": duality.riesz,
    "Riesz, for L^p": duality.riesz_lp,
    "What is to be shown": duality.annihilated,
    "Limits λ → ∞": duality.limits,
    "Half-spaces have measure zero": duality.half_spaces,
    "Reduction to one dimension": lines.projections,
    "From half-lines to everything": lines.intervals,
    "Convolution with a small Gaussian": lines.smoothing,
    "Change of variables": lines.change,
    "The ideal of L¹": lines.ideal,
    "Functionals on C^m": powers.derivatives,
    "Smoothing moves the derivatives": powers.mollified,
    "Only if": powers.only_if,
    "Ridge functions": powers.ridges,
    "Monomials by divided differences": powers.divided,
    "Weierstrass": powers.weierstrass,
    "Without smoothness": powers.without_smoothness,
    "Densities add up to one": rates.densities,
    "The modulus of continuity": rates.modulus,
    "Leaving out far terms": rates.far_terms,
    "The mean distance for every n": rates.mean_distance,
    "The constant": rates.spectrum,
    "A convex hull": rates.convex_hull,
    "Maurey's average": rates.maurey,
    "Relaxed greedy steps": rates.greedy,
    "Orthogonal greedy steps": rates.projected,
    "Greedy approximation": rates.greedy,
}
