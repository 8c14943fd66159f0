"""What `derive` returns is the derivative of what the model means."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.evaluation.exact import Nested, evaluate
from backproof.theory.evaluation.export import scalar_expansion
from laws.sample import Sample, numbers_for
from laws.steps import assert_close


class Expansion:
    """A model written out in scalar symbols, with numbers for them: SymPy differentiates it."""

    def __init__(self, sample: Sample, sizes: Mapping[str, int], seed: int) -> None:
        self.model = sample.model()
        self.inputs = sample.inputs(self.model.arguments, sizes, seed)
        labels = {n: self.inputs[n] for n, t in self.model.arguments.items() if t.dtype != "real"}
        self.output, self.symbols = scalar_expansion(self.model, sizes, labels)
        self.arguments = [s for name in self.symbols for s in flat(self.symbols[name])]
        self.numbers = [x for name in self.symbols for x in flat(self.inputs[name])]

    def values(self, expressions: list[sp.Expr]) -> list[Any]:
        """The numbers of some expressions; away from kinks the delta distributions are zero."""
        plain = [e.replace(sp.DiracDelta, lambda *_: sp.S.Zero) for e in expressions]
        function = sp.lambdify(self.arguments, plain, modules="mpmath", cse=True)
        return [mpmath.mpf(x) for x in function(*self.numbers)]

    def derivative(self, *names: str) -> list[Any]:
        """∂…output/∂names, output entries first, then those of each name, in row-major order."""
        blocks = itertools.product(flat(self.output), *(list(flat(self.symbols[n])) for n in names))
        return self.values([sp.diff(f, *symbols) for f, *symbols in blocks])


def flat(nested: Nested) -> Iterator[Any]:
    """The leaves in row-major order."""
    if isinstance(nested, tuple):
        for row in nested:
            yield from flat(row)
    else:
        yield nested


def gradient_is_derivative_of_expansion(sample: Sample, sizes: Mapping[str, int], seed: int) -> int:
    """Each gradient or Jacobian equals SymPy's derivative of the output in scalar symbols."""
    expansion = Expansion(sample, sizes, seed)
    result = derive(expansion.model)
    values = evaluate(result, expansion.inputs, sizes)
    compared = 0
    for name, tensor in result.results.items():
        expected = tuple(expansion.derivative(name))
        assert_close(tuple(flat(values[tensor.name])), expected, f"∂{result.value.name}/∂{name}")
        compared += len(expected)
    return compared


def hessian_is_second_derivative_of_expansion(
    sample: Sample, sizes: Mapping[str, int], seed: int
) -> int:
    """The Hessian equals SymPy's second derivative, and is symmetric."""
    expansion = Expansion(sample, sizes, seed)
    name = sample.twice
    result = derive(expansion.model, name, order=2)
    found = tuple(flat(evaluate(result, expansion.inputs, sizes)[result.results[name].name]))
    assert_close(found, tuple(expansion.derivative(name, name)), f"∂²f/∂{name}²")
    count = len(tuple(flat(expansion.symbols[name])))
    turned = tuple(found[j * count + i] for i in range(count) for j in range(count))
    assert_close(found, turned, f"symmetry of ∂²f/∂{name}²")
    return len(found)


def mixed_blocks_are_second_derivatives(sample: Sample, sizes: Mapping[str, int], seed: int) -> int:
    """With several names, the block "a,b" is ∂²f/∂a∂b."""
    expansion = Expansion(sample, sizes, seed)
    result = derive(expansion.model, order=2)
    values = evaluate(result, expansion.inputs, sizes)
    compared = 0
    for key, tensor in result.results.items():
        a, _, b = key.partition(",")
        expected = tuple(expansion.derivative(a, b or a))
        assert_close(tuple(flat(values[tensor.name])), expected, f"block {key}")
        compared += len(expected)
    return compared


def product_is_hessian_times_direction(sample: Sample, sizes: Mapping[str, int], seed: int) -> int:
    """Σ_b ∂²f/∂a∂b v[b] without the Hessian equals the Hessian times v."""
    model, name = sample.model(), sample.twice
    hessian, product = derive(model, name, order=2), derive(model, name, order=2, along="direction")
    inputs = numbers_for(product.arguments, sizes, seed, sample.positive)
    full = tuple(flat(value_of(hessian, inputs, sizes)))
    direction = tuple(flat(inputs["direction"]))
    count = len(direction)
    expected = tuple(
        mpmath.fsum(full[i * count + j] * direction[j] for j in range(count)) for i in range(count)
    )
    assert_close(tuple(flat(value_of(product, inputs, sizes))), expected, "Hessian times direction")
    return count


def products_of_several_names(sample: Sample, sizes: Mapping[str, int], seed: int) -> None:
    """With several names, result a is Σ_b ∂²f/∂a∂b v_b, over all of them."""
    expansion = Expansion(sample, sizes, seed)
    names = tuple(expansion.symbols)
    result = derive(expansion.model, names, order=2, along="v")
    inputs = {**numbers_for(result.inputs, sizes, seed + 1), **expansion.inputs}
    values = evaluate(result, inputs, sizes)
    for a in names:
        rows = len(list(flat(expansion.symbols[a])))
        expected = [mpmath.mpf(0)] * rows
        for b in names:
            direction = list(flat(inputs[f"v_{b}"]))
            block = expansion.derivative(a, b)
            for i in range(rows):
                row = block[i * len(direction) : (i + 1) * len(direction)]
                expected[i] += mpmath.fdot(row, direction)
        found = tuple(flat(values[result.results[a].name]))
        assert_close(found, tuple(expected), f"Hessian times direction, block {a}")


def value_of(result: Derivation, inputs: Mapping[str, Nested], sizes: Mapping[str, int]) -> Nested:
    """The only result of a derivation."""
    (tensor,) = result.results.values()
    given = {name: inputs[name] for name in result.arguments}
    return evaluate(result, given, sizes)[tensor.name]
