"""What a literal machine answers exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backproof.numerics.exact.arrays import Arrays, arrays, clamped, feature_values
from backproof.numerics.exact.enumeration import LIMIT, Progress, Sums, sums
from backproof.numerics.exact.pairs import Pairs
from backproof.numerics.exact.products import product_mean, states_of
from backproof.numerics.unit_code import feature_scale, function, unit_code
from backproof.theory.energy import local
from backproof.theory.energy.literal import End, Literal, Site, feature_name
from backproof.theory.errors import BackproofError

State = Mapping[str, float]


@dataclass(frozen=True)
class Solution:
    """Exact answers about a literal machine; each is worked out when first asked for.

    Sums over discrete units and closed forms for the rest: the answers are those of the definition
    up to rounding, and rest on what is *enumerated* and on *derived* normalisers.
    """

    machine: Literal
    visible: tuple[str, ...]
    limit: int = LIMIT
    progress: Progress | None = None
    rests_on: tuple[str, ...] = ("derived", "enumerated")

    def __post_init__(self) -> None:
        assert self._firsts is not None  # a machine without a partition function is refused

    # the model -----------------------------------------------------------------------------

    @cached_property
    def _arrays(self) -> Arrays:
        return arrays(self.machine)

    @cached_property
    def _firsts(self) -> Sums:
        return sums(self._arrays, limit=self.limit, progress=self.progress)

    @cached_property
    def _totals(self) -> Sums:
        return sums(self._arrays, second=True, limit=self.limit, progress=self.progress)

    @property
    def log_Z(self) -> float:
        """log Σ_x exp(−E(x)), with integrals over real units."""
        return float(self._firsts.log_Z[0])

    @cached_property
    def mean(self) -> dict[str, float]:
        """E[f] of every feature by name: ``v0``, or ``vc=1`` for a state of a categorical unit."""
        names = map(feature_name, self.machine.features)
        return dict(zip(names, map(float, self._firsts.mean[0]), strict=True))

    @cached_property
    def pair(self) -> Pairs:
        """E[f f′] of the features that each coupling joins, in the order of the couplings.

        ``pair["v0", "h1"]`` is that of any two features, coupled or not.
        """
        assert self._totals.second is not None
        return Pairs(self.machine, self._totals.second, self._products(self._arrays, self._totals))

    @cached_property
    def mean_square(self) -> dict[str, float]:
        """E[y²] of every unit with real states."""
        return self._squares(self._totals)

    # conditionals --------------------------------------------------------------------------

    def conditional(self, unit: str, given: State | None = None) -> dict[str, Any]:
        """The distribution of a unit given states of others; what is not given is summed out.

        For a discrete unit ``probs`` over its ``states`` (and ``p1`` or ``p_plus``, the
        probability of the upper one of two); for every unit with scalar states ``mean`` and
        ``var``.  With everything else given a real unit is of its own family: ``loc`` and
        ``scale2`` of a truncated Gaussian, ``rate`` of an exponential.
        """
        given = dict(given or {})
        site = self.machine[unit]
        if unit in given:
            raise BackproofError(
                "conditional", f"{unit} given itself", "the states of others", f"drop {unit}"
            )
        left = self._clamp([given])
        at = [s.name for s in left.sites].index(unit)
        if site.unit.discrete:
            return self._discrete(left, at)
        totals = sums(left, second=True, limit=self.limit)
        assert totals.second is not None
        feature = left.positions(at).start
        scale = float(feature_scale(site.unit)(0.0, *site.parameters))
        mean = float(totals.mean[0, feature])
        found = {
            "mean": mean / scale,
            "var": float(totals.second[feature, feature] - mean**2) / scale**2,
        }
        if len(left.sites) == 1:
            field = float(left.biases[0, feature])
            code = unit_code(site.unit)
            found["mean"] = float(code.mean(field, *site.parameters))
            found["var"] = float(code.variance(field, *site.parameters) + 0 * field)
            found |= _family(site, field)
        return found

    def _discrete(self, left: Arrays, at: int) -> dict[str, Any]:
        site = left.sites[at]
        states = states_of(site)
        logs = [
            float(sums(clamped(left, {at: [state]}), limit=self.limit).log_Z[0]) for state in states
        ]
        weights = np.exp(np.array(logs) - max(logs))
        shares = weights / weights.sum()
        found: dict[str, Any] = {"states": states, "probs": shares.tolist()}
        if site.states is None:
            found["mean"] = float(shares @ states)
            found["var"] = float(shares @ (np.array(states) - found["mean"]) ** 2)
        if states == [0.0, 1.0] and site.states is None:
            found["p1"] = float(shares[1])
        if states == [-1.0, 1.0]:
            found["p_plus"] = float(shares[1])
        return found

    # data ----------------------------------------------------------------------------------

    def free_energy(self, v: State | Sequence[State]) -> Any:
        """F(v) = −log Σ_h exp(−E(v, h)): a number for one state, an array for a list of them."""
        rows = [v] if isinstance(v, Mapping) else list(v)
        values = np.concatenate([-s.log_Z for s, _, _ in self._given(rows, second=False)])
        return float(values[0]) if isinstance(v, Mapping) else values

    def log_probability(self, data: State | Sequence[State]) -> Any:
        """log p(v) = −F(v) − log Z of one state or of each of a list."""
        return -self.free_energy(data) - self.log_Z

    def log_likelihood(self, data: State | Sequence[State]) -> float:
        """The mean of log p(v) over the data."""
        return float(np.mean(self.log_probability(data)))

    def posterior_mean(self, v: State | Sequence[State]) -> Any:
        """E[f | v] of the hidden features by name: a dictionary for each state of the data."""
        rows = [v] if isinstance(v, Mapping) else list(v)
        found = []
        for totals, left, _ in self._given(rows, second=False):
            names = [feature_name(end) for s in left.sites for end in s.features]
            found += [dict(zip(names, map(float, row), strict=True)) for row in totals.mean]
        return found[0] if isinstance(v, Mapping) else found

    def gradient(self, data: State | Sequence[State]) -> dict[str, Any]:
        """The gradient of the mean log-likelihood: ⟨−∂E/∂θ⟩ with the data minus without.

        ``bias`` by feature, ``couplings`` in their order, and ``q`` of real units (−½ y², the
        curvature of every unit's energy, zero for exponential ones).
        """
        rows = [data] if isinstance(data, Mapping) else list(data)
        count = len(rows)
        features = len(self.machine.features)
        bias, products = np.zeros(features), np.zeros(len(self.machine.couplings))
        squares = dict.fromkeys(self.mean_square, 0.0)
        for totals, left, part in self._given(rows, second=True):
            share = len(part) / count
            held = self._features(part)
            known = [self._place(end) for s in left.sites for end in s.features]
            full = held.copy()
            full[:, known] = totals.mean
            bias += share * full.mean(0)
            second = self._full_second(totals, full, known)
            products += share * self._products(self._arrays, Sums(totals.log_Z, full, second), part)
            for name, value in self._squares(Sums(totals.log_Z, full, second)).items():
                squares[name] += share * value
        model = self._products(self._arrays, self._totals)
        names = map(feature_name, self.machine.features)
        return {
            "bias": dict(zip(names, map(float, bias - self._firsts.mean[0]), strict=True)),
            "couplings": [float(x) for x in products - model],
            "q": {n: -(squares[n] - self.mean_square[n]) / 2 for n in squares},
        }

    # within --------------------------------------------------------------------------------

    def _clamp(self, rows: Sequence[State]) -> Arrays:
        names = list(rows[0])
        for row in rows:
            if set(row) != set(names):
                raise BackproofError(
                    "data", f"states of {sorted(row)}", f"of {sorted(names)}", "name the same units"
                )
        at = {s.name: n for n, s in enumerate(self.machine.sites)}
        for name in names:
            self.machine[name]
        return clamped(self._arrays, {at[name]: [row[name] for row in rows] for name in names})

    def _given(
        self, rows: Sequence[State], second: bool
    ) -> Iterable[tuple[Sums, Arrays, list[State]]]:
        """The sums over the hidden units for parts of the data, with what was summed over."""
        if not rows:
            raise BackproofError("data", "no states", "one or more", "pass states")
        for row in rows:
            wrong = set(row) ^ set(self.visible)
            if wrong:
                visible = ", ".join(self.visible) or "none: pass visible=[…] to solve"
                raise BackproofError(
                    "data",
                    f"a state with {', '.join(map(str, row))}",
                    f"one state for each visible unit ({visible})",
                    f"check {sorted(map(str, wrong))[0]}",
                )
        outside = [f for f in self._arrays.higher if len(f[0]) > 2]
        parts = [[row] for row in rows] if outside else [list(rows)]
        for part in parts:
            left = self._clamp(part) if self.visible else self._arrays
            yield sums(left, second=second, limit=self.limit), left, part

    def _place(self, end: End) -> int:
        return self._places[end]

    @cached_property
    def _places(self) -> dict[End, int]:
        return {end: n for n, end in enumerate(self.machine.features)}

    def _features(self, rows: Sequence[State]) -> np.ndarray:
        """The features of the visible units at the data; zero for hidden ones."""
        found = np.zeros((len(rows), len(self.machine.features)))
        for name in self.visible:
            site = self.machine[name]
            at = [self._place(end) for end in site.features]
            found[:, at] = feature_values(site, [row[name] for row in rows])
        return found

    def _full_second(self, totals: Sums, full: np.ndarray, known: list[int]) -> np.ndarray:
        """E[φ φᵀ] over data and hidden units, visible features being certain."""
        assert totals.second is not None
        second: np.ndarray = full.T @ full / len(full)
        second[np.ix_(known, known)] = totals.second
        return second

    def _products(
        self, machine: Arrays, totals: Sums, rows: Sequence[State] | None = None
    ) -> np.ndarray:
        """E[Π f] over the ends of each coupling; of more than two by clamping all but two."""
        assert totals.second is not None
        found = []
        for ends, _ in self.machine.couplings:
            at = [self._place(end) for end in ends]
            if len(at) == 2:
                found.append(totals.second[at[0], at[1]])
            else:
                found.append(
                    product_mean(self.machine, self._arrays, ends, rows or [{}], self.limit)
                )
        return np.array(found)

    def _squares(self, totals: Sums) -> dict[str, float]:
        assert totals.second is not None
        found = {}
        for site in self.machine.sites:
            if not site.unit.discrete:
                at = self._place(site.features[0])
                scale = float(feature_scale(site.unit)(0.0, *site.parameters))
                found[site.name] = float(totals.second[at, at]) / scale**2
        return found


def _family(site: Site, field: float) -> dict[str, float]:
    """Location and square of the scale, or the rate, of a real unit."""
    _, slope, curve = local.quadratic(site.unit)
    at = (field, *site.parameters)
    l, k = (float(function(x, site.unit)(*at)) for x in (slope, curve))
    return {"loc": l / k, "scale2": 1 / k} if k else {"rate": -l}
