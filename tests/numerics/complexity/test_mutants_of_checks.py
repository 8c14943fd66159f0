"""The checks of theorems go red on wrong mathematics."""

from __future__ import annotations

import importlib

import pytest
from mutants.checks import MUTANTS, Mutant

import backproof as bp


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.theorem}: {m.story}")
def test_a_mutant_is_refuted(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(mutant.module)
    monkeypatch.setattr(module, mutant.name, mutant.make(getattr(module, mutant.name)))
    clear = getattr(getattr(module, mutant.cached, None), "cache_clear", lambda: None)
    clear()
    try:
        assert not bp.check(mutant.theorem).holds
    finally:
        clear()
