"""Machines: groups of units and couplings between their features, as one energy.

    E = Σ_groups Σ_i e(y[i]; b[i]) − Σ_couplings Σ W[i,j,…] f[i] f[j] …

with e the energy of a unit alone, whose bias b is the field that it feels without the others, and
f its feature.  A coupling of a group with itself is symmetric without a diagonal and counts each
pair once, ½ Σ J[i,k] f[i] f[k].  Sizes are numbers or names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.energy.groups import Coupling, Group, parameter_names
from backproof.theory.energy.units.unit import STATE
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Index, Tensor, fresh
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value

LETTERS = "ijklqrsu"
STATES = "cdeg"  # letters of a categorical group's components


@dataclass(frozen=True)
class Machine:
    """Groups of units, couplings between them, and which groups are visible.

    The state of a group is a tensor of its name; ``b_v`` is the bias of the group ``v``, and a
    unit's further parameters are called after it too (``q_v``, ``sigma_v``).

    >>> from backproof.theory.energy.units import binary
    >>> groups = (Group("v", binary, "n"), Group("h", binary, "m"))
    >>> print(Machine(groups, (Coupling("W", ("v", "h")),), ("v",)).energy())
    E = -Σ_i,j W[i,j] v[i] h[j] - Σ_i b_v[i] v[i] - Σ_j b_h[j] h[j]
    """

    groups: tuple[Group, ...]
    couplings: tuple[Coupling, ...] = ()
    visible: tuple[str, ...] = ()
    title: str = ""
    story: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        names = [g.name for g in self.groups]
        weights = [c.weight for c in self.couplings]
        for name in [*names, *weights]:
            if [*names, *weights].count(name) > 1 or not name.isidentifier():
                raise BackproofError(
                    "machine", f"the name {name!r}", "one identifier a group or weight", "rename it"
                )
        for coupling in self.couplings:
            ends = coupling.between
            for name in ends:
                self[name]
            if len(ends) < 2 or (len(set(ends)) != len(ends) and len(ends) != 2):
                raise BackproofError(
                    f"coupling {coupling.weight}",
                    f"between {coupling.between}",
                    "different groups, or one group twice",
                    "name each group once",
                )
        for name in self.visible:
            self[name]

    def __getitem__(self, name: str) -> Group:
        """The group of a name."""
        for group in self.groups:
            if group.name == name:
                return group
        raise BackproofError(
            "machine",
            f"no group {name!r}",
            f"one of {', '.join(g.name for g in self.groups)}",
            "check the name",
        )

    @property
    def hidden(self) -> tuple[str, ...]:
        """The groups that are not visible."""
        return tuple(g.name for g in self.groups if g.name not in self.visible)

    @cached_property
    def rows(self) -> tuple[str, str]:
        """The letters of the rows of a batch and of a second, marked one."""
        first, second, *_ = (x for x in ("n", "r", "t", "n1", "r1") if x not in self._taken)
        return first, second

    @cached_property
    def _taken(self) -> set[str]:
        sizes = {s.name for g in self.groups for size in g.shape for s in size.free_symbols}
        return sizes | {g.name for g in self.groups} | {c.weight for c in self.couplings}

    @cached_property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The letters of each group's axes."""
        free = [letter for letter in LETTERS if letter not in (*self._taken, *self.rows)]
        states = [letter for letter in STATES if letter not in self._taken]
        return {
            g.name: (
                free[n] if n < len(free) else f"i{n}",
                *((states[n] if n < len(states) else f"c{n}",) if g.states is not None else ()),
            )
            for n, g in enumerate(self.groups)
        }

    @cached_property
    def parameters(self) -> dict[str, Tensor]:
        """Biases, units' parameters and weights."""
        found: dict[str, Tensor] = {}
        for group in self.groups:
            axes = self.axes[group.name]
            for name in parameter_names(group):
                found[name] = Tensor(name, group.shape, axes)
        for coupling in self.couplings:
            shape = tuple(size for name in coupling.between for size in self[name].shape)
            letters: list[str] = []
            for name in coupling.between:
                letters += [x if x not in letters else f"{x}1" for x in self.axes[name]]
            found[coupling.weight] = Tensor(coupling.weight, shape, tuple(letters))
        return found

    def state(self, name: str, batch: sp.Expr | None = None, mark: str = "") -> Tensor:
        """The state of a group, with a leading axis n for a batch; ``mark`` is put to its name."""
        group = self[name]
        lead = () if batch is None else (batch,)
        letters = () if batch is None else (self.rows[bool(mark)],)
        return Tensor(name + mark, (*lead, *group.shape), (*letters, *self.axes[name]))

    def energy(self, batch: str | None = None) -> Model:
        """The energy as a model whose inputs are the states; with a batch, E[n] of each row.

        >>> from backproof.theory.energy.builders import hopfield
        >>> print(hopfield().energy("N"))
        E[r] = -Σ_i,j J[i,j] s[r,i] s[r,j] / 2
        """
        return Energy(self, batch).model(("couplings", "alone"), "E")

    def __str__(self) -> str:
        return str(self.energy())

    def _repr_latex_(self) -> str:
        return str(self.energy()._repr_latex_())


