"""Networks of squared units, t ↦ t², compute every polynomial exactly.

    x y = ((x + y)² − (x − y)²)/4,        x = ((x + 1)² − (x − 1)²)/4

A layer of squares multiplies, and hands on.  Powers of one variable double in degree with every
layer: x^k = x^⌈k/2⌉ x^⌊k/2⌋; so a polynomial of degree D takes ⌈log₂ D⌉ layers of at most 2D + 2
units.
Reference: R. Livni, S. Shalev-Shwartz, O. Shamir, On the computational efficiency of training
neural networks, NeurIPS 2014, section 4 (construction in our words).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.theory.errors import BackproofError

Row = dict[int, sp.Expr]  # coefficients of the layer below, by place; −1 is the constant


@dataclass(frozen=True)
class Squares:
    """Layers of rows: unit = (Σ row · below + row[−1])²; ``output`` is linear on the last layer.

    The input layer is (x,).
    """

    layers: tuple[tuple[Row, ...], ...]
    output: Row

    @property
    def depth(self) -> int:
        return len(self.layers)

    @property
    def width(self) -> int:
        return max((len(layer) for layer in self.layers), default=0)

    def __call__(self, x: sp.Expr) -> sp.Expr:
        """The network at a number or a symbol, in SymPy's exact arithmetic."""
        below: list[sp.Expr] = [sp.sympify(x)]
        for layer in self.layers:
            below = [linear(row, below) ** 2 for row in layer]
        return linear(self.output, below)


def linear(row: Row, below: Sequence[sp.Expr]) -> sp.Expr:
    """Σ row[i] below[i] + row[−1]."""
    constant = row.get(-1, sp.S.Zero)
    return sp.Add(constant, *(c * below[i] for i, c in row.items() if i >= 0))


def combine(*parts: tuple[sp.Expr, Row]) -> Row:
    """A linear combination of rows."""
    total: Row = {}
    for factor, row in parts:
        for place, c in row.items():
            total[place] = total.get(place, sp.S.Zero) + factor * c
    return {place: c for place, c in total.items() if c != 0}


def polynomial(coefficients: Sequence[sp.Expr]) -> Squares:
    """The network of squares that is Σ_k c_k x^k.

    >>> x = sp.Symbol("x")
    >>> net = polynomial([1, 0, 3, 2])
    >>> sp.expand(net(x)), net.depth, net.width
    (2*x**3 + 3*x**2 + 1, 2, 5)
    """
    c = [sp.sympify(v) for v in coefficients]
    if not c:
        raise BackproofError(
            "coefficients", "none", "c_0, c_1, …", "give [0] for the zero function"
        )
    one: Row = {-1: sp.S.One}
    powers: dict[int, Row] = {0: one, 1: {0: sp.S.One}}
    layers: list[tuple[Row, ...]] = []
    while max(powers) < len(c) - 1:
        reach = min(2 * max(powers), len(c) - 1)
        units: list[Row] = []
        above: dict[int, Row] = {0: one}
        for k in range(1, reach + 1):
            p, q = powers[(k + 1) // 2], powers[k // 2]
            if k % 2 == 0:
                above[k] = {len(units): sp.S.One}
                units.append(p)
                continue
            quarter = sp.Rational(1, 4)
            above[k] = {len(units): quarter, len(units) + 1: -quarter}
            units += [combine((sp.S.One, p), (sp.S.One, q)), combine((sp.S.One, p), (-sp.S.One, q))]
        layers.append(tuple(units))
        powers = above
    return Squares(tuple(layers), combine(*((v, powers[k]) for k, v in enumerate(c))))


def layers_of_squares(degree: int) -> int:
    """⌈log₂ D⌉."""
    return max(degree - 1, 0).bit_length()
