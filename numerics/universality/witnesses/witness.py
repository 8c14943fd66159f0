"""A witness: a network that is constructed, the error that is predicted, and the one certified."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.certify import certify


@dataclass(frozen=True)
class Witness:
    """``network`` approximates ``target`` on the ``domain`` within ``predicted``, by ``because``.

    The distance is that of `certify`: a ``norm``, with ``derivatives`` up to an order.
    """

    name: str
    network: Any
    target: sp.Expr
    units: int
    predicted: float
    because: str
    derivatives: int = 0
    norm: Any = "sup"
    domain: Any = (0, 1)

    @cached_property
    def claim(self) -> Certificate:
        """The certified distance, as sharp as it takes to tell it from the predicted bound."""
        for rtol in (1e-2, 1e-4, 1e-7):
            claim = certify(
                self.network,
                self.target,
                self.domain,
                rtol,
                norm=self.norm,
                derivatives=self.derivatives,
            )
            if claim.upper <= self.predicted or claim.lower > self.predicted:
                break
        return claim

    @property
    def ratio(self) -> float:
        """Certified error over predicted bound: at most one, or a theorem is wrong."""
        return self.claim.upper / self.predicted

    @property
    def verdict(self) -> str:
        """ "within" the bound, "attained" where the two are closer than was told apart, or
        "exceeded", which would refute the bound."""
        if self.claim.lower > self.predicted:
            return "exceeded"
        return "within" if self.claim.upper <= self.predicted else "attained"
