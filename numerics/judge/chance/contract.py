"""What every judge of something random shares: how it is called, and the promises of randomness."""

from __future__ import annotations

import contextlib
import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.binding import (
    Binding,
    Item,
    bind,
    names_in,
    parameters_of,
    title_of,
)
from backproof.numerics.judge.calls.calling import shared_generators
from backproof.numerics.judge.chance.counting import Test
from backproof.numerics.judge.clauses import Clause
from backproof.numerics.judge.clauses_of_draws import clauses_of_draws
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.judgement import Progress
from backproof.numerics.judge.verification import Verification
from backproof.theory.errors import BackproofError

Array = np.ndarray[Any, Any]
BUDGET = 1e-6  # probability that a run refutes something right
GENERATORS = ("rng", "generator", "gen", "random_state", "rs", "prng")
ALIASES = {
    "v": ("x", "visible", "data", "batch", "v0", "X", "V"),
    "h": ("hidden", "H"),
    "W": ("w", "weights"),
    "b_v": ("b", "bv", "a", "vbias", "v_bias", "visible_bias", "bias_v"),
    "b_h": ("c", "bh", "hbias", "h_bias", "hidden_bias", "bias_h"),
    "k": ("n_steps", "steps", "n_gibbs"),
    "chains": ("particles", "fantasy", "persistent", "h_samples"),
    "z": ("field", "fields", "mu", "mean", "loc"),
    "q": ("precision",),
    "s": ("scale",),
    "betas": ("beta", "ladder", "schedule"),
    "n": ("n_runs", "runs", "n_samples"),
}


@dataclass(frozen=True)
class Drawn:
    """What was tested, and within which budget."""

    tests: tuple[Test, ...]
    seed: int
    dtype: str
    budget: float
    points: int = 0
    regimes: dict[str, int] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    safety: int = 0
    unit: float = 0.0
    left_out: dict[str, int] = field(default_factory=dict)
    domain: dict[str, str] = field(default_factory=dict)
    configurations: tuple[str, ...] = ()
    generator: str = ""

    def clauses(self, result: Verification) -> tuple[Clause, ...]:
        """A row for each test at its α, and one for each promise of randomness."""
        return clauses_of_draws(
            result.title, result.findings, self.tests, self.budget, bool(self.generator)
        )

    def lines(self) -> list[str]:
        """The tests in words."""
        lines = [
            f"{len(self.tests)} tests on {sum(t.draws for t in self.tests)} draws, "
            f"seed {self.seed}",
            f"a right function is refuted with probability at most {self.budget:.0e}, shared "
            "evenly by the tests (bounds for finite samples, no asymptotics)",
            "reference: exact enumeration of small models",
        ]
        for test in self.tests:
            verdict = "off" if test.rejects else "agrees"
            lines.append(f"{test.words}: {verdict}" + (f" ({test.power})" if test.power else ""))
        return lines


class Broken(Exception):
    """A promise that is broken, so that nothing further can be tested."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True)
class Contract(ABC):
    """A distribution, or an expectation, that a function is to draw from or to estimate."""

    name: str
    budget: float = BUDGET

    @property
    @abstractmethod
    def arguments(self) -> tuple[str, ...]:
        """The names of what a function may be given, besides its generator."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What is promised, in words."""

    @abstractmethod
    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        """The tests, each a function of its share of the budget.

        Raises `Broken` for a promise without chance in it.
        """

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """What would explain a failure, in words, or nothing."""
        return ""

    def __call__(self, **chosen: Any) -> Contract:
        """The contract with other numbers, such as ``budget=1e-9``."""
        known = [f.name for f in dataclasses.fields(self) if f.name != "name"]
        for name in chosen:
            if name not in known:
                raise BackproofError(self.name, f"the unknown {name}", ", ".join(known), "drop it")
        return dataclasses.replace(self, **chosen)

    def judge(
        self,
        function: Callable[..., Any],
        inputs: Sequence[Item] | str | None,
        seed: int,
        progress: Progress,
    ) -> Verification:
        """Judge a function; a promise that is broken for certain ends the search."""
        caller = Caller.of(function, self, inputs)
        made: list[Test] = []
        findings: list[Finding] = []
        try:
            planned = list(self.tests(caller, seed))
            for number, test in enumerate(planned, 1):
                made.append(test(self.budget / len(planned)))
                progress("testing draws", number, len(planned))
        except Broken as broken:
            findings.append(broken.finding)
        failed = [t for t in made if t.rejects]
        findings += [_off(caller.title, test) for test in failed[:3]]
        why = ""
        with contextlib.suppress(Broken):  # at another seed
            why = self.cause(caller, seed, failed) if failed else ""
        if why:
            cause = Finding("cause", "wrong", caller.title, why, self.title, "mend that")
            findings.insert(0, cause)
        verdict = "refuted" if findings else "verified"
        grounds = frozenset({"derived", "enumerated", "sampled"})
        effort: Any = Drawn(tuple(made), seed, "float64", self.budget, generator=caller.generator)
        states = {self.name: "wrong" if findings else "right"}
        return Verification(caller.title, verdict, tuple(findings), grounds, states, effort, None)


