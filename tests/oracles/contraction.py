"""Machines of a file as networks of tensors: sums and quadrature, one axis a unit, contracted.

Written from the convention of the file alone.  Every unit has a table of states with weights (all
states of a discrete one, Gauss–Legendre nodes of a real one), every coupling is a table over the
states of its ends, and Z is the contraction of all of them; a mean puts the feature's values in.
Unlike an enumeration it takes machines with many real units, as long as they are thinly joined.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NODES = 128
State = Mapping[str, float]


class Contracted:
    """The tensors of a machine; ``states`` and ``weights`` by unit."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        self.units = {u["name"]: u for u in case["units"]}
        self.letter = {name: n for n, name in enumerate(self.units)}
        self.tables = {name: table(u) for name, u in self.units.items()}

    # tables --------------------------------------------------------------------------------

    def feature(self, end: Any, states: np.ndarray) -> np.ndarray:
        """f at some states: the state over its scale, or whether it is the one that is named."""
        if not isinstance(end, str):
            return (states == end[1]).astype(float)
        unit = self.units[end]
        if unit["type"] == "gaussian_mean":
            return states / unit["sigma"]
        if unit["type"] == "gaussian_cho":
            return states / unit["sigma"] ** 2
        return states

    def alone(self, name: str, states: np.ndarray) -> np.ndarray:
        """exp(−e) of a unit at some states."""
        unit = self.units[name]
        if unit["type"] == "categorical":
            return np.exp([unit["bias"][int(x)] for x in states])
        if "sigma" in unit:
            return np.exp(-((states - unit["mu"]) ** 2) / (2 * unit["sigma"] ** 2))
        return np.exp(unit["bias"] * states - unit.get("q", 0.0) / 2 * states**2)

    def total(
        self, given: State | None = None, ends: Sequence[Any] = (), square: str = ""
    ) -> float:
        """∫ exp(−E) Π f over what is not given; ``square`` is a unit whose y² is a factor too."""
        given = given or {}
        states, operands = {}, []
        for name in self.units:
            nodes, weights = self.tables[name]
            if name in given:
                nodes, weights = np.array([float(given[name])]), np.ones(1)
            states[name] = nodes
            row = weights * self.alone(name, nodes)
            for end in ends:
                if end == name or (not isinstance(end, str) and end[0] == name):
                    row = row * self.feature(end, nodes)
            if name == square:
                row = row * nodes**2
            operands += [row, [self.letter[name]]]
        for *places, weight in self.case["couplings"]:
            names = [end if isinstance(end, str) else end[0] for end in places]
            values = [self.feature(e, states[n]) for e, n in zip(places, names, strict=True)]
            exponent = weight * np.ones([1] * len(values))
            for axis, value in enumerate(values):
                shape = [1] * len(values)
                shape[axis] = -1
                exponent = exponent * value.reshape(shape)
            operands += [np.exp(exponent), [self.letter[n] for n in names]]
        factors = list(zip(operands[::2], operands[1::2], strict=True))
        return contracted(factors) * float(np.exp(-self.case.get("const", 0.0)))

    # answers -------------------------------------------------------------------------------

    def log_Z(self, given: State | None = None) -> float:
        return float(np.log(self.total(given)))

    def mean(self, ends: Sequence[Any], given: State | None = None, square: str = "") -> float:
        return self.total(given, ends, square) / self.total(given)


def contracted(factors: list[tuple[np.ndarray, list[int]]]) -> float:
    """The sum over all axes, the axis next whose removal leaves the smallest table."""
    while any(axes for _, axes in factors):
        size = {a: n for f, axes in factors for a, n in zip(axes, f.shape, strict=True)}
        joined = {a: {b for _, axes in factors if a in axes for b in axes} - {a} for a in size}
        axis = min(size, key=lambda a: np.prod([size[b] for b in joined[a]], initial=1.0))
        mine = [(f, axes) for f, axes in factors if axis in axes]
        rest = sorted(joined[axis])
        whole = np.ones([size[b] for b in rest] + [size[axis]])
        for f, axes in mine:
            order = [*rest, axis]
            turned = np.transpose(f, np.argsort([order.index(a) for a in axes]))
            whole *= turned.reshape([size[a] if a in axes else 1 for a in order])
        kept = [(f, axes) for f, axes in factors if axis not in axes]
        factors = [*kept, (whole.sum(-1), rest)]
    return float(np.prod([f for f, _ in factors]))


def table(unit: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """States and weights of a unit alone."""
    kind = unit["type"]
    listed = {"binary": [0.0, 1.0], "spin": [-1.0, 1.0]}
    if kind in listed:
        return np.array(listed[kind]), np.ones(2)
    if kind == "categorical":
        return np.arange(float(unit["K"])), np.ones(unit["K"])
    if "sigma" in unit:
        low, high = unit["mu"] - 13 * unit["sigma"], unit["mu"] + 13 * unit["sigma"]
    else:
        reach = 13 / np.sqrt(unit["q"]) if unit.get("q") else 45.0
        low = {"gaussian": -reach}.get(kind, 0.0)
        high = 1.0 if kind == "bounded" else reach
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return low + (high - low) * (nodes + 1) / 2, (high - low) / 2 * weights
