"""Rotation by quarter turns, exact: y[i, j] = x[j, w − 1 − i] for one, counterclockwise."""

from __future__ import annotations

import sympy as sp

from backproof.theory.augmentation.image import Image, Shape
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Affine, Index


def quarter_turn(shape: Shape, turns: int = 1) -> Model:
    """``x`` turned counterclockwise by 1, 2 or 3 quarters, as ``np.rot90`` does it.

    Raises `BackproofError` for other numbers of turns: four are none at all.

    >>> print(quarter_turn("N h w"))
    y[n,i,j] = x[n,j,w-i-1]
    """
    if turns not in (1, 2, 3):
        raise BackproofError("quarter_turn", f"{turns!r} turns", "1, 2 or 3", "reduce by four")
    image = Image(shape)
    h, w = image.size

    def back(index: Index) -> Affine:
        return Affine(index.size - 1, ((index, -sp.S.One),))

    i, j = image.pixels(*((h, w) if turns == 2 else (w, h)))
    entry = {
        1: image.read(j, back(i)),
        2: image.read(back(i), back(j)),
        3: image.read(back(j), i),
    }[turns]
    return image.model(
        image.value(entry, *image.front, i, j),
        f"Rotation by {90 * turns}°",
        "A permutation of the pixels; the four of a square image are a cyclic group.",
    )
