"""Machines of a file by their definition alone: every state, and quadrature over real units.

Written from the energy that the file's convention states, without the library: its answers are
compared with those of `backproof.exact` on machines that no file holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

State = dict[str, float]
NODES = 60


class Enumerated:
    """All states of a machine with their weights; real units on Gauss–Legendre nodes.

    ``reach`` is how far from zero a real unit's range is taken; the weight beyond is negligible
    for the machines of the tests.
    """

    def __init__(self, case: Mapping[str, Any], reach: float = 9.0) -> None:
        self.case = case
        self.names = [u["name"] for u in case["units"]]
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        self.tables: list[tuple[np.ndarray, np.ndarray]] = []
        for u in case["units"]:
            kind = u["type"]
            if kind == "binary":
                self.tables.append((np.array([0.0, 1.0]), np.ones(2)))
            elif kind == "spin":
                self.tables.append((np.array([-1.0, 1.0]), np.ones(2)))
            elif kind == "categorical":
                self.tables.append((np.arange(float(u["K"])), np.ones(u["K"])))
            else:
                low = -reach if kind == "gaussian" else 0.0
                high = 1.0 if kind == "bounded" else 3 * reach if kind == "exponential" else reach
                half = (high - low) / 2
                self.tables.append((low + half * (nodes + 1), half * weights))
        grids = np.meshgrid(*(t[0] for t in self.tables), indexing="ij")
        masses = np.meshgrid(*(t[1] for t in self.tables), indexing="ij")
        self.states = np.stack([g.ravel() for g in grids], 1)
        self.mass = np.prod([m.ravel() for m in masses], axis=0)
        self.energy = self._energies()

    def feature(self, end: Any) -> np.ndarray:
        """The values of a feature at all states."""
        if isinstance(end, str):
            return self.states[:, self.names.index(end)]
        name, state = end
        return (self.states[:, self.names.index(name)] == state).astype(float)

    def _energies(self) -> np.ndarray:
        energy = np.full(len(self.states), float(self.case.get("const", 0.0)))
        for u in self.case["units"]:
            if u["type"] == "categorical":
                for k, b in enumerate(u["bias"]):
                    energy -= b * self.feature([u["name"], k])
            else:
                energy -= u["bias"] * self.feature(u["name"])
                energy += u.get("q", 0.0) / 2 * self.feature(u["name"]) ** 2
        for *ends, weight in self.case["couplings"]:
            energy -= weight * np.prod([self.feature(end) for end in ends], axis=0)
        return energy

    def chosen(self, given: Mapping[str, float]) -> np.ndarray:
        """Which states agree with some given states of discrete units."""
        agree = np.ones(len(self.states), bool)
        for name, state in given.items():
            agree &= self.states[:, self.names.index(name)] == state
        return agree

    def log_sum(self, given: Mapping[str, float] | None = None) -> float:
        """log Σ exp(−E) over the states that agree with the given ones."""
        agree = self.chosen(given or {})
        peak = -self.energy[agree].min()
        return float(peak + np.log((self.mass * np.exp(-self.energy - peak))[agree].sum()))

    def mean(self, value: np.ndarray, given: Mapping[str, float] | None = None) -> float:
        """E[value | given]."""
        agree = self.chosen(given or {})
        weight = (self.mass * np.exp(-self.energy - (-self.energy[agree]).max()))[agree]
        return float(weight @ value[agree] / weight.sum())


def random_case(random: np.random.Generator, kinds: Sequence[str], triple: bool = False) -> dict:
    """A machine with units of these kinds, joined at random where closed forms allow it."""
    units: list[dict[str, Any]] = []
    for n, kind in enumerate(kinds):
        unit: dict[str, Any] = {
            "name": f"u{n}",
            "type": kind,
            "bias": round(random.normal() / 2, 3),
        }
        if kind == "categorical":
            unit |= {"K": 3, "bias": [round(x, 3) for x in random.normal(size=3) / 2]}
        if kind in ("gaussian", "relu"):
            unit["q"] = round(random.uniform(1.0, 1.6), 3)
        if kind == "exponential":
            unit["bias"] = -2.6
        units.append(unit)
    return {"units": units, "couplings": list(_couplings(random, units, triple)), "visible": []}


def _couplings(
    random: np.random.Generator, units: Sequence[Mapping[str, Any]], triple: bool
) -> Iterator[list]:
    half_line = ("relu", "exponential", "bounded")

    def end(unit: Mapping[str, Any]) -> Any:
        if unit["type"] == "categorical":
            return [unit["name"], int(random.integers(3))]
        return unit["name"]

    for n, first in enumerate(units):
        for second in units[n + 1 :]:
            kinds = {first["type"], second["type"]}
            real = kinds <= {"gaussian", *half_line}
            if real and kinds not in ({"gaussian"}, {"gaussian", "relu"}):
                continue
            if random.random() < 0.75:
                size = 0.15 if real else 0.4
                yield [end(first), end(second), round(size * random.uniform(-1, 1), 3)]
    if triple:
        discrete = [u for u in units if u["type"] not in ("gaussian", *half_line)]
        others = [u for u in units if u not in discrete[:2]]
        yield [end(discrete[0]), end(discrete[1]), end(others[0]), 0.37]


def states_of(case: Mapping[str, Any], names: Sequence[str]) -> list[State]:
    """All joint states of some discrete units."""
    tables = {"binary": [0.0, 1.0], "spin": [-1.0, 1.0], "categorical": [0.0, 1.0, 2.0]}
    kinds = {u["name"]: u["type"] for u in case["units"]}
    return [
        dict(zip(names, states, strict=True))
        for states in product(*(tables[kinds[name]] for name in names))
    ]
