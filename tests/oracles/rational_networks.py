"""Small random ReLU networks of one input in fractions, and their values point by point."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

Layers = list[tuple[list[list[Fraction]], list[Fraction]]]
numbers = st.builds(Fraction, st.integers(-5, 5), st.integers(1, 3))
points = st.builds(Fraction, st.integers(-60, 60), st.integers(15, 40)).filter(lambda x: abs(x) < 3)


@st.composite
def networks(draw: Any, most_layers: int = 3, most_nodes: int = 4) -> Layers:
    """Layers (W, b), the last with one output."""
    widths = draw(st.lists(st.integers(1, most_nodes), min_size=1, max_size=most_layers))
    layers: Layers = []
    for inputs, units in zip([1, *widths], [*widths, 1], strict=True):
        row = st.lists(numbers, min_size=inputs, max_size=inputs)
        weights = draw(st.lists(row, min_size=units, max_size=units))
        layers.append((weights, draw(st.lists(numbers, min_size=units, max_size=units))))
    return layers


def value(layers: Layers, x: Fraction) -> Fraction:
    """The output, a ReLU after each layer but the last."""
    h = [x]
    for n, (weights, bias) in enumerate(layers):
        z = []
        for row, b in zip(weights, bias, strict=True):
            total = b
            for w, entry in zip(row, h, strict=True):
                total += w * entry
            z.append(total if n == len(layers) - 1 or total > 0 else Fraction(0))
        h = z
    return h[0]
