"""A function against a named specification, under every configuration that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backproof.numerics.adapters import Adapted
from backproof.numerics.judge.calls.binding import (
    Binding,
    Item,
    bind,
    lengths_of,
    names_in,
    parameters_of,
)
from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.calls.differentiated import (
    Differentiated,
    differentiated,
    pinned,
    points_of,
)
from backproof.numerics.judge.calls.pairs import Pair
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.further import Further
from backproof.numerics.judge.judgement import NOTHING, Progress, judged
from backproof.numerics.judge.merging import merged_runs
from backproof.numerics.judge.points.point import Given, Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement
from backproof.numerics.judge.verification import Verification
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.specs.specification import ALIASES, UPSTREAM, Specification

Function = Callable[..., Any] | tuple[Callable[..., Any], Callable[..., Any]]
CANDIDATES = 64  # configurations that are tried at most


@dataclass(frozen=True)
class Run:
    """One configuration: what it is, what is passed for it, whether the specification asks it.

    A run that is not ``asked`` (another number of axes than stated) is told in a note.
    """

    configuration: Mapping[str, Any]
    passed: Mapping[str, Any]
    asked: bool = True
    words: str = ""


@dataclass
class Specified:
    """A function, or a forward with its backward function, held against a specification."""

    function: Callable[..., Any]
    spec: Specification
    aliases: dict[str, str]
    paired: bool
    given: tuple[str, ...] = ()  # what the function is called with, by the caller's names
    taken: Mapping[str, str] = field(default_factory=dict)  # configuration → its parameter

    @classmethod
    def of(
        cls, function: Function, spec: Specification, inputs: Sequence[Item] | str | None
    ) -> Specified:
        """The function as it is called, and which of its parameters are configuration."""
        known = {**spec.pullback().arguments, **spec.defaults}
        paired = not callable(function)
        both = tuple(function) if not callable(function) else (function, function)
        if hasattr(function, "forward") and hasattr(function, "backward"):
            layer: Any = function
            paired, both = True, (layer.forward, layer.backward)
        if len(both) != 2:
            found = f"{len(both)} functions"
            raise BackproofError("bp.verify", found, "a forward and a backward one", "pass both")
        names = [n for one in set(both) for n in parameters_of(one)]
        aliases = {
            alias: name
            for name, others in ALIASES.items()
            for alias in others
            if name in known and alias not in known and name not in names
        }
        made = Pair(*both, aliases, UPSTREAM) if paired else both[0]
        own = parameters_of(made)
        if inputs is not None:
            own = tuple(names_in(inputs if isinstance(inputs, str) else list(inputs)))
        taken = {aliases.get(n, n): n for n in own if aliases.get(n, n) in spec.defaults}
        return cls(made, spec, aliases, paired, own, taken)

    def runs(self) -> Iterator[Run]:
        """Every configuration to judge, that of the function's own defaults first."""
        spec, defaults = self.spec, self.own_defaults
        left_out = {n: d for n, d in defaults.items() if n not in spec.fixed}
        first = {**spec.defaults, **left_out}
        passed = {n: first[n] for n in self.taken if n not in left_out}
        if None not in passed.values():
            yield Run(first, passed, words=_words(first, passed) or "its defaults")
        for number, chosen in enumerate(spec.configurations(tuple(self.taken))):
            passed = {n: chosen[n] for n in self.taken}
            if number > CANDIDATES or None in passed.values() or (chosen == first and not passed):
                continue
            asked = all(chosen[n] == spec.defaults[n] for n in spec.implicit)
            if not asked and not _possible(spec, chosen):
                continue
            yield Run(chosen, passed, asked, _words(chosen, passed, spec))

    @property
    def own_defaults(self) -> dict[str, Any]:
        """The defaults of the function's configuration parameters, where it has them."""
        try:
            parameters = inspect.signature(self.function).parameters
        except (TypeError, ValueError):
            return {}
        found = {n: parameters[p].default for n, p in self.taken.items() if p in parameters}
        left_out = (inspect.Parameter.empty, None)  # axis=None means something else
        return {
            n: d
            for n, d in found.items()
            if d not in left_out or (d is None and self.spec.defaults[n] is None)
        }

    def against(self, run: Run) -> Model | Derivation:
        """The equations of a run: with gradients where they can be asked for."""
        if self.upstream:
            return self.spec.pullback(**run.configuration)
        model = self.spec.model(**run.configuration)
        if not model.output.shape:
            return self.spec.derivation(**run.configuration)
        return model

    @property
    def upstream(self) -> bool:
        """Whether the function is given a cotangent."""
        return self.paired or any(self.aliases.get(n, n) == UPSTREAM for n in self.given)

    def bound(self, run: Run, against: Model | Derivation, inputs: Any) -> Binding:
        """How the function is called in a run."""
        known = {**against.arguments, **run.passed}
        aliases = {alias: name for alias, name in self.aliases.items() if name in known}
        binding = bind(self.function, inputs, known, aliases, lengths_of(against.arguments))
        return pinned(replace(binding, constants=dict(run.passed)), dict(against.arguments))


