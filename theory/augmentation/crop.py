"""A crop, y[i, j] = x[top + i, left + j]: a window of the image."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.augmentation.image import Image, Shape
from backproof.theory.declarations import array, read_size
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import Affine, Index, Subscript

STARTS = ("top", "left")


def crop(
    shape: Shape,
    size: tuple[int | str, int | str],
    at: tuple[int | str, int | str] | None = None,
    each: bool = False,
) -> Model:
    """The window of ``size`` rows and columns of ``x`` whose first pixel is ``at``.

    Without ``at`` the first pixel is a pair of inputs, the integers ``top`` and ``left``, and with
    ``each`` one pair for each image: random crops are calls with random integers.

    Raises `BackproofError` for a window that is not provably inside of the image.

    >>> print(crop("N h+4 w+4", ("h", "w"), each=True))
    y[n,i,j] = x[n,top[n]+i,left[n]+j]
    """
    whole, window = array(shape).shape[-2:], _two("sizes", size)
    room = [sp.expand(total - part) for total, part in zip(whole, window, strict=False)]
    for space, part, total in zip(room, window, whole, strict=False):
        if not space.is_nonnegative:
            raise BackproofError(
                "crop",
                f"{part} of {total} pixels",
                "a window that is provably inside",
                "state the image by a size such as 'h+4'",
            )
    pixels: tuple[Index, Index]
    places: list[Subscript] = []
    if at is not None:
        image = Image(shape)
        pixels = image.pixels(*window)
        for start, space, k in zip(_two("starts", at), room, pixels, strict=True):
            if not sp.expand(space - start).is_nonnegative:
                raise BackproofError("crop", f"a start at {start}", f"0 … {space}", "move it")
            places.append(Affine(start, ((k, sp.S.One),)))
    else:
        bounds = (array("", dtype=int, below=str(space + 1)) for space in room)
        image = Image(shape, dict(zip(STARTS, bounds, strict=False)), each)
        pixels = image.pixels(*window)
        for name, k in zip(STARTS, pixels, strict=True):
            places.append(Affine(sp.S.Zero, ((k, sp.S.One), (image.given(name), sp.S.One))))
    return image.model(
        image.value(image.read(*places), *image.front, *pixels),
        "Crop",
        "A linear map that forgets: its adjoint puts the window back among zeros.",
    )


def _two(what: str, given: Sequence[int | str]) -> tuple[sp.Expr, sp.Expr]:
    """Two sizes, or two starts, which may be zero."""
    if len(given) != 2:
        raise BackproofError("crop", f"{len(given)} {what}", "two, of rows and columns", "fix it")
    first, second = (
        sp.S.Zero if str(s) == "0" and what == "starts" else read_size(str(s)) for s in given
    )
    return first, second