def _off(title: str, test: Test) -> Finding:
    found = f"{test.words}, {test.detail}"
    expected = f"a deviation of {test.threshold:.3g} at most, and it is {test.statistic:.3g}"
    return Finding("distribution", "wrong", title, found, expected, "see the cause", "", 1, 1)


@dataclass(frozen=True)
class Caller:
    """A function with its generator: called by names, watched for what it does to randomness."""

    binding: Binding
    generator: str = ""  # the parameter that takes a generator, or a seed

    @classmethod
    def of(
        cls, function: Callable[..., Any], contract: Contract, inputs: Sequence[Item] | str | None
    ) -> Caller:
        """The function bound by the names of its parameters, or by ``inputs``."""
        names = (
            parameters_of(function)
            if inputs is None
            else tuple(names_in(inputs if isinstance(inputs, str) else list(inputs)))
        )
        taken = next((n for n in names if n in (*GENERATORS, "seed")), "")
        known = dict.fromkeys((*contract.arguments, *([taken] if taken else [])))
        aliases = {
            alias: name
            for name, others in ALIASES.items()
            for alias in others
            if name in known and alias not in known and name not in names
        }
        return cls(bind(function, inputs, known, aliases), taken)

    @property
    def title(self) -> str:
        """What the function is called."""
        return title_of(self.binding.function)

    def takes(self, name: str) -> bool:
        """Whether the function is given something."""
        return name in self.binding.names

    def __call__(self, rng: np.random.Generator, **values: Any) -> Any:
        """One call; raises `Broken` where the function raises or changes its arguments."""
        given = dict(values)
        if self.generator:
            given[self.generator] = int(rng.integers(2**31)) if self.generator == "seed" else rng
        else:
            np.random.seed(int(rng.integers(2**31)))
        before = {n: a.copy() for n, a in values.items() if isinstance(a, np.ndarray)}
        positional, keywords = self.binding.arguments(given)
        try:
            made = self.binding.function(*positional, **keywords)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raises = Finding("raises", "wrong", self.title, said, "a result", "mend it")
            raise Broken(raises) from error
        for name, array in before.items():
            if not np.array_equal(array, values[name], equal_nan=True):
                found, move = "other numbers after the call", f"work on a copy, {name}.copy()"
                raise Broken(Finding("arguments", "wrong", name, found, "it unchanged", move))
        return made

    def require_generator(self, values: dict[str, Any], seed: int) -> None:
        """The promises of randomness: the generator's alone, reproducible, and used.

        Raises `Broken` for the first that is not kept.
        """
        shared = shared_generators()
        one, two, *others = (
            _flat(self(np.random.default_rng(s), **_copied(values)))
            for s in (seed, *range(seed, seed + 5))  # few draws may be alike by chance
        )
        if self.generator and shared != shared_generators():
            found = "numbers drawn from a generator that everything shares"
            expected = f"those of {self.generator}"
            raise Broken(Finding("randomness", "wrong", self.title, found, expected, "use it"))
        if not np.array_equal(one, two):
            found, expected = "other draws for the same generator", "the same"
            raise Broken(
                Finding("reproducible", "wrong", self.title, found, expected, "draw from it alone")
            )
        if all(np.array_equal(one, other) for other in others):
            found = "the same draws whatever the generator" if self.generator else "no randomness"
            raise Broken(
                Finding("used", "wrong", self.title, found, "draws that differ", "draw from it")
            )


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    return {n: a.copy() if isinstance(a, np.ndarray) else a for n, a in values.items()}


def _flat(found: Any) -> Array:
    """Everything that was returned, in one row."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, tuple | list):
        parts = [_flat(part) for part in found]
        return np.concatenate(parts) if parts else np.zeros(0)
    return np.ravel(np.asarray(found, float))