def verify_specified(
    function: Function,
    spec: Specification,
    inputs: Sequence[Item] | str | None,
    outputs: Sequence[Item] | str | None,
    form: Format,
    seed: int,
    given: Given,
    progress: Progress,
    more: Further = NOTHING,
) -> Verification:
    """Judge a function, or a pair of them, against a specification in each configuration."""
    subject = Specified.of(function, spec, inputs)
    form = replace(form, sharp=spec.sharp)
    results: list[tuple[Run, Verification]] = []
    for number, run in enumerate(subject.runs()):
        with np.errstate(all="ignore"):
            against = subject.against(run)
            binding = subject.bound(run, against, inputs)
            if isinstance(subject.function, Adapted):
                whole = spec.pullback(**run.configuration)
                result, at = spec.model().output.name, points_of(form, seed, given)
                made = differentiated(binding, whole, result, spec.wrt, UPSTREAM, at)
                against = against if made is binding else whole
                binding = made
            items = _items(outputs, binding, against, subject, form, seed, given)
        brief = number > 0
        once = NOTHING if brief else more
        found = judged(binding, against, items, form, seed, given, (), progress, brief, once)
        results.append((run, found))
        if found.verdict == "refuted" and run.asked:
            other = _other_convention(subject, run, binding, items, form, seed, given)
            results[-1] = (run, found if other is None else other)
            break
    return merged_runs(results, _other_defaults(subject))


def _other_convention(
    subject: Specified,
    run: Run,
    binding: Binding,
    items: tuple[Item, ...],
    form: Format,
    seed: int,
    given: Given,
) -> Verification | None:
    """The verdict where the function keeps to another convention of the specification."""
    spec = subject.spec
    for name in spec.conventions:
        if name in subject.taken or name in spec.fixed:
            continue
        for value in spec.varied[name]:
            other = replace(run, configuration={**run.configuration, name: value})
            whole = isinstance(binding.function, Differentiated) or subject.upstream
            with np.errstate(all="ignore"):
                against = spec.pullback(**other.configuration) if whole else subject.against(other)
            found = judged(binding, against, items, form, seed, given, brief=True)
            if found.verdict == "verified":
                stated = f"{run.configuration[name]!r}, as {spec.name} states"
                move = f"judge against {spec.name}({name}={value!r}), or change it"
                finding = Finding("convention", "convention", found.title, f"{name}={value!r}",
                                  stated, move)  # fmt: skip
                states = dict.fromkeys(found.outputs, "convention differs")
                return replace(found, verdict="convention differs", findings=(finding,),
                               outputs=states)  # fmt: skip
    return None


def _items(
    outputs: Sequence[Item] | str | None,
    binding: Binding,
    against: Model | Derivation,
    subject: Specified,
    form: Format,
    seed: int,
    given: Given,
) -> tuple[Item, ...]:
    """What the function returns: as named, or as the shapes of a first call say."""
    if outputs is not None:
        return (outputs,) if isinstance(outputs, str | Mapping) else tuple(outputs)
    spec = subject.spec
    model = against.model if isinstance(against, Derivation) else against
    result = model.output.name if model.output.name != "value" else spec.model().output.name
    gradients = spec.wrt if isinstance(against, Derivation) else ()
    backward = UPSTREAM in binding.names
    preferred: list[tuple[str, ...]] = [gradients] if backward else [(result,)]
    if subject.paired:
        preferred = [(result, *gradients)]
    everything = [(result, *gradients), gradients, gradients[:1], (result,)]
    preferred += [c for c in everything if c and c not in preferred]
    asked = dict.fromkeys((result, *gradients))
    statement = Statement.of(against, asked, binding.drawn, binding.pinned)
    points = Points(statement, form, seed, given, brief=True)
    draw = points.draw(points.assignments[0], 0)
    made = call(binding, draw.values()).returned
    if isinstance(made, Mapping):
        known = [k for k in made if _is_output(against, str(k))]
        return tuple(map(str, known)) or preferred[0]
    parts = list(made) if isinstance(made, tuple | list) else [made]
    shapes = [
        np.shape(p) if isinstance(p, np.ndarray | float | np.generic) else None for p in parts
    ]
    for names in preferred:
        wanted = [draw.shape(statement.outputs[n]) for n in names]
        if shapes == wanted:
            return names
    return next((names for names in preferred if len(names) == len(parts)), preferred[0])


def _possible(spec: Specification, configuration: Mapping[str, Any]) -> bool:
    """Whether a configuration means something: an axis 1 needs two axes."""
    try:
        spec.model(**configuration)
    except BackproofError:
        return False
    return True


def _is_output(against: Model | Derivation, name: str) -> bool:
    try:
        Statement.of(against, [name])
    except BackproofError:
        return False
    return True


def _words(
    configuration: Mapping[str, Any], passed: Mapping[str, Any], spec: Specification | None = None
) -> str:
    """A configuration for a reader: what is passed, and what is not the default."""
    shown = dict(passed)
    for name in spec.implicit if spec is not None else ():
        if configuration[name] != spec.defaults[name]:  # type: ignore[union-attr]
            shown[name] = configuration[name]
    return ", ".join(f"{name}={value!r}" for name, value in shown.items())


def _other_defaults(subject: Specified) -> list[Finding]:
    """Defaults of the function that are not those of the specification."""
    spec, title = subject.spec, getattr(subject.function, "__name__", "function")
    found = []
    for name, default in subject.own_defaults.items():
        stated = spec.defaults[name]
        if name in spec.fixed:
            continue
        if str(spec.model(**{name: default})) != str(spec.model()):
            found.append(
                Finding(
                    "default",
                    "convention",
                    title,
                    f"the default {subject.taken[name]}={default!r}",
                    f"{stated!r}, as {spec.name} states",
                    f"change it, or judge against {spec.name}({name}={default!r})",
                )
            )
    return found
