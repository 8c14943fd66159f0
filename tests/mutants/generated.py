"""Mutants made of derived equations: one change each, compiled to a NumPy function to be judged.

The changes are those of `backproof.numerics.judge.mutations`, of every equation of every
specification, backward pass and step.  A mutant that is the same function is no mutant: both are
evaluated at rational points by `backproof.theory.evaluation`, to 40 digits, which shares no code
with the judge; those that agree there are left out and counted.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from mutants.bases import BASES
from mutants.steps import STEPS

from backproof.numerics.judge import Verification, verify
from backproof.numerics.judge.diagnosis.probes import mutated
from backproof.numerics.judge.mutations import MUTATIONS, Mutation, Scene
from backproof.numerics.judge.points.point import Points
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement, default_outputs
from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import Derivation
from backproof.theory.equations import Equation, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.model import Model, needed
from backproof.theory.notation import Tensor
from backproof.theory.rewriting.entries import with_tensors
from backproof.theory.specs import SPECIFICATIONS

POINTS, DIGITS, SAME = 4, 50, mpmath.mpf(10) ** -40
Nested = Any


@dataclass(frozen=True, eq=False)
class Source:
    """What is mutated: equations, and the names of the results that are judged."""

    name: str
    against: Model | Derivation

    @cached_property
    def statement(self) -> Statement:
        """Its results and all its arguments."""
        return Statement.of(self.against, default_outputs(self.against), self.against.arguments)

    def mutants(self) -> Iterator["Generated"]:
        """One for each change of each equation that some result needs."""
        scene = Scene(self.statement)
        seen = set()
        for equation in self.statement.equations:
            for make in MUTATIONS:
                for mutation in make(equation, scene):
                    changed = tuple(mutation.changed.values())
                    if changed not in seen:
                        seen.add(changed)
                        yield Generated(self, mutation)


@dataclass(frozen=True, eq=False)
class Generated:
    """A source with one change."""

    source: Source
    mutation: Mutation

    @property
    def name(self) -> str:
        """The source and the change in words."""
        return f"{self.source.name}: {self.mutation.words}"

    @property
    def kind(self) -> str:
        """The kind of the change."""
        return self.mutation.kind

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The changed equations, as far as results need them."""
        statement = self.source.statement
        every = needed(tuple(mutated(statement, self.mutation)), tuple(statement.outputs.values()))
        found = {t.name: t for e in every for t in e.operands if t.name in self.mutation.further}
        new = {name: replace(t, name=self.called(name)) for name, t in found.items()}
        return tuple(with_tensors(e, new) for e in every)

    def called(self, name: str) -> str:
        """What code can call a mask or shifted labels, "last_(n - k)"."""
        return f"further_{list(self.mutation.further).index(name)}"

    @cached_property
    def model(self) -> Model:
        """The changed equations as a model of several outputs."""
        statement = self.source.statement
        inputs = dict(statement.arguments)
        own = {e.tensor.name for e in self.equations}
        for equation in self.equations:  # masks and shifted labels that the change reads
            for tensor in equation.operands:
                if tensor.name not in own:
                    inputs.setdefault(tensor.name, tensor)
        outputs = dict(statement.outputs)
        first = next(iter(outputs.values()))
        return Model(self.equations, inputs, {}, first, outputs=outputs)

    def function(self) -> Callable[..., Any]:
        """The NumPy function; raises `BackproofError` where no kernel can be made."""
        kernel = compile(self.model)
        names = tuple(self.source.statement.arguments)
        outputs = tuple(self.source.statement.outputs)

        def changed(*arrays: Any) -> Any:
            given = dict(zip(names, arrays, strict=True))
            more = self._further(given)
            out = kernel(**{n: {**given, **more}[n] for n in kernel.arguments.names})
            found = [out[n] for n in outputs] if isinstance(out, Mapping) else [out]
            made = [np.array(a) if np.ndim(a) else a for a in found]
            return made[0] if len(made) == 1 else tuple(made)

        return changed

    def _further(self, given: Mapping[str, Any]) -> dict[str, Any]:
        sizes = {}
        for name, tensor in self.source.statement.arguments.items():
            for extent, n in zip(tensor.shape, np.shape(given[name]), strict=True):
                if extent.is_Symbol:
                    sizes[extent] = n

        def size(expression: Any) -> int:
            return int(sp.sympify(expression).subs(sizes))

        return {self.called(n): make(size, given) for n, make in self.mutation.further.items()}

    def equivalent(self) -> bool:
        """Whether the change makes no difference at rational points."""
        with mpmath.workdps(DIGITS):
            return all(self._same(number) for number in range(POINTS))

    def _same(self, number: int) -> bool:
        statement = self.source.statement
        values, sizes = rational(statement, number)
        kinds = {n: int if t.dtype == "integer" else float for n, t in statement.arguments.items()}
        arrays = {n: np.array(v, kinds[n]) for n, v in values.items()}
        more = {n: a.tolist() for n, a in self._further(arrays).items()}
        inputs = {**statement.arguments, **self.model.inputs}
        numbers = {n: _precise(v, inputs[n]) for n, v in {**values, **more}.items()}
        before, after = (
            evaluate(equations, used, _sizes(equations, used, inputs, sizes))
            for equations in (statement.equations, self.equations)
            for used in [_used(equations, numbers)]
        )
        for tensor in statement.outputs.values():
            pairs = zip(_leaves(before[tensor.name]), _leaves(after[tensor.name]), strict=True)
            if any(abs(a - b) > SAME * (1 + abs(a)) for a, b in pairs):
                return False
        return True

    def judged(self, seed: int, dtype: str = "float64") -> Verification:
        """The verdict about it."""
        statement = self.source.statement
        names, outputs = tuple(statement.arguments), tuple(statement.outputs)
        return verify(self.function(), self.source.against, names, outputs, dtype, seed)


