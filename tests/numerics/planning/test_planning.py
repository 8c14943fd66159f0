"""Planned kernels compute what their source computes; wrong plans do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.kernel import Kernel
from backproof.numerics.planning import lifetimes as lifetimes_module
from backproof.numerics.planning import program as program_module
from backproof.numerics.planning import targets as targets_module
from backproof.numerics.planning.lifetimes import Lifetime
from backproof.numerics.planning.memory import places
from backproof.theory.equations import Sum
from backproof.theory.model import Model
from laws import planned as law
from laws.random_equations import EXTENTS, entrywise, woven

ULPS = 64
WIDTHS = st.lists(st.integers(1, 5), min_size=2, max_size=4)
HEADS = ("categorical", "bernoulli", "gaussian", "poisson")


def network(
    widths: Sequence[int], activation: str, likelihood: str, **options: Any
) -> bp.Derivation:
    """The derivatives of a dense network."""
    return bp.derive(bp.networks.mlp(widths, activation, likelihood, {"l2": 0.1}), **options)


def inputs(derivation: Any, batch: int, seed: int, dtype: str) -> dict[str, Any]:
    """Arrays for a derivation, labels in their range."""
    random = np.random.default_rng([seed, batch])
    extents = {**EXTENTS, "N": batch}
    found = {}
    for name, tensor in derivation.arguments.items():
        below = tensor.below if tensor.below is not None else sp.S.One
        symbols = {s for size in (*tensor.shape, below) for s in size.free_symbols}
        known = {s: extents[str(s)] for s in symbols}
        shape = tuple(int(size.xreplace(known)) for size in tensor.shape)
        if tensor.dtype == "integer":
            found[name] = random.integers(int(below.xreplace(known)), size=shape)
        else:
            found[name] = np.abs(random.normal(size=shape)).astype(dtype) + np.asarray(0.1, dtype)
    return found


@settings(max_examples=25, deadline=None)
@given(
    WIDTHS,
    st.sampled_from(sorted(bp.networks.ACTIVATIONS)),
    st.sampled_from(HEADS),
    st.sampled_from(["float64", "float32"]),
    st.integers(0, 2**16),
)
def test_networks(widths: list[int], activation: str, head: str, dtype: str, seed: int) -> None:
    derivation = network(widths, activation, head)
    kernel = bp.compile(derivation, dtype=dtype)
    calls = [inputs(derivation, batch, seed, dtype) for batch in (3, 1, 17, 3)]
    law.computes_its_source(kernel, calls, ULPS)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([entrywise, woven]), st.sampled_from(["float64", "float32"]), st.integers(0))
def test_drawn_equations(kind: Any, dtype: str, seed: int) -> None:
    equation = kind(seed % 10**6)
    assume(isinstance(equation.rhs, Sum) and equation.operands)
    given_ = {t.name: t for t in equation.operands}
    model = Model((replace(equation),), given_, {}, equation.tensor)
    sizes = {s for t in given_.values() for size in t.shape for s in size.free_symbols}
    every = {s for i in equation.indices for s in i.size.free_symbols}
    assume(every | {s for t in equation.rhs.terms for s in t.coefficient.free_symbols} <= sizes)
    kernel = bp.compile(model, dtype=dtype)
    calls = [inputs(model, 3, s, dtype) for s in range(3)]
    with np.errstate(all="ignore"):
        values = law.straight_line(kernel, calls[0])["value"]
        assume(np.isfinite(values).all())
        law.computes_its_source(kernel, calls, ULPS)


SECOND = {
    "Hessian": {"order": 2},
    "product": {"order": 2, "along": "v"},
    "each": {"per_sample": "N"},
}


@pytest.mark.parametrize("what", SECOND)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_second_derivatives_and_gradients_of_each(what: str, dtype: str) -> None:
    derivation = network((4, 5, 3), "tanh", "categorical", **SECOND[what])
    kernel = bp.compile(derivation, dtype=dtype)
    calls = [inputs(derivation, batch, 1, dtype) for batch in (6, 2, 6)]
    law.computes_its_source(kernel, calls, ULPS)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("options", [{}, {"kernel": 2, "pool": 3, "activation": "tanh"}])
def test_convolutional_networks(options: dict[str, Any], dtype: str) -> None:
    shape, channels = ("N 2 10 12", [3, 2]) if not options else ("N 1 8 8", [3])
    derivation = bp.derive(bp.networks.convolutional(shape, channels, 4, **{"kernel": 3} | options))
    kernel = bp.compile(derivation, dtype=dtype)
    assert "packed" in kernel.program.source
    assert "argmax" not in kernel.program.source.replace("= argmax", "")
    calls = [inputs(derivation, batch, 2, dtype) for batch in (4, 1, 9, 4)]
    law.computes_its_source(kernel, calls, ULPS)


def wide() -> tuple[Kernel, list[dict[str, Any]]]:
    """A kernel that works long enough, outside of Python's lock, for threads to meet in it."""
    derivation = network((200, 300, 150, 10), "relu", "categorical")
    return bp.compile(derivation), [inputs(derivation, n, n, "float64") for n in (128, 128, 33)]


def test_threads() -> None:
    law.threads_do_not_meet(*wide(), rounds=5)


def test_one_instance_for_two_threads_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, calls = wide()
    law.planned(kernel, calls[0])
    pool = kernel._pools[(128,)]

    class Shared(list):
        """A list that gives its last member away and keeps it."""

        def pop(self) -> Any:  # type: ignore[override]
            return self[-1]

    pool.free = Shared(pool.free)
    kernel._quick.seats.of.clear()  # it remembers the list of before
    with pytest.raises((AssertionError, law.threading.BrokenBarrierError)):
        law.threads_do_not_meet(kernel, [calls[0], {**calls[1], "W1": -calls[1]["W1"]}], 400)


