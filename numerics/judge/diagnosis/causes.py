"""A guess at the cause: the simplest mutation of the equations that gives all the wrong numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.numerics.judge.comparison import Comparison
from backproof.numerics.judge.diagnosis.probes import (
    Effect,
    Probe,
    close,
    confirmed,
    effect,
    mutated,
)
from backproof.numerics.judge.mutations import MUTATIONS, Mutation, Scene
from backproof.numerics.judge.points.point import tolerance
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.statement import Statement
from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model, needed
from backproof.theory.printing.text import text

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Cause:
    """What explains all wrong outputs: a kind, words, and the equations as they seem to be.

    ``equations`` pairs each changed equation (text) with the derived one; ``place`` is the first
    quantity that is changed.
    """

    kind: str
    words: str
    place: str
    equations: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The cause as data."""
        pairs = [{"yours": yours, "derived": derived} for yours, derived in self.equations]
        return {"kind": self.kind, "words": self.words, "place": self.place, "equations": pairs}


class Search:
    """Holds mutations against what the function returned at some probes."""

    def __init__(self, statement: Statement, probes: Sequence[Probe], wrong: Iterable[str]) -> None:
        self.statement = statement
        self.probes = sorted(probes, key=lambda p: -len(p.off))
        self.wrong = frozenset(wrong)
        self.right = frozenset(t.name for t in statement.outputs.values()) - self.wrong
        self.tried = 0

    # candidates ----------------------------------------------------------------------------

    def suspects(self) -> list[Equation]:
        """The equations that some wrong output needs and no right one does, then the others."""
        needed_by_wrong = set().union(*(self.statement.ancestors(n) for n in self.wrong))
        needed_by_right = set().union(*(self.statement.ancestors(n) for n in self.right), set())
        first = needed_by_wrong - needed_by_right
        own = [e for e in self.statement.equations if e.tensor.name in needed_by_wrong]
        return sorted(own, key=lambda e: e.tensor.name not in first)

    def single(self) -> Iterator[Mutation]:
        """Every mutation of one equation, the simplest first."""
        scene = Scene(self.statement)
        found = [m for e in self.suspects() for make in MUTATIONS for m in make(e, scene)]
        yield from sorted(found, key=lambda m: m.rank)

    def groups(self, found: Iterable[Mutation]) -> Iterator[Mutation]:
        """The same mistake in every equation where it can be made, and in those that are wrong."""
        families: dict[str, list[Mutation]] = defaultdict(list)
        for mutation in found:
            families[mutation.family].append(mutation)
        for members in families.values():
            of_wrong = [m for m in members if set(m.names) & self.wrong]
            for chosen in (members, of_wrong):
                names = [n for m in chosen for n in m.names]
                if len(chosen) < 2 or len(set(names)) < len(names):
                    continue
                joined = chosen[0]
                for other in chosen[1:]:
                    joined = joined.with_(other, joined.words, chosen[0].rank + 1)
                yield replace(joined, words=_together(chosen))
                if len(of_wrong) == len(members):
                    break

    # what they do --------------------------------------------------------------------------

    def effect(self, mutation: Mutation, probe: Probe) -> Effect:
        """The outputs that a mutation changes at a probe, and which of those it explains."""
        self.tried += 1
        return effect(self.statement, mutation, probe)

    def explains(self, mutation: Mutation) -> bool:
        """Whether a mutation gives all numbers at all probes, the right ones included."""
        told = 0
        for probe in self.probes:
            effect = self.effect(mutation, probe)
            if effect.silent:
                continue
            told += 1
            if effect.changed - effect.matched or probe.off - effect.matched:
                return False
        return 2 * told > len(self.probes) and all(
            confirmed(self.statement, mutation, probe) for probe in self.probes
        )

    def partly(self, mutation: Mutation) -> frozenset[str]:
        """The wrong outputs that a mutation explains, if it spoils no other."""
        explained = self.wrong
        for probe in self.probes:
            effect = self.effect(mutation, probe)
            if effect.changed - effect.matched or effect.silent:
                return frozenset()
            explained = explained - (probe.off - effect.matched)
        return explained

    def find(self, progress: Progress) -> list[Cause]:
        """The simplest causes, none when nothing explains the numbers."""
        singles = list(self.single())
        partial: list[tuple[Mutation, frozenset[str]]] = []
        candidates = [*singles, *self.groups(singles)]
        candidates.sort(key=lambda m: m.rank)
        for n, mutation in enumerate(candidates):
            if n % 50 == 0:
                progress("looking for the cause", n, len(candidates))
            effect = self.effect(mutation, self.probes[0])
            if effect.changed - effect.matched or not effect.matched & self.wrong:
                continue
            if self.explains(mutation):
                return [self.cause(mutation)]
            explained = self.partly(mutation)
            if explained:
                partial.append((mutation, explained))
        return self._of_another_model(progress) or self._several(partial)

    def _several(self, partial: list[tuple[Mutation, frozenset[str]]]) -> list[Cause]:
        """Separate mistakes that together explain every wrong output."""
        left, chosen = set(self.wrong), []
        for mutation, explained in sorted(partial, key=lambda p: (-len(p[1]), p[0].rank)):
            if explained <= left:
                chosen.append(mutation)
                left -= explained
        if left or not chosen:
            return []
        joined = chosen[0]
        for other in chosen[1:]:
            if set(joined.names) & set(other.names):
                return []
            joined = joined.with_(other, joined.words, joined.rank + 1)
        return [self.cause(m) for m in chosen] if self.explains(joined) else []

    def _of_another_model(self, progress: Progress) -> list[Cause]:
        """A model with one equation changed whose own derivation gives all the numbers."""
        against = self.statement.against
        if not isinstance(against, Derivation) or against.order != 1 or against.inputs:
            return []
        model = against.model
        scene = Scene(Statement.of(model, ["value"]))
        found = [m for e in model.equations for make in MUTATIONS for m in make(e, scene)]
        found = [m for m in found if not m.further]
        for n, mutation in enumerate(sorted(found, key=lambda m: m.rank)):
            if n % 20 == 0:
                progress("looking for another model", n, len(found))
            other = _derived(against, model, mutation)
            if other is None:
                continue
            if all(self._are(other, bounds) for bounds in (False, True)):
                cause = self.cause(mutation)
                words = f"{mutation.words}, in the model itself: these are its derivatives"
                return [replace(cause, kind="other model", words=words)]
        return []

    def _are(self, other: Derivation, bounds: bool) -> bool:
        """Whether another derivation gives all numbers, at the probes where it gives some."""
        told = 0
        for probe in self.probes:
            agrees = _as_derived(other, self.statement, probe, bounds)
            if agrees is False:
                return False
            told += agrees is True
        return 2 * told > len(self.probes)

    def cause(self, mutation: Mutation) -> Cause:
        """A mutation in words, with its equations beside the derived ones."""
        pairs = []
        for name, new in mutation.changed.items():
            old = self.statement.defining.get(name)
            pairs.append((text(new), text(old) if old is not None else ""))
        known = [n for n in mutation.names if n in self.statement.defining]
        return Cause(mutation.kind, mutation.words, known[0] if known else "", tuple(pairs))


