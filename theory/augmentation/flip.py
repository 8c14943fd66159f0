"""A flip, y[i, j] = x[i, w − 1 − j]: the mirror image."""

from __future__ import annotations

import sympy as sp

from backproof.theory.augmentation.image import Image, Shape
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Affine


def flip(shape: Shape, axis: str = "columns") -> Model:
    """The mirror image of ``x``, left and right exchanged (``"columns"``) or top and bottom.

    Raises `BackproofError` for another axis or a shape without rows and columns.

    >>> print(flip("N h w"))
    y[n,i,j] = x[n,i,w-j-1]
    """
    if axis not in ("rows", "columns"):
        raise BackproofError("flip", f"axis {axis!r}", "'rows' or 'columns'", "pick one")
    image = Image(shape)
    h, w = image.size
    i, j = image.pixels(h, w)
    turned = {index: Affine(index.size - 1, ((index, -sp.S.One),)) for index in (i, j)}
    entry = image.read(turned[i], j) if axis == "rows" else image.read(i, turned[j])
    return image.model(
        image.value(entry, *image.front, i, j),
        f"Flip of {axis}",
        "A permutation of the pixels and its own inverse: with the identity a group of two.",
    )
