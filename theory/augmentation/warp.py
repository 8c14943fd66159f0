"""A warp, y[i, j] = x(i + down[i, j], j + right[i, j]): every pixel from somewhere else."""

from __future__ import annotations

from backproof.theory.augmentation.image import Image, Shape
from backproof.theory.declarations import Array, array
from backproof.theory.model import Model


def warp(shape: Shape, each: bool = False) -> Model:
    """``x`` read at displaced positions, between pixels by bilinear interpolation, zero outside.

    ``down`` and ``right`` are the displacement fields in pixels, of the shape of one image, or one
    field an image with ``each``.  It is linear in x, and has a derivative in the fields too, apart
    from whole numbers.

    Reference: Jaderberg et al., Spatial transformer networks (2015), equation 5.

    >>> list(warp("N h w", each=True).inputs)
    ['x', 'down', 'right']
    """
    field = Array(array(shape).shape[-2:])
    image = Image(shape, {"down": field, "right": field}, each)
    i, j = image.pixels(*image.size)
    front = image.front[:1] if each else ()
    down, right = (image.value(image.given(name, i, j), *front, i, j) for name in ("down", "right"))
    add = image.statement.add
    return image.model(
        image.interpolated(add(image.rows(i), down), add(image.columns(j), right)),
        "Warp by a displacement field",
        "Between pixels: bilinear interpolation.  Outside: zeros.",
    )