class Energy:
    """The parts of a machine's energy, being written down for one batch of states.

    ``mark`` is put to the names of all states: two batches of one machine stand side by side.
    """

    def __init__(self, machine: Machine, batch: str | None = None, mark: str = "") -> None:
        self.machine = machine
        size = None if batch is None else read_size(batch)
        self.lead = () if size is None else (fresh(Index(machine.rows[bool(mark)], size)),)
        self.states = {g.name: machine.state(g.name, size, mark) for g in machine.groups}
        self.tensors = {**{t.name: t for t in self.states.values()}, **machine.parameters}
        sizes = (s for t in self.tensors.values() for size in t.shape for s in size.free_symbols)
        names = {*self.tensors, *(s.name for s in sizes)}
        self.statement = Statement(self.tensors, Letters(taken=names))
        self.replaced: dict[str, Tensor] = {}  # features that are means instead of states

    def indices(self, group: str) -> tuple[Index, ...]:
        """Fresh indices of a group's own axes."""
        return tuple(
            fresh(Index(letter, size))
            for letter, size in zip(
                self.machine.axes[group], self.machine[group].shape, strict=True
            )
        )

    def value(self, tensor: Tensor, *indices: Index) -> Value:
        """An entry as a value."""
        return Value(indices, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))

    def own(self, group: str) -> tuple[Value, ...]:
        """The group's parameters, in the order of the arguments of its unit's energy.

        A unit without a bias feels no field when it is alone.
        """
        at = self.indices(group)
        names = parameter_names(self.machine[group])
        return tuple(self.value(self.tensors[name], *at) for name in names)

    def feature(self, group: str) -> Tensor:
        """The group's features: its state, or an equation of their own."""
        unit, state = self.machine[group].unit, self.states[group]
        if group in self.replaced:
            return self.replaced[group]
        if unit.labels or unit.feature == STATE:
            return state
        parameters = self.own(group)[unit.biased :]
        symbols = unit.parameters
        value = self.rows(
            self.statement.elementwise(
                lambda y, *p: unit.feature.xreplace(
                    {STATE: y, **dict(zip(symbols, p, strict=True))}
                ),
                self.value(state, *self.lead, *self.indices(group)),
                *parameters,
            )
        )
        bound = self.statement.bind(value, f"f_{state.name}").entry
        assert bound is not None
        return bound.tensor

    def alone(self, group: str, biased: bool = True) -> Value:
        """Σ_i e(y[i]; b[i]), for each row; without the bias at zero field."""
        unit = self.machine[group].unit
        own = self.own(group)
        state = self.value(self.states[group], *self.lead, *self.indices(group))

        def energy(*arguments: sp.Expr) -> sp.Expr:
            *p, y = arguments
            bias, rest = (p[0], p[1:]) if unit.biased else (sp.S.Zero, p)
            return unit.energy_at(y, bias if biased else sp.S.Zero, *rest)

        each = self.rows(self.statement.elementwise(energy, *own, state))
        return self.statement.total(each, each.indices[len(self.lead) :])

    def rows(self, value: Value) -> Value:
        """The value with the batch's own index as its first axis."""
        if not self.lead:
            return value
        first, *rest = value.indices
        return value.renamed({first: self.lead[0]}, (*self.lead, *rest))

    def couplings(self, groups: tuple[str, ...] | None = None) -> Iterator[Value]:
        """−Σ W f f … of each coupling, for each row; only those inside ``groups`` if given."""
        for coupling in self.machine.couplings:
            if groups is not None and not set(coupling.between) <= set(groups):
                continue
            at = [self.indices(name) for name in coupling.between]
            flat = tuple(i for indices in at for i in indices)
            features = (
                Entry(self.feature(name), (*self.lead, *indices))
                for name, indices in zip(coupling.between, at, strict=True)
            )
            factors = (Entry(self.tensors[coupling.weight], flat), *features)
            share = -sp.S.Half if coupling.lateral else -sp.S.One
            yield Value(self.lead, Sum((Contraction(share, factors, flat),)))

    def biases(self, group: str) -> Value:
        """−Σ_i b[i] f[i], for each row."""
        at = self.indices(group)
        factors = (
            Entry(self.tensors[f"b_{group}"], at),
            Entry(self.feature(group), (*self.lead, *at)),
        )
        return Value(self.lead, Sum((Contraction(-sp.S.One, factors, at),)))

    def total(self, values: Iterator[Value] | list[Value]) -> Value:
        """The sum of values over the same rows."""
        terms = tuple(term for value in values for term in value.rhs.terms)
        return Value(self.lead, Sum(terms))

    def interaction(self) -> Value:
        """What depends on features alone: couplings and biases, −Σ W f f − Σ b f."""
        biased = [g.name for g in self.machine.groups if g.unit.biased]
        return self.total([*self.couplings(), *map(self.biases, biased)])

    def model(self, parts: tuple[str, ...], name: str) -> Model:
        """The whole energy, or its interaction summed over the batch, as a model."""
        if parts == ("interaction",):
            value = self.interaction()
            value = self.statement.total(value, self.lead)
        else:
            alone = [self.alone(g.name) for g in self.machine.groups]
            value = self.total([*self.couplings(), *alone])
        return self.finished(value, name)

    def finished(self, value: Value, name: str, further: dict[str, Tensor] | None = None) -> Model:
        """The model of a value, with the inputs and parameters (and further ones) that it uses."""
        entry = self.statement.bind(value, name).entry
        assert entry is not None
        used = {t.name for e in self.statement.equations for t in e.operands}
        return Model(
            tuple(self.statement.equations),
            {t.name: t for t in self.states.values() if t.name in used},
            {n: t for n, t in (self.machine.parameters | (further or {})).items() if n in used},
            entry.tensor,
            tuple(self.statement.steps),
            self.machine.title,
            self.machine.story,
        )
