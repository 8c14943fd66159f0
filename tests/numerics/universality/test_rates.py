"""The checks of the theorems with a rate hold, and do not where a constant is wrong."""

from __future__ import annotations

import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.universality import rates
from backproof.theory.universality import barron


@pytest.mark.parametrize("name", ["barron", "jackson"])
def test_the_check_holds(name: str) -> None:
    found = bp.check(name)
    assert found.holds, str(found)


def test_wrong_constants_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rates, "MEAN_DISTANCE", 1.4)
        assert not rates.check_jackson().holds
    with monkeypatch.context() as patch:
        patch.setattr(barron, "gaussian", lambda d: sp.sqrt(d))  # an upper bound, and not C_f
        assert not rates.check_barron().holds
    with monkeypatch.context() as patch:
        patch.setattr(barron, "bound", lambda constant, r, n: constant / (100 * n))
        assert not rates.check_barron().holds
