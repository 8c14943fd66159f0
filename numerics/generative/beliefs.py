"""What the leaves say of the root: posteriors, their law at small depth in fractions, and beyond.

``law`` follows the law of |E[σ | leaves]| through the recursion of
`backproof.theory.generative.beliefs`, exactly.  ``density_evolution`` does so on a grid, twice:
replacing atoms by their mean makes a channel worse, splitting an atom onto two neighbours of the
same mean makes it better (data processing), so both together enclose the truth at any depth.
References: Richardson and Urbanke, Modern coding theory, 2008, chapter 4; Tal and Vardy, How to
construct polar codes, IEEE Transactions on Information Theory 59 (2013).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.generative.beliefs import M1, M2, merged

Array = np.ndarray[Any, np.dtype[Any]]
Law = dict[Fraction, Fraction]
ROUNDING = 1e-9  # far above what depth × grid additions in double precision lose


def _quotient(expression: sp.Expr) -> Callable[[Any, Any], Any]:
    """A rational function of m₁ and m₂ for arrays and for fractions: no 1/2 becomes a float."""
    above, below = (
        sp.lambdify((M1, M2), part, modules="math") for part in sp.fraction(sp.together(expression))
    )
    return lambda m, k: above(m, k) / below(m, k)


_chance, _agrees, _differs = map(_quotient, (merged().chance, merged().agrees, merged().differs))


def posterior(leaves: Any, colours: int, copies: Fraction) -> tuple[Fraction, ...]:
    """The posterior of the root given the colours of all leaves, by the recursion, in fractions.

    ``leaves`` is a nested tuple: a colour 0 … q − 1, or the subtrees of a vertex.  Upwards,
    u(c) ∝ Π_children Σ_{c′} [λ δ_{cc′} + (1 − λ)/q] u_child(c′).

    >>> posterior((0, 0, 1), 2, Fraction(1, 2))
    (Fraction(3, 4), Fraction(1, 4))
    """
    if not isinstance(leaves, tuple):
        return tuple(Fraction(int(c == leaves)) for c in range(colours))
    belief = [Fraction(1)] * colours
    for child in leaves:
        below = posterior(child, colours, copies)
        fresh = (1 - copies) / colours
        belief = [u * (copies * v + fresh) for u, v in zip(belief, below, strict=True)]
    total = sum(belief)
    return tuple(u / total for u in belief)


def law(b: int, theta: Fraction, depth: int) -> Law:
    """The law of |E[σ | leaves]| at a depth: the atoms and their probabilities, exactly.

    >>> sorted(law(2, Fraction(1, 2), 1).items())
    [(Fraction(0, 1), Fraction(3, 8)), (Fraction(4, 5), Fraction(5, 8))]
    """
    found: Law = {Fraction(1): Fraction(1)}
    for _ in range(depth):
        child: Law = {}
        for m, p in found.items():
            child[theta * m] = child.get(theta * m, Fraction(0)) + p
        found = child
        for _ in range(b - 1):
            found = _merge(found, child)
    return found


def _merge(first: Law, second: Law) -> Law:
    found: Law = {}
    for m, p in first.items():
        for k, q in second.items():
            chance = _chance(m, k)
            cases = [(_agrees(m, k), chance)]
            if chance != 1:
                cases.append((abs(_differs(m, k)), 1 - chance))
            for value, share in cases:
                found[value] = found.get(value, Fraction(0)) + p * q * share
    return found


def success(beliefs: Law) -> Fraction:
    """The chance that the likelier colour is the right one: (1 + E|M|)/2."""
    return (1 + sum((m * p for m, p in beliefs.items()), Fraction(0))) / 2


def second_moment(beliefs: Law) -> Fraction:
    """E M²: the squared correlation of the best estimate with the root."""
    return sum((m**2 * p for m, p in beliefs.items()), Fraction(0))


# on a grid -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evolution:
    """Bounds at depths 0 … n of the chance (1 + E|M|)/2 and of E M², each of shape (n + 1, 2)."""

    success: Array
    second_moment: Array


def density_evolution(b: int, theta: float, depth: int, cells: int = 400) -> Evolution:
    """Enclosures of the best chance of guessing the root from the leaves, at each depth.

    ``cells`` is the number of cells of the grid on [0, 1]; a level costs (b − 1) cells².

    >>> found = density_evolution(2, 0.9, 3, cells=200)
    >>> exact = float(success(law(2, Fraction(9, 10), 3)))
    >>> bool(found.success[3, 0] <= exact <= found.success[3, 1])
    True
    """
    if not (0 <= theta <= 1 and b >= 2 and depth >= 0 and cells >= 2):
        found = f"b={b}, θ={theta}, depth {depth}, {cells} cells"
        raise BackproofError("density_evolution", found, "b ≥ 2, θ in [0, 1], cells ≥ 2", "check")
    rows = []
    for better in (False, True):
        m, p = np.ones(1), np.ones(1)
        row = [(1.0, 1.0)]
        for _ in range(depth):
            child = _quantised(theta * m, p, cells, better)
            m, p = child
            for _ in range(b - 1):
                m, p = _quantised(*_merged_atoms(m, p, *child), cells, better)
            row.append((float((1 + m @ p) / 2), float(m**2 @ p)))
        rows.append(row)
    both = np.array(rows) + np.array([-ROUNDING, ROUNDING])[:, None, None]
    both[:, 0] = 1.0
    return Evolution(both[:, :, 0].T.copy(), both[:, :, 1].T.copy())


def _merged_atoms(m: Array, p: Array, k: Array, q: Array) -> tuple[Array, Array]:
    first, second = m[:, None], k[None, :]
    weight = p[:, None] * q[None, :]
    chance = _chance(first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        differs = np.where(chance < 1, np.abs(_differs(first, second)), 0.0)
    values = np.concatenate([_agrees(first, second).ravel(), np.minimum(differs, 1).ravel()])
    return values, np.concatenate([(weight * chance).ravel(), (weight * (1 - chance)).ravel()])


def _quantised(m: Array, p: Array, cells: int, better: bool) -> tuple[Array, Array]:
    """Atoms on the grid (better) or one a cell at its mean (worse): E|M| stays as it was."""
    place = np.minimum((m * cells).astype(np.intp), cells - 1)
    if better:
        share = np.clip(m * cells - place, 0, 1)
        weight = np.bincount(place, p * (1 - share), cells + 1)
        weight += np.bincount(place + 1, p * share, cells + 1)
        atoms = np.arange(cells + 1) / cells
    else:
        weight = np.bincount(place, p, cells)
        with np.errstate(invalid="ignore"):
            atoms = np.bincount(place, p * m, cells) / weight
    kept = weight > 0
    # A merge squares the total weight: an error of it would double at every level.
    return atoms[kept], weight[kept] / weight.sum()


def evolved(b: int, thetas: Sequence[float], depth: int, cells: int = 200) -> Array:
    """The last row of `density_evolution` for several θ: success of shape (thetas, 2)."""
    return np.array([density_evolution(b, theta, depth, cells).success[-1] for theta in thetas])