# Wrong plans -------------------------------------------------------------------------------


def fails(derivation: Any) -> None:
    """The law is broken by the plan that is made now."""
    kernel = bp.compile(derivation)
    with pytest.raises(AssertionError):
        law.computes_its_source(kernel, [inputs(derivation, n, n, "float64") for n in (5, 9)], ULPS)


def test_a_buffer_freed_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = lifetimes_module.lifetimes

    def early(*given: Any) -> dict[str, Lifetime]:
        lives = right(*given)  # NumPy itself copies what one call reads and overwrites
        return {n: replace(l, last=max(l.first, l.last - 4)) for n, l in lives.items()}

    monkeypatch.setattr(program_module, "lifetimes", early)
    fails(network((4, 4, 4), "tanh", "categorical", order=2, along="v"))


def test_writing_over_a_living_value_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = lifetimes_module.lifetimes

    def greedy(statements: Any, buffers: Mapping[str, Any], *rest: Any) -> dict[str, Lifetime]:
        lives = right(statements, buffers, *rest)
        for place, statement in enumerate(statements):
            target, operands = lifetimes_module._in_place(statement, buffers, *rest)
            for old in operands:
                if lives[old].last > place and lives[target].first == place:
                    return {**lives, target: replace(lives[target], takes=old)}
        raise AssertionError("there is nothing to write over")

    monkeypatch.setattr(program_module, "lifetimes", greedy)
    fails(network((3, 4, 2), "tanh", "categorical"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 300)), max_size=9))
def test_no_two_live_buffers_overlap(drawn: list[tuple[int, int, int]]) -> None:
    lives = {str(n): Lifetime(str(n), min(a, b), max(a, b)) for n, (a, b, _) in enumerate(drawn)}
    sizes = {str(n): size for n, (_, _, size) in enumerate(drawn)}
    offsets, total = places(lives, sizes)
    for one, life in lives.items():
        assert offsets[one] % 64 == 0
        assert offsets[one] + sizes[one] <= total
        for other in set(lives) - {one}:
            together = life.first <= lives[other].last and lives[other].first <= life.last
            if together and sizes[one] and sizes[other]:
                before = offsets[one] + sizes[one] <= offsets[other]
                assert before or offsets[other] + sizes[other] <= offsets[one]


# Arrays of the caller's ----------------------------------------------------------------------


def gradient() -> tuple[Kernel, dict[str, Any]]:
    """A kernel with a scalar and two arrays as results."""
    model = bp.trace("np.sum(np.tanh(W @ x)**2)", W="m n", x="n")
    random = np.random.default_rng(0)
    return bp.compile(bp.derive(model)), {
        "W": random.normal(size=(3, 2)), "x": random.normal(size=2),
    }  # fmt: skip


def test_results_go_where_the_caller_says() -> None:
    kernel, arrays = gradient()
    plain = kernel(**arrays)
    mine = np.full((3, 2), np.nan)
    found = kernel(**arrays, out={"W": mine})
    assert found["W"] is mine
    law.same({k: np.asarray(v) for k, v in found.items()}, plain, 0)


REFUSED = {
    "an input": (lambda arrays: {"W": arrays["W"]}, "memory"),
    "a part of an input": (lambda arrays: {"x": arrays["W"].reshape(-1)[:2]}, "memory"),
    "an unknown name": (lambda _: {"V": np.zeros(2)}, "V"),
    "another shape": (lambda _: {"W": np.zeros((2, 3))}, "(2, 3)"),
    "another dtype": (lambda _: {"W": np.zeros((3, 2), "f4")}, "float32"),
    "another order": (lambda _: {"W": np.zeros((3, 2), order="F")}, "C order"),
    "a list": (lambda _: {"x": [0.0, 0.0]}, "list"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_arrays_that_results_cannot_go_to(what: str) -> None:
    kernel, arrays = gradient()
    make, word = REFUSED[what]
    with pytest.raises(bp.BackproofError) as caught:
        kernel(**arrays, out=make(arrays))
    assert word in str(caught.value)


def test_an_output_over_an_input_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, arrays = gradient()
    plain = {name: np.array(value) for name, value in kernel(**arrays).items()}
    monkeypatch.setattr(targets_module.np, "may_share_memory", lambda *_: False)
    own = {name: value.copy() for name, value in arrays.items()}
    found = kernel(**own, out={"W": own["W"]})
    with pytest.raises(AssertionError):
        law.same({k: np.asarray(v) for k, v in found.items()}, plain, ULPS)


# What is recorded ----------------------------------------------------------------------------


def test_rewrites_are_steps() -> None:
    kernel = bp.compile(network((3, 4, 1), "tanh", "bernoulli"))
    assert "axis of one entry" in {step.rule for step in kernel.steps}
    twice = bp.compile(network((3, 4, 2), "tanh", "categorical", order=2, along="v"))
    assert "common subexpression" in {step.rule for step in twice.steps}
    for line in twice.equations:
        assert f"# {line}" in twice.source
        assert f"# {line}" in twice.program.source


def test_memory_is_reused() -> None:
    kernel, _ = wide()
    sizes = dict.fromkeys(kernel.arguments.sizes, 128)
    lengths = {
        b.name: 8 * int(np.prod(program_module.shape(b, sizes))) for b in kernel.program.kept
    }
    _, total = places(kernel.program.lives, lengths)
    assert total < 0.7 * sum(lengths.values())
