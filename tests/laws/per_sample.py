"""What per-sample gradients are: those of the model for batches of one example."""

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.calculus.examples import examples
from backproof.theory.equations import Equation
from backproof.theory.evaluation.exact import Environment, Nested, environment, evaluate
from backproof.theory.evaluation.export import scalar_expansion
from backproof.theory.model import Model
from laws.derivatives import flat
from laws.sample import numbers_for
from laws.steps import assert_close, in_order, step_holds


def part(array: Nested, axis: int, at: int) -> Nested:
    """The array with entry ``at`` of an axis alone, the axis kept."""
    if axis == 0:
        return (array[at],)
    return tuple(part(row, axis - 1, at) for row in array)


def gradients_are_those_of_one_example(
    model: Model, wrt: Any, sizes: Mapping[str, int], positive: tuple[str, ...] = ()
) -> int:
    """∂ℓ[n]/∂W by SymPy, from the model written out in scalars for the batch of example n."""
    result = derive(model, wrt, per_sample="N")
    inputs = numbers_for(model.arguments, sizes, 1, positive)
    values = evaluate(result, inputs, sizes)
    axis = examples(model, "N").axis
    compared = 0
    for n in range(sizes["N"]):
        alone = {k: part(v, axis[k], n) if k in axis else v for k, v in inputs.items()}
        for name, expected in _by_sympy(model, result.wrt, alone, {**sizes, "N": 1}).items():
            found = values[result.results[name].name]
            own = part(found, axis[name], n) if name in axis else found[n]
            assert_close(tuple(flat(own)), expected, f"∂ℓ[{n}]/∂{name}")
            compared += len(expected)
    return compared


def _by_sympy(
    model: Model, wrt: tuple[str, ...], inputs: Mapping[str, Nested], sizes: Mapping[str, int]
) -> dict[str, tuple[Any, ...]]:
    labels = {n: inputs[n] for n, t in model.arguments.items() if t.dtype != "real"}
    output, symbols = scalar_expansion(model, sizes, labels)
    (value,) = flat(output)
    arguments = [s for name in symbols for s in flat(symbols[name])]
    numbers = [x for name in symbols for x in flat(inputs[name])]
    found = {}
    for name in wrt:
        slopes = [sp.diff(value, s) for s in flat(symbols[name])]
        plain = [e.replace(sp.DiracDelta, lambda *_: sp.S.Zero) for e in slopes]
        made = sp.lambdify(arguments, plain, modules="mpmath", cse=True)(*numbers)
        found[name] = tuple(mpmath.mpf(x) for x in made)
    return found


def nothing_pairs_examples(result: Derivation, size: str = "N") -> None:
    """No quantity has two axes of the number of examples."""
    for equation in result.equations:
        axes = [s for s in equation.tensor.shape if str(s) == size]
        assert len(axes) < 2, str(equation)


def steps_hold(model: Model, wrt: Any, sizes: Mapping[str, int]) -> int:
    """Every step is an equality, with the copies and the model of one example defined."""
    result = derive(model, wrt, per_sample="N")
    inputs = numbers_for(model.arguments, sizes, 2)
    here = _defined(environment(model, inputs, sizes), result)
    for step in result.derivation_steps:
        if not isinstance(step.before, str):
            step_holds(step, here)
    return len(result.derivation_steps)


def _defined(here: Environment, result: Derivation) -> Environment:
    """The environment with everything that the steps mention, each by its own equation."""
    alone = [s.after for s in result.derivation_steps if s.rule == "batch of one"]
    copied = [s.before for s in result.derivation_steps if s.rule == "copies are equal"]
    written = [e for e in (*alone, *result.equations, *copied) if isinstance(e, Equation)]
    unique = {e.tensor.name: e for e in reversed(written) if e.tensor.name not in here.values}
    return here.completed(in_order([*unique.values()], set(here.values)))
