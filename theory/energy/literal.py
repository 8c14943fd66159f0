"""Literal machines: named units and couplings with numbers, in any graph.

    E(x) = const + Σ_i e(x_i; b_i) − Σ_couplings w Π f(x_i)

with e the energy of a unit alone in its bias and f its feature; a categorical unit has a feature
1[x = k] for each state k.  A coupling may join more than two units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import product
from typing import Any

from backproof.theory.energy.groups import Group, parameter_names
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.units import Unit
from backproof.theory.errors import BackproofError

End = tuple[str, int | None]  # a unit and, where it is categorical, one of its states


@dataclass(frozen=True)
class Site:
    """One unit with its numbers: a bias (or one a state, or none) and parameters."""

    name: str
    unit: Unit
    bias: tuple[float, ...] = ()
    parameters: tuple[float, ...] = ()
    states: int | None = None

    def __post_init__(self) -> None:
        wanted = (self.states or 1) if self.unit.biased else 0
        if len(self.bias) != wanted:
            raise BackproofError(
                f"unit {self.name}",
                f"{len(self.bias)} biases",
                f"{wanted} for a {self.unit.name} unit",
                "give one bias a feature",
            )
        for symbol, number in zip(self.unit.parameters, self.parameters, strict=True):
            if symbol.is_positive and not number > 0:
                raise BackproofError(
                    f"unit {self.name}",
                    f"{symbol.name} = {number}",
                    f"a positive number: with it the density of a {self.unit.name} unit has a "
                    "finite integral, without it there is none",
                    f"make {symbol.name} positive, or choose another unit",
                )

    @property
    def features(self) -> tuple[End, ...]:
        """The unit's features: itself, or itself with each of its states."""
        if self.states is None:
            return ((self.name, None),)
        return tuple((self.name, k) for k in range(self.states))


@dataclass(frozen=True)
class Literal:
    """A machine with numbers, and which of its units are visible.

    Raises `BackproofError` for unknown or repeated names, for states that a unit does not have
    and for numbers that are not finite.
    """

    sites: tuple[Site, ...]
    couplings: tuple[tuple[tuple[End, ...], float], ...] = ()
    visible: tuple[str, ...] = ()
    const: float = 0.0
    title: str = ""
    _by_name: Mapping[str, Site] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {site.name: site for site in self.sites}
        object.__setattr__(self, "_by_name", by_name)
        if len(by_name) != len(self.sites):
            raise BackproofError("machine", "two units of one name", "a name each", "rename one")
        for ends, weight in self.couplings:
            where = f"coupling {' - '.join(map(feature_name, ends))}"
            _finite(where, weight)
            if len(ends) < 2 or len({name for name, _ in ends}) != len(ends):
                raise BackproofError(
                    where,
                    f"{len(ends)} ends",
                    "two different units or more",
                    "put what a unit has alone into its bias or its parameters",
                )
            for end in ends:
                if end not in self[end[0]].features:
                    states = self[end[0]].states
                    expected = f"[{end[0]!r}, k] with 0 <= k < {states}" if states else repr(end[0])
                    raise BackproofError(where, f"the end {end}", expected, "name a feature")
        for site in self.sites:
            for number in (*site.bias, *site.parameters):
                _finite(f"unit {site.name}", number)
        _finite("const", self.const)
        for name in self.visible:
            self[name]
        if len(set(self.visible)) != len(self.visible):
            raise BackproofError("visible", f"{self.visible}", "each unit once", "drop a repeat")

    def __getitem__(self, name: str) -> Site:
        """The unit of a name."""
        if name not in self._by_name:
            known = ", ".join(self._by_name)
            raise BackproofError(
                "machine", f"no unit {name!r}", f"one of {known}", "check the name"
            )
        return self._by_name[name]

    @property
    def hidden(self) -> tuple[str, ...]:
        """The units that are not visible."""
        return tuple(site.name for site in self.sites if site.name not in self.visible)

    @cached_property
    def features(self) -> tuple[End, ...]:
        """All features, in the order of the units."""
        return tuple(end for site in self.sites for end in site.features)

    def blanket(self, name: str) -> tuple[str, ...]:
        """The Markov blanket of a unit: the others with which it shares a coupling other than zero.

        The energy is linear in each feature, so the mixed second difference of two features is
        the sum of the couplings that hold both: zero exactly where no such coupling is left.
        """
        self[name]
        near = self.neighbours[name]
        return tuple(site.name for site in self.sites if site.name in near)

    @cached_property
    def neighbours(self) -> dict[str, set[str]]:
        """For each unit, the set of units in its Markov blanket."""
        total: dict[frozenset[End], float] = {}
        for ends, weight in self.couplings:
            total[frozenset(ends)] = total.get(frozenset(ends), 0.0) + weight
        near: dict[str, set[str]] = {site.name: set() for site in self.sites}
        for features, weight in total.items():
            if weight:
                names = {name for name, _ in features}
                for name in names:
                    near[name] |= names - {name}
        return near

    def colouring(self) -> tuple[tuple[str, ...], ...]:
        """Blocks of units that may be drawn at once: two where the graph allows it.

        The next unit is the one whose neighbours have the most colours, and of these the one with
        the most neighbours; it gets the first colour that is free.  A checkerboard, a stack of
        layers and every other two-coloured graph get two.  Reference: D. Brélaz, Communications
        of the ACM 22 (1979).
        """
        place = {site.name: n for n, site in enumerate(self.sites)}
        near = self.neighbours
        seen: dict[str, set[int]] = {name: set() for name in place}
        colour: dict[str, int] = {}
        queue = [(0, -len(near[name]), n, name) for name, n in place.items()]
        heapify(queue)
        while queue:
            *_, name = heappop(queue)
            if name in colour:
                continue  # an older entry
            colour[name] = next(c for c in range(len(seen[name]) + 1) if c not in seen[name])
            for other in near[name]:
                if other not in colour and colour[name] not in seen[other]:
                    seen[other].add(colour[name])
                    entry = (-len(seen[other]), -len(near[other]), place[other], other)
                    heappush(queue, entry)
        count = max(colour.values(), default=-1) + 1
        return tuple(tuple(s.name for s in self.sites if colour[s.name] == c) for c in range(count))


