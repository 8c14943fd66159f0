"""Operators on images, for data augmentation: one small file each; listed here.

Each makes a `Model` with an image ``x`` that is read linearly, and an output ``y``.  Beside them:
`adjoint` of such a map, an objective `averaged` over some of them, and the `invariance` that this
imposes.
"""

from backproof.theory.augmentation.crop import crop
from backproof.theory.augmentation.flip import flip
from backproof.theory.augmentation.quarter_turn import quarter_turn
from backproof.theory.augmentation.rotate import rotate
from backproof.theory.augmentation.warp import warp
from backproof.theory.averaging import averaged, invariance
from backproof.theory.calculus.adjoint import adjoint

OPERATORS = (crop, flip, quarter_turn, rotate, warp)

__all__ = [
    "OPERATORS",
    "adjoint",
    "averaged",
    "invariance",
    *(operator.__name__ for operator in OPERATORS),
]