def _used(equations: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    used = {t.name for e in equations for t in e.operands}
    return {name: value for name, value in values.items() if name in used}


def _sizes(
    equations: Any, used: Any, inputs: Mapping[str, Tensor], sizes: Mapping[str, int]
) -> dict[str, int]:
    """The sizes that these equations and arguments mention."""
    extents = [size for name in used for size in inputs[name].shape]
    extents += [i.size for e in equations for i in every_index(e)]
    known = {s.name for extent in extents for s in extent.free_symbols}
    return {name: n for name, n in sizes.items() if name in known}


def _precise(value: Nested, tensor: Tensor) -> Nested:
    if isinstance(value, list | tuple):
        return [_precise(v, tensor) for v in value]
    if tensor.dtype == "integer":
        return int(value)
    exact = Fraction(value)
    return mpmath.mpf(exact.numerator) / exact.denominator


def _leaves(value: Nested) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def rational(statement: Statement, number: int) -> tuple[dict[str, Nested], dict[str, int]]:
    """Rational arguments as they were declared, of unequal sizes, and those sizes."""
    points = Points(statement, Format.of("float64"), number, {})
    assignment = points.assignments[min(number % 2, len(points.assignments) - 1)]
    draw = points.draw(assignment, number)
    # whole multiples of 1/64: every one a rational number, and the same as a float
    values = draw.values(lambda shape: draw.rng.integers(-160, 161, size=shape) / 64)
    sizes = {symbol.name: int(n) for symbol, n in assignment.sizes.items()}
    return {name: array.tolist() for name, array in values.items()}, sizes


def sources() -> list[Source]:
    """Every specification forward and backward, every backward pass, every step."""
    found = []
    for spec in SPECIFICATIONS:
        found.append(Source(spec.name, spec.model()))
        if spec.wrt:
            found.append(Source(f"d{spec.name}", spec.pullback()))
    found += [Source(base.name, base.derivation()) for base in (*BASES, *STEPS)]
    return found


def sample(count: int, seed: int) -> tuple[list[Generated], int, int]:
    """Mutants drawn evenly from the sources, how many were equivalent, and how many not compiled.

    Every source is as likely as another, since some have many more equations.
    """
    rng = random.Random(seed)
    every = [list(islice(source.mutants(), 400)) for source in sources()]
    kept: list[Generated] = []
    equivalent = uncompiled = 0
    while len(kept) < count and any(every):
        pool = rng.choice([p for p in every if p])
        mutant = pool.pop(rng.randrange(len(pool)))
        try:
            mutant.function()
            same = mutant.equivalent()
        except (BackproofError, ValueError, IndexError, ZeroDivisionError, TypeError):
            uncompiled += 1
            continue
        equivalent += same
        if not same:
            kept.append(mutant)
    return kept, equivalent, uncompiled
