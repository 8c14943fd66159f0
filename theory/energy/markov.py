"""The Markov structure of a machine, read off second differences of its energy.

Two features interact where ∂²C/∂f∂g is not identically zero.  C is linear in each feature, so
this derivative is the mixed second difference, and where it vanishes the energy is a sum of a
part without f and a part without g: the two are independent given everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.equations import Equation, Sum
from backproof.theory.errors import BackproofError


@cache
def second_differences(machine: Machine) -> tuple[dict[frozenset[str], Equation], Derivation]:
    """∂²C/∂f∂g for every pair of groups, a group with itself included.

    >>> from backproof.theory.energy.builders import rbm
    >>> blocks, _ = second_differences(rbm())
    >>> print(blocks[frozenset("vh")], "|", blocks[frozenset("v")])
    d2h[k,j] = -W[k,j] | d2v[k,i] = 0
    """
    energy = Energy(machine)
    features = {g.name: energy.feature(g.name).name for g in machine.groups}
    interaction = energy.model(("interaction",), "C")
    used = {t.name for e in interaction.equations for t in e.operands}
    names = {f: g for g, f in features.items() if f in used}
    derivation = derive(interaction, wrt=tuple(names), order=2)
    found = {}
    for key in derivation.results:
        first, _, second = key.partition(",")
        found[frozenset((names[first], names[second or first]))] = derivation[key]
    return found, derivation


def vanishes(equation: Equation) -> bool:
    """Whether an equation's right-hand side is identically zero."""
    return isinstance(equation.rhs, Sum) and not equation.rhs.terms


def lateral(machine: Machine, group: str) -> bool:
    """Whether the units of a group interact with each other."""
    blocks, _ = second_differences(machine)
    block = blocks.get(frozenset((group,)))
    return block is not None and not vanishes(block)


def blanket(machine: Machine, group: str) -> tuple[str, ...]:
    """The other groups that interact with a group: its Markov blanket.

    >>> from backproof.theory.energy.builders import dbm
    >>> blanket(dbm(), "h1"), blanket(dbm(), "v")
    (('v', 'h2'), ('h1',))
    """
    machine[group]
    blocks, _ = second_differences(machine)
    pairs = {g.name: blocks.get(frozenset((group, g.name))) for g in machine.groups}
    return tuple(n for n, b in pairs.items() if n != group and b is not None and not vanishes(b))


def blocks(machine: Machine) -> tuple[tuple[str, ...], ...]:
    """Groups that may be drawn at once: a colouring of the graph of groups, greedy in order.

    >>> from backproof.theory.energy.builders import dbm
    >>> blocks(dbm(["n", "m", "l", "k"]))
    (('v', 'h2'), ('h1', 'h3'))
    """
    colours: list[list[str]] = []
    for group in machine.groups:
        near = blanket(machine, group.name)
        for colour in colours:
            if not set(colour) & set(near):
                colour.append(group.name)
                break
        else:
            colours.append([group.name])
    return tuple(tuple(colour) for colour in colours)


@dataclass(frozen=True)
class Independence:
    """Whether two sets of groups are independent given a third, and why.

    ``parts`` are the two sides of the split: the groups that a path from ``left`` reaches without
    passing ``given``, and the others.  The energy is a sum of a part in each side and ``given``,
    so the probability is a product.  ``path`` is a way from one to the other where there is one.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    given: tuple[str, ...]
    holds: bool
    parts: tuple[tuple[str, ...], tuple[str, ...]]
    path: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ("derived",)

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        what = f"{', '.join(self.left)} ⊥ {', '.join(self.right)} | {', '.join(self.given) or '∅'}"
        if not self.holds:
            return f"{what}: not so in general, by the path {' - '.join(self.path)}"
        first, second = (", ".join(part) for part in self.parts)
        condition = ", ".join(self.given)
        return (
            f"{what}: E = E₁({first}, {condition}) + E₂({second}, {condition}), "
            "as all second differences between them vanish"
        )


def independence(
    machine: Machine,
    left: str | Iterable[str],
    right: str | Iterable[str],
    given: Iterable[str] = (),
) -> Independence:
    """Whether ``left`` and ``right`` are independent given ``given``, whatever the parameters.

    >>> from backproof.theory.energy.builders import dbm
    >>> print(independence(dbm(), "v", "h2", given=["h1"]))
    v ⊥ h2 | h1: E = E₁(v, h1) + E₂(h2, h1), as all second differences between them vanish
    >>> print(independence(dbm(), "v", "h2"))
    v ⊥ h2 | ∅: not so in general, by the path v - h1 - h2
    """
    first, second = _names(left), _names(right)
    condition = _names(given)
    for name in (*first, *second, *condition):
        machine[name]
    if set(first) & set(second) or (set(first) | set(second)) & set(condition):
        raise BackproofError(
            "independence",
            f"{first}, {second}, {condition}",
            "three sets of groups without common members",
            "name each group once",
        )
    reached: dict[str, tuple[str, ...]] = {name: (name,) for name in first}
    queue = list(first)
    while queue:
        here = queue.pop(0)
        for near in blanket(machine, here):
            if near not in reached and near not in condition:
                reached[near] = (*reached[here], near)
                queue.append(near)
    others = tuple(g.name for g in machine.groups if g.name not in (*reached, *condition))
    path = next((reached[name] for name in second if name in reached), ())
    parts = (tuple(reached), others)
    return Independence(first, second, condition, not path, parts, path)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
