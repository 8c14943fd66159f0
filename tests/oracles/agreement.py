"""What a kernel must share with NumPy running the same program, and with differences of it."""

from typing import Any

import numpy as np
from oracles.differences import off_differences
from oracles.programs import SIZES, Program

import backproof as bp


def values_agree(found: Any, expected: Any, tolerance: float) -> None:
    """Same shape, and entries that agree relative to the largest."""
    assert np.shape(found) == np.shape(expected), f"{np.shape(found)} is not {np.shape(expected)}"
    scale = max(np.max(np.abs(expected), initial=0.0), 1.0)
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * scale, (found, expected)


def check_first_order(program: Program) -> None:
    """Value and Jacobians of a program under both assignments of sizes; float32 beside float64."""
    model = bp.trace(program.source, **program.declared())
    if not program.reals():
        return
    derivation = bp.derive(model, wrt=program.reals())
    assert str(model)
    assert str(derivation)
    kernel, single = bp.compile(derivation), bp.compile(derivation, dtype="float32")
    function = program.function()
    for sizes in SIZES:
        inputs = program.numbers(sizes)
        out = kernel(**inputs)
        values_agree(out["value"], function(**inputs), 1e-11)
        values_agree(bp.compile(model)(**inputs), function(**inputs), 1e-11)
        for name in program.reals():
            off = off_differences(out[name], function, inputs, name)
            assert off < 1e-6, f"d{name} is off by {off:.1e} with {sizes}\n{kernel.source}"
        rough = single(**inputs)
        for name, exact in out.items():
            assert rough[name].dtype == np.float32
            values_agree(rough[name], exact, 2e-3)


def check_second_order(program: Program) -> None:
    """Hessian and Hessian-vector product of a scalar program against its gradient."""
    model = bp.trace(program.source, **program.declared())
    function = program.function()
    for name in program.reals()[:2]:
        gradient = bp.compile(bp.derive(model, wrt=name))
        hessian = bp.compile(bp.derive(model, wrt=name, order=2))
        along = bp.compile(bp.derive(model, wrt=name, order=2, along="v_"))
        for sizes in SIZES:
            inputs = program.numbers(sizes)
            if inputs[name].size > 12:
                continue
            out = hessian(**inputs)
            values_agree(out["value"], function(**inputs), 1e-11)
            off = off_differences(out[name], lambda **at: gradient(**at)[name], inputs, name)  # noqa: B023
            assert off < 1e-6, f"the Hessian in {name} is off by {off:.1e}\n{hessian.source}"
            axes = inputs[name].ndim
            direction = np.asarray(np.random.default_rng(3).normal(size=inputs[name].shape))
            product = np.tensordot(out[name], direction, axes=axes)
            values_agree(along(**inputs, v_=direction)[name], product, 1e-9)