def _together(members: Sequence[Mutation]) -> str:
    names = ", ".join(n for m in members for n in m.names)
    first = members[0]
    words = first.words
    for name in first.names:
        words = words.replace(f" of {name}", "").replace(f" in {name}", "")
        words = words.removeprefix(f"{name} ")
    return f"{words}, in {names}" if words != first.words else f"{words} ({names})"


def _derived(against: Derivation, model: Model, mutation: Mutation) -> Derivation | None:
    """The derivation of the model with changed equations, if it can be derived."""
    try:
        equations = mutated(Statement(model, {}, model.equations), mutation)
        changed = replace(model, equations=tuple(equations))
        return derive(changed, against.wrt, per_sample=against.per_sample or None)
    except (BackproofError, KeyError, AssertionError):
        return None


def _as_derived(other: Derivation, statement: Statement, probe: Probe, bounds: bool) -> bool | None:
    """Whether another derivation gives what the function returned: by a sieve, or to rounding.

    `None` where it gives no number.
    """
    point = probe.point
    here = Evaluation(point.form, point.assignment.sizes, point.values, bounds=bounds)
    tensors = {}
    for name, tensor in statement.outputs.items():
        found = other.results.get(name)
        if found is None:
            names = {e.tensor.name: e.tensor for e in other.equations}
            found = names.get(tensor.name)
        if found is None:
            return False
        tensors[tensor.name] = found
    here.run(needed(other.equations, tensors.values()))
    for name, tensor in tensors.items():
        if name not in probe.got:
            return False
        value = here.real[tensor.name].value
        if not np.all(np.isfinite(value)):
            return None
        if bounds:
            allowed = tolerance(here, tensor.name)
            if not Comparison(probe.got[name], value, allowed).agrees:
                return False
        elif not close(probe, name, value):
            return False
    return True
