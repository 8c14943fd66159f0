"""Random programs: their kernels are never refuted, and mutated derivations always are."""

import random
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from oracles.grammar import programs
from oracles.programs import Program

import backproof as bp
from backproof.numerics.judge.diagnosis.probes import mutated
from backproof.numerics.judge.mutations import MUTATIONS, Mutation, Scene
from backproof.numerics.judge.points.point import tolerance
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FEW = settings(max_examples=12, suppress_health_check=CHECKS, deadline=None)
MANY = settings(max_examples=600, suppress_health_check=CHECKS, deadline=None)


def stated(program: Program) -> Any:
    """The derivation of a program, or its model where it has no real inputs."""
    model = bp.trace(program.source, **program.declared())
    return bp.derive(model, wrt=program.reals()) if program.reals() else model


def check_kernel(program: Program, dtype: str) -> None:
    """The kernel of a program and of its gradient is verified, at every point there is."""
    against = stated(program)
    kernel = bp.compile(against, dtype=dtype)
    outputs = ("value", *getattr(against, "results", {}))

    def function(**arrays: Any) -> Any:
        found = kernel(**arrays)
        return found if isinstance(found, dict) else {"value": found}

    result = bp.verify(function, against=against, outputs=outputs, dtype=dtype, seed=1)
    assert result.verdict == "verified", f"{program.source}\n{result}"


@FEW
@given(program=programs(most=8))
def test_kernels_of_random_programs_are_verified(program: Program) -> None:
    check_kernel(program, "float64")


@FEW
@given(program=programs(most=8))
def test_kernels_in_single_precision_are_verified(program: Program) -> None:
    check_kernel(program, "float32")


@pytest.mark.sweep
@MANY
@given(program=programs(most=12))
def test_kernels_of_many_random_programs_are_verified(program: Program) -> None:
    check_kernel(program, "float64")
    check_kernel(program, "float32")


def sizes_of(shapes: dict[str, Any], arrays: dict[str, Any]) -> dict[sp.Symbol, int]:
    """The sizes that the shapes of some arrays say."""
    known: dict[sp.Symbol, int] = {}
    for name, tensor in shapes.items():
        for size, length in zip(tensor.shape, np.shape(arrays[name]), strict=True):
            for symbol in size.free_symbols:
                known.setdefault(symbol, int(sp.solve(size - length, symbol)[0]))
    return known


def check_mutation(program: Program) -> None:
    """A mutation of a program's derivation is refuted with a cause, if it changes any number."""
    against = bp.derive(bp.trace(program.source, **program.declared()), wrt=program.reals())
    statement = Statement.of(against, list(against.results), against.arguments)
    scene = Scene(statement)
    every = [m for e in statement.equations for make in MUTATIONS for m in make(e, scene)]
    if not every:
        return
    mutation: Mutation = random.Random(program.source).choice(every)
    changed: list[bool] = []

    def function(**arrays: Any) -> Any:
        arguments = {n: arrays[n] for n in against.arguments}
        sizes = sizes_of(against.arguments, arguments)
        here, there = (Evaluation(Format.of("float64"), sizes, arguments) for _ in "ab")
        for name, make in mutation.further.items():
            here.give(name, make(here.size, arguments))
        here.run(mutated(statement, mutation))
        there.run(statement.equations)
        found = {}
        for name, tensor in against.results.items():
            value, right = here.real[tensor.name].value, there.real[tensor.name].value
            allowed = 2 * tolerance(there, tensor.name)
            if np.all(np.isfinite(right)):
                changed.append(not np.all(np.abs(value - right) <= allowed))
            found[name] = np.asarray(value, float) if value.ndim else float(value)
        return found

    result = bp.verify(function, against=against, outputs=list(against.results), seed=1)
    told = f"{program.source}\n{mutation.words}\n{result}"
    if result.verdict == "verified":
        assert not any(changed), told
    else:
        assert any(changed), told
        plainly = any(f.clause == "value" and "normal" in f.at for f in result.findings)
        assert not plainly or result.diagnosis.causes, told


@FEW
@given(program=programs(scalar=True, most=6))
def test_mutations_of_random_programs_are_refuted(program: Program) -> None:
    if program.reals():
        check_mutation(program)


@pytest.mark.sweep
@MANY
@given(program=programs(scalar=True, most=6))
def test_many_mutations_of_random_programs_are_refuted(program: Program) -> None:
    if program.reals():
        check_mutation(program)