def feature_name(end: End) -> str:
    """``v0``, or ``vc=1`` for a state of a categorical unit."""
    name, state = end
    return name if state is None else f"{name}={state}"


def literal(machine: Machine, values: Mapping[str, Any]) -> Literal:
    """A machine of groups with numbers: unit i of the group v becomes v[i], called ``v0``, ….

    ``values`` maps every parameter to an array of its shape, whose shape fixes the sizes.
    Raises `BackproofError` for missing or unknown parameters, wrong shapes, and lateral weights
    that are not symmetric with a diagonal of zeros.
    """
    unknown = [n for n in values if n not in machine.parameters]
    missing = [n for n in machine.parameters if n not in values]
    if unknown or missing:
        found = f"no value for {missing[0]}" if missing else f"a value for {unknown[0]}"
        names = ", ".join(machine.parameters)
        raise BackproofError("values", found, names, "give one array a parameter")
    sizes: dict[Any, int] = {}
    for name, tensor in machine.parameters.items():
        shape = _shape(values[name])
        if len(shape) != len(tensor.shape):
            raise BackproofError(name, f"{len(shape)} axes", f"{len(tensor.shape)}", "check it")
        for axis, (size, given) in enumerate(zip(tensor.shape, shape, strict=True)):
            known = int(size) if size.is_number else sizes.setdefault(size, given)
            if known != given:
                raise BackproofError(
                    name, f"{given} entries on axis {axis}", f"{known}", "check the shape"
                )
    extent = {g.name: tuple(int(x.xreplace(sizes)) for x in g.shape) for g in machine.groups}
    sites = tuple(s for g in machine.groups for s in _sites(g, extent[g.name], values))
    couplings = []
    for coupling in machine.couplings:
        weight = values[coupling.weight]
        shapes = [extent[name] for name in coupling.between]
        for at in product(*(range(n) for shape in shapes for n in shape)):
            place, ends = list(at), []
            for name, shape in zip(coupling.between, shapes, strict=True):
                i, *state = (place.pop(0) for _ in shape)
                ends.append((f"{name}{i}", state[0] if state else None))
            number = float(_entry(weight, at))
            if coupling.lateral:
                half = len(at) // 2
                _symmetric(coupling.weight, weight, at[:half], at[half:])
                if at[:half][0] >= at[half:][0]:
                    continue
            couplings.append((tuple(ends), number))
    visible = tuple(f"{g}{i}" for g in machine.visible for i in range(extent[g][0]))
    return Literal(sites, tuple(couplings), visible, 0.0, machine.title)


def _sites(group: Group, extent: tuple[int, ...], values: Mapping[str, Any]) -> Iterator[Site]:
    names = parameter_names(group)
    for i in range(extent[0]):
        rows = [values[name][i] for name in names]
        bias: tuple[float, ...] = ()
        if group.unit.biased:
            first = rows.pop(0)
            bias = tuple(map(float, first)) if group.states is not None else (float(first),)
        states = extent[1] if group.states is not None else None
        yield Site(f"{group.name}{i}", group.unit, bias, tuple(map(float, rows)), states)


def _symmetric(name: str, weight: Any, a: Sequence[int], b: Sequence[int]) -> None:
    here, there = float(_entry(weight, (*a, *b))), float(_entry(weight, (*b, *a)))
    if here != there or (a[0] == b[0] and here != 0):
        raise BackproofError(
            name,
            f"{here} at {(*a, *b)} and {there} at {(*b, *a)}",
            "symmetric weights with zeros where a unit meets itself",
            f"pass ({name} + {name}ᵀ)/2 without its diagonal",
        )


def _entry(array: Any, at: Sequence[int]) -> Any:
    for index in at:
        array = array[index]
    return array


def _shape(array: Any) -> tuple[int, ...]:
    found: list[int] = []
    while hasattr(array, "__len__"):
        found.append(len(array))
        if not found[-1]:
            break
        array = array[0]
    return tuple(found)


def _finite(where: str, number: float) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise BackproofError(where, repr(number), "a finite number", "replace it")
