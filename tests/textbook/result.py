"""What a textbook result is: where it stands, the statement, the book's formula, the print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backproof.theory.declarations import Array


@dataclass(frozen=True)
class Result:
    """One result: where it stands, the statement in NumPy, its derivative, and the printed form.

    ``book`` is the book's formula as NumPy, typed from the book and not from the library; names
    differ from the book's where Python needs it (Φ is P, β is w, λ is lam).  ``closed`` is the
    text of the closed form: the book's formula up to names.  ``matrix``, ``text`` and ``latex``
    are lines of the derivation, where the book has several.
    """

    name: str
    where: str
    source: str
    shapes: Mapping[str, str | Array]
    wrt: str
    book: str
    closed: str = ""
    matrix: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    latex: tuple[str, ...] = ()
    order: int = 1
    positive: tuple[str, ...] = ()


BISHOP = "Bishop, Pattern Recognition and Machine Learning (2006)"
BOYD = "Boyd and Vandenberghe, Convex Optimization (2004)"
COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook (version of November 15, 2012)"
GILES = "Giles, Collected Matrix Derivative Results for Algorithmic Differentiation (2008)"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning (2016)"
HASTIE = "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed. (2009)"
LECTURE = "Mossel, Mathematics of Deep Learning, lecture 1 (MIT, 2017)"
MAGNUS = "Magnus and Neudecker, Matrix Differential Calculus, 3rd ed. (2019)"
MURPHY = "Murphy, Probabilistic Machine Learning: An Introduction (2022)"
RASMUSSEN = "Rasmussen and Williams, Gaussian Processes for Machine Learning (2006)"
