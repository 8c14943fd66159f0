"""Rotation about the centre by any angle, with bilinear interpolation.

The pixel at (i, j) comes from the position

    p = r + cos α (i − r) + sin α (j − c)        r = (h − 1)/2
    q = c − sin α (i − r) + cos α (j − c)        c = (w − 1)/2
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.augmentation.image import Image, Shape
from backproof.theory.declarations import Array
from backproof.theory.model import Model
from backproof.theory.trace.values import Value


def rotate(shape: Shape, each: bool = False) -> Model:
    """``x`` turned counterclockwise by ``angle``, in radians, about the centre of the image.

    With ``each`` there is one angle for each image.  The shape stays, what leaves it is lost, and
    what comes from outside is zero.  A quarter turn of a square image is `quarter_turn`, up to
    the rounding of cos and sin.

    >>> list(rotate("N h w").inputs)
    ['x', 'angle']
    """
    image = Image(shape, {"angle": Array(())}, each)
    (h, w), (i, j) = image.size, image.pixels(*image.size)
    apply = image.statement.elementwise
    front = image.front[:1] if each else ()
    angle = image.value(image.given("angle"), *front)
    cosine, sine = (
        image.statement.bind(apply(function, angle), name)
        for function, name in ((sp.cos, "cosine"), (sp.sin, "sine"))
    )
    turn = [Value((*t.axes, *((None, None) if each else ())), t.rhs) for t in (cosine, sine)]
    r, c = (h - 1) / 2, (w - 1) / 2
    around = (image.rows(i), image.columns(j), *turn)
    down = apply(lambda y, x, cos, sin: r + cos * (y - r) + sin * (x - c), *around)
    right = apply(lambda y, x, cos, sin: c - sin * (y - r) + cos * (x - c), *around)
    return image.model(
        image.interpolated(down, right),
        "Rotation",
        "Between pixels: bilinear interpolation.  Outside: zeros.",
    )
