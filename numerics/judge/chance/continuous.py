"""Draws of a real unit: Gaussian, exponential, truncated, bounded, logistic.

The distribution follows from the energy alone, F(y) = ∫_{−∞}^y e^{−E} / ∫ e^{−E}, by quadrature.
A draw y of any field is then turned into F(y), which is uniform.

    sup |F̂ₙ − F| ≥ ε      has probability ≤ 2 exp(−2 n ε²)

Reference: P. Massart, The tight constant in the Dvoretzky–Kiefer–Wolfowitz inequality (Annals of
Probability, 1990).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.judge.chance.contract import BUDGET, Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, counted
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.units.unit import FIELD, STATE, Unit

ROWS, UNITS = 10_000, 2
PANELS, NODES = 20_000, 4  # of the quadrature
TAILS = np.array([0, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0])
CALLS = 300
SMALL = 0.02  # a shift or a widening of F below this is not named


@dataclass(frozen=True)
class Continuous(Contract):
    """Draws y ~ e^{−E(y, z)} for an array of fields z: one draw for each entry, independent.

    ``energy`` is E in the symbols of a unit and its ``parameters``; ``fields`` are ranges from
    which a field and each parameter are drawn.
    """

    energy: sp.Expr = sp.S.Zero
    support: Any = sp.Reals
    parameters: tuple[sp.Symbol, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    budget: float = BUDGET

    @classmethod
    def of(cls, unit: Unit, *ranges: tuple[float, float]) -> Continuous:
        """The contract of a unit of an energy; ranges of the field and of each parameter."""
        name = f"{unit.name}_draws"
        return cls(name, BUDGET, unit.energy, unit.support, unit.parameters, ranges)

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("z", *(symbol.name for symbol in self.parameters))

    @property
    def title(self) -> str:
        return f"draws with the energy {self.energy}"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for number, uniform in enumerate(self.uniforms(caller, seed)):
            words = f"setting {number + 1}"
            yield supremum(f"the distribution function, {words}", uniform.ravel())
            cells = np.histogram(uniform, TAILS)[0]
            yield counted(f"the tails, {words}", cells, np.diff(TAILS), _cell)
            yield _halves(f"units of one row, {words}", uniform[:, 0], uniform[:, 1])
            yield _halves(f"rows of one batch, {words}", uniform[0::2, 0], uniform[1::2, 0])

    def uniforms(self, caller: Caller, seed: int) -> Iterator[Array]:
        """F of every draw, for two settings of field and parameters; the second call by call."""
        rng = np.random.default_rng([seed, 53])
        for number in range(2):
            z, *rest = (rng.uniform(*bounds) for bounds in self.ranges)
            given = {s.name: float(v) for s, v in zip(self.parameters, rest, strict=True)}
            low, high = self.ranges[0]
            fields = np.tile([z, (low + high) / 2], (ROWS, 1))
            if number == 0:
                caller.require_generator({"z": fields[:8].copy(), **given}, seed)
                drawn = self._drawn(caller, rng, {"z": fields, **given})
            else:
                parts = [self._drawn(caller, rng, {"z": fields[:2], **given}) for _ in range(CALLS)]
                drawn, fields = np.concatenate(parts), fields[: 2 * CALLS]
            yield np.stack(
                [self.distribution(fields[0, n], *rest)(drawn[:, n]) for n in range(UNITS)], axis=1
            )

    def _drawn(self, caller: Caller, rng: np.random.Generator, values: dict[str, Any]) -> Array:
        made = caller(rng, **{n: v for n, v in values.items() if caller.takes(n)})
        found: Array = np.asarray(made[0] if isinstance(made, tuple) else made, float)
        wanted = values["z"].shape
        if found.shape != wanted:
            was, move = f"shape {found.shape}", "draw one for each field"
            raise Broken(Finding("shape", "wrong", caller.title, was, f"{wanted}", move))
        low, high = float(self.support.inf), float(self.support.sup)
        outside = found[~((found >= low) & (found <= high))]
        if outside.size:
            was, move = f"the draw {outside[0]:.6g}", "draw from the support"
            raise Broken(Finding("support", "wrong", caller.title, was, str(self.support), move))
        return found

    def distribution(self, *parameters: float) -> Callable[[Array], Array]:
        """F for a field and values of the parameters, by panels of Gauss and Legendre."""
        symbols = (FIELD, *self.parameters)
        energy = sp.lambdify(
            STATE, self.energy.xreplace(dict(zip(symbols, parameters, strict=True)))
        )
        ends = _ends(energy, float(self.support.inf), float(self.support.sup))
        edges = np.linspace(*ends, PANELS + 1)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        half = (edges[1] - edges[0]) / 2
        at = edges[:-1, None] + half * (nodes + 1)
        levels = np.asarray(energy(at), float)
        mass = np.exp(-(levels - levels.min())) @ weights
        grid = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
        return lambda y: np.interp(y, edges, grid)

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """Which of a few moments is off, in words."""
        if any("distribution function" in t.words or "tails" in t.words for t in failed):
            found = list(self.uniforms(caller, seed + 1))
            shifts = {np.sign(m) if abs(m := float(np.mean(u)) - 0.5) > SMALL else 0 for u in found}
            spread = {
                np.sign(w) if abs(w := float(np.var(u)) * 12 - 1) > SMALL else 0 for u in found
            }
            if shifts in ({1}, {-1}):
                return "its draws are too " + ("great" if shifts == {1} else "small")
            if shifts == {0} and spread in ({1}, {-1}):
                return "its draws are too " + ("wide" if spread == {1} else "narrow")
            return "its draws follow another distribution"
        return "its draws depend on each other"


def _sign(number: float) -> int:
    return 0 if abs(number) <= SMALL else 1 if number > 0 else -1


def _ends(energy: Callable[[Any], Any], low: float, high: float) -> tuple[float, float]:
    """The part of the support beyond which a density is below e⁻⁴⁵ of its greatest value."""
    grid = np.linspace(max(low, -200.0), min(high, 200.0), 400_001)
    levels = np.asarray(energy(grid), float) + np.zeros(grid.shape)
    inside = grid[levels <= levels.min() + 45]
    step = grid[1] - grid[0]
    return max(float(inside[0]) - step, low), min(float(inside[-1]) + step, high)


def supremum(words: str, uniform: Array) -> Callable[[float], Test]:
    """Kolmogorov and Smirnov's statistic of numbers that are to be uniform, with Massart's bound.

    >>> test = supremum("all", (np.arange(1000) + 0.5) / 1000)(1e-6)
    >>> test.rejects, round(test.statistic, 4), round(test.threshold, 4)
    (False, 0.0005, 0.0852)
    """

    def test(alpha: float) -> Test:
        ordered = np.sort(uniform)
        n = len(ordered)
        above = np.arange(1, n + 1) / n - ordered
        below = ordered - np.arange(n) / n
        statistic = float(max(above.max(), below.max()))
        bound = float(np.sqrt(np.log(2 / alpha) / (2 * n)))
        at = float(ordered[int(np.argmax(np.maximum(above, below)))])
        power = f"a distance of {2 * bound:.2g} is found with power at least {1 - alpha:.6f}"
        return Test(words, statistic, bound, n, f"furthest off where F = {at:.4f}", power)

    return test


def _halves(words: str, one: Array, two: Array) -> Callable[[float], Test]:
    """Whether two draws lie above their medians independently."""
    kind = 2 * (one > 0.5) + (two > 0.5)
    return counted(words, np.bincount(kind, minlength=4), np.full(4, 0.25), _outcome)


def _outcome(kind: int) -> str:
    told = ("neither", "the second alone", "the first alone", "both")[kind]
    return f"{told} above the median"


def _cell(cell: int) -> str:
    return f"F between {TAILS[cell]:g} and {TAILS[cell + 1]:g}"
