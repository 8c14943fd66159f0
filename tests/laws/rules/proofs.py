"""The oracles of a rule: exact expansion in SymPy, differences with many digits, a field or JAX.

None of them shares code with the rules: the first differentiates the statement written out in
scalars, the second and the third know its value only, the last runs its source.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from oracles import precise_differences, prime_field

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.evaluation.export import scalar_expansion
from backproof.theory.model import Model
from laws.derivatives import flat
from laws.meaning import mapped
from laws.rules.row import Row
from laws.scalars import smooth

DIGITS = 40
CLOSE = mpmath.mpf(10) ** -30
OF_JAX = 1e-9  # of the largest entry, in float64

Oracle = Callable[[Row], int]


def derivations(row: Row, model: Model) -> Iterator[Derivation]:
    """The first derivatives and, of a scalar, the second ones with their mixed blocks."""
    yield derive(model, row.wrt)
    if row.second and not model.output.shape:
        yield derive(model, row.wrt, order=2)


def names_of(derivation: Derivation, key: str) -> tuple[str, ...]:
    """What a result is a derivative with respect to, once an order."""
    first, _, other = key.partition(",")
    return (first,) if derivation.order == 1 else (first, other or first)


def real(inputs: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Rational numbers at mpmath's precision; labels stay integers."""

    def precise(x: Any) -> Any:
        return mpmath.mpf(x.p) / x.q if isinstance(x, sp.Rational) else x

    kinds = {name: t.dtype for name, t in model.arguments.items()}
    return {n: mapped(precise, v) if kinds[n] == "real" else v for n, v in inputs.items()}


def by_expansion(row: Row) -> int:
    """SymPy differentiates the value written out in scalar symbols, at exact rationals."""
    model, sizes = row.model(), row.extents()
    inputs = row.numbers(model, seed=1)
    output, symbols = expansion(row, model, inputs)
    at = {
        s: x
        for name in symbols
        for s, x in zip(flat(symbols[name]), flat(inputs[name]), strict=True)
    }
    compared = 0
    for derivation in derivations(row, model):
        given = inputs if row.rational else real(inputs, model)
        values = evaluate(derivation, given, sizes)
        for key, tensor in derivation.results.items():
            wrt = (list(flat(symbols[n])) for n in names_of(derivation, key))
            blocks = list(itertools.product(flat(output), *wrt))
            found = list(flat(values[tensor.name]))
            assert len(found) == len(blocks), f"{key}: {len(found)} entries"
            for value, (f, *variables) in zip(found, blocks, strict=True):
                expected = plain(sp.diff(f, *variables)).xreplace(at)
                same = sp.expand(value - expected) == 0 if row.rational else near(value, expected)
                assert same, f"{row.rule}: ∂{f}/∂{variables} is {expected}, and not {value}"
                compared += 1
    return compared


