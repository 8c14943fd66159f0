"""Modules and functions of torch and JAX: the wrong ones refuted, the right ones never."""

from collections.abc import Callable
from typing import Any

import pytest

from backproof.numerics.judge import verify
from backproof.specs import named

pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
pytest.importorskip("jax", reason="JAX is not installed: pip install backproof[jax]")

from mutants.foreign import RIGHT, WRONG, Foreign, Mutant

BY_JAX = [m for m in WRONG if "jax" in m.of.source]
QUICK = [m for m in WRONG if m not in BY_JAX] + BY_JAX[:2]  # JAX compiles anew for every shape
DTYPES = ("float64", "float32")


def refuted(mutant: Mutant, seed: int, dtype: str = "float64") -> None:
    result = verify(mutant.made(), named(mutant.of.against), dtype=dtype, seed=seed)
    assert result.verdict == "refuted", str(result)
    blamed = {n for n, state in result.outputs.items() if state == "wrong"}
    if "mu**2" in mutant.new:  # whether a gradient shows what cancels depends on the points
        assert {"y", "dgamma"} <= blamed <= set(mutant.wrong)
    else:
        assert blamed == set(mutant.wrong)


@pytest.mark.parametrize("mutant", QUICK, ids=lambda m: m.name)
def test_what_is_wrong_is_refuted(mutant: Mutant, tally: Callable[[str, int], None]) -> None:
    tally("wrong functions of frameworks refuted", 1)
    refuted(mutant, 11)


@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_what_is_right_is_verified(code: Foreign) -> None:
    result = verify(code.made(), named(code.against), seed=5)
    assert result.verdict == "verified", str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mutant", WRONG, ids=lambda m: m.name)
def test_what_is_wrong_is_refuted_at_any_seed(mutant: Mutant, seed: int) -> None:
    refuted(mutant, seed)


@pytest.mark.sweep
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("code", RIGHT, ids=lambda c: c.name)
def test_what_is_right_is_never_refuted(
    code: Foreign, dtype: str, tally: Callable[[str, int], None]
) -> None:
    made: Any = code.made()
    for seed in range(20):
        tally("right functions of frameworks judged", 1)
        result = verify(made, named(code.against), dtype=dtype, seed=seed)
        assert result.verdict == "verified", str(result)