def expansion(row: Row, model: Model, inputs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The value in scalar symbols, and the symbols of each real input."""
    labels = {n: inputs[n] for n, t in model.arguments.items() if t.dtype != "real"}
    if row.closed is None:
        output, symbols = scalar_expansion(model, row.extents(), labels)
        return output, symbols
    symbols = {
        name: numbered(name, inputs[name])
        for name, tensor in model.arguments.items()
        if tensor.dtype == "real"
    }
    return row.closed(symbols, inputs), symbols


def numbered(name: str, value: Any, place: tuple[int, ...] = ()) -> Any:
    """A real symbol for each entry of an array."""
    if isinstance(value, tuple):
        return tuple(numbered(name, v, (*place, n)) for n, v in enumerate(value))
    return sp.Symbol("_".join([name, *map(str, place)]), real=True)


def plain(expression: sp.Expr) -> sp.Expr:
    """The derivative away from kinks and jumps."""
    return smooth(sp.sympify(expression))


def near(value: Any, expected: sp.Expr) -> bool:
    """Equal but for the last digits of the working precision."""
    exact = mpmath.mpf(sp.N(expected, DIGITS)._to_mpmath(mpmath.mp.prec))
    return bool(abs(value - exact) <= CLOSE * (1 + abs(exact)))


def by_differences(row: Row) -> int:
    """Central differences of the value, with forty digits."""
    model, sizes = row.model(), row.extents()
    inputs = real(row.numbers(model, seed=2), model)
    compared = 0
    for derivation in derivations(row, model):
        values = evaluate(derivation, inputs, sizes)
        for key, tensor in derivation.results.items():
            names = names_of(derivation, key)
            found = list(flat(values[tensor.name]))
            expected = differences(model, inputs, sizes, names)
            assert len(found) == len(expected), f"{key}: {len(found)} entries"
            for value, difference in zip(found, expected, strict=True):
                off = abs(value - difference)
                assert off <= CLOSE * (1 + abs(difference)), f"{row.rule}: {value} ≠ {difference}"
            compared += len(found)
    return compared


def differences(
    model: Model, inputs: Mapping[str, Any], sizes: Mapping[str, int], names: tuple[str, ...]
) -> list[mpmath.mpf]:
    """Output entries first, then those of each name, in row-major order."""
    order = list(dict.fromkeys(names))
    start = {n: sum(len(list(flat(inputs[m]))) for m in order[: order.index(n)]) for n in order}
    at = [x for n in order for x in flat(inputs[n])]
    places = [range(start[n], start[n] + len(list(flat(inputs[n])))) for n in names]

    def value(point: list[mpmath.mpf]) -> list[mpmath.mpf]:
        moved = dict(inputs)
        for name in order:
            moved[name] = refilled(inputs[name], iter(point[start[name] :]))
        return list(flat(evaluate(model, moved, sizes)[model.output.name]))

    if len(names) == 1:
        columns = [precise_differences.first(value, at, i) for i in places[0]]
    else:
        pairs = itertools.product(*places)
        columns = [precise_differences.second(value, at, i, j) for i, j in pairs]
    return [x for entry in zip(*columns, strict=True) for x in entry]


def refilled(nested: Any, numbers: Iterator[mpmath.mpf]) -> Any:
    """The array with other numbers, in row-major order."""
    if isinstance(nested, tuple):
        return tuple(refilled(v, numbers) for v in nested)
    return next(numbers)


def over_a_field(row: Row) -> int:
    """Jets modulo 2⁶¹ − 1 at a random point: an identity of rational functions."""
    model, sizes = row.model(), row.extents()
    inputs = {n: mapped(prime_field.jet, v) for n, v in random_point(row, model).items()}
    labels = {n for n, t in model.arguments.items() if t.dtype != "real"}
    inputs |= {n: mapped(lambda x: x.parts[0], inputs[n]) for n in labels}
    compared = 0
    for derivation in derivations(row, model):
        values = prime_field.values(derivation, inputs, sizes)
        for key, tensor in derivation.results.items():
            names = names_of(derivation, key)
            found = list(flat(values[tensor.name]))
            columns = []
            for places in itertools.product(*(range(len(list(flat(inputs[n])))) for n in names)):
                moved = dict(inputs)
                for name, place, infinitesimal in zip(names, places, (EPSILON, ETA), strict=False):
                    entries = list(flat(moved[name]))
                    entries[place] = entries[place] + infinitesimal
                    moved[name] = refilled(moved[name], iter(entries))
                output = prime_field.values(model, moved, sizes)[model.output.name]
                part = 1 if len(names) == 1 else 3
                columns.append([y.parts[part] for y in flat(output)])
            expected = [x for entry in zip(*columns, strict=True) for x in entry]
            assert [x.parts[0] for x in found] == expected, f"{row.rule}: {key} over the field"
            compared += len(found)
    return compared


EPSILON, ETA = prime_field.Jet(0, 1), prime_field.Jet(0, 0, 1)


def random_point(row: Row, model: Model) -> dict[str, Any]:
    """Residues modulo p for the real inputs; labels as they are drawn."""
    import random

    source = random.Random(3)
    drawn = row.numbers(model, seed=3)
    kinds = {name: t.dtype for name, t in model.arguments.items()}
    found = {
        name: mapped(lambda _: source.randrange(1, prime_field.P), value)
        if kinds[name] == "real"
        else value
        for name, value in drawn.items()
    }
    for name in (n for n, domain in row.domain.items() if domain == "symmetric"):
        n = range(len(found[name]))
        found[name] = tuple(tuple(found[name][min(i, j)][max(i, j)] for j in n) for i in n)
    return found


def by_jax(row: Row) -> int:
    """JAX runs the source and differentiates it, in double precision."""
    from oracles import statements_in_jax

    model, sizes = row.model(), row.extents()
    inputs = row.numbers(model, seed=4)
    arrays = {n: as_array(v, model.arguments[n].dtype) for n, v in inputs.items()}
    compared = 0
    for derivation in derivations(row, model):
        values = evaluate(derivation, real(inputs, model), sizes)
        for key, tensor in derivation.results.items():
            found = as_array(values[tensor.name], "real")
            names = names_of(derivation, key)
            expected = statements_in_jax.derivative(row.source, arrays, *names, instead=row.instead)
            assert found.shape == expected.shape, f"{key}: {found.shape} and {expected.shape}"
            off = np.max(np.abs(found - expected), initial=0.0)
            scale = max(1.0, np.max(np.abs(expected), initial=0.0))
            assert off <= OF_JAX * scale, f"{row.rule}: {key} is off by {off} from JAX"
            compared += found.size
    return compared


def as_array(value: Any, dtype: str) -> np.ndarray:
    """Nested numbers as an array of floats or of labels."""
    plain_numbers = mapped(int if dtype != "real" else float, value)
    return np.array(plain_numbers)


def oracles_of(row: Row) -> tuple[Oracle, ...]:
    """Three of them: the last for rational statements is the field, for all others JAX."""
    return (by_expansion, by_differences, over_a_field if row.rational else by_jax)
