"""Feed-forward networks from their definition in scalars, one sum at a time.

    z_l[j] = Σ_i W_l[j,i] h_{l−1}[i] + b_l[j],    h_l[j] = g(z_l[j]),    h_0 = x
    J = (1/N) Σ_n −log P(y_n | z_n) + λ Σ W² + μ Σ |W|

The numbers are those of a field: mpmath's, to be differenced, or SymPy's, to be differentiated.
Nothing here knows arrays, equations or how anything is derived.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp

DIGITS = 40
STEP = mpmath.mpf(10) ** -12  # central differences then err by about 1e-24, far below a double
ACTIVATIONS = ("relu", "logistic", "tanh", "softplus", "linear")
LIKELIHOODS = ("gaussian", "bernoulli", "categorical", "poisson", "laplace", "heteroscedastic")


@dataclass(frozen=True)
class Network:
    """What `bp.networks.mlp` is told, with the batch size and the seed of the numbers."""

    widths: tuple[int, ...]
    activation: str
    likelihood: str
    l2: float | None = None
    l1: float | None = None
    named: bool = False  # the strengths of the penalty are inputs
    batch: int = 2
    seed: int = 0

    @property
    def layers(self) -> range:
        """1, …, the number of layers."""
        return range(1, len(self.widths))

    @property
    def parameters(self) -> tuple[str, ...]:
        """W1, b1, W2, … and those of a second head"""
        heads = [*map(str, self.layers)]
        if self.likelihood == "heteroscedastic":
            heads.append(f"{self.layers[-1]}_s")
        return tuple(f"{letter}{head}" for head in heads for letter in "Wb")

    @property
    def strengths(self) -> dict[str, float]:
        """The strengths of the penalty, by the names of their inputs."""
        both = {"λ": self.l2, "μ": self.l1}
        return {name: value for name, value in both.items() if value is not None}

    @property
    def penalty(self) -> dict[str, float | str] | None:
        """The penalty as `bp.networks.mlp` takes it."""
        of = {"λ": "l2", "μ": "l1"}
        given = {of[name]: name if self.named else at for name, at in self.strengths.items()}
        return given or None

    def numbers(self) -> dict[str, np.ndarray]:
        """Inputs and parameters; weights keep away from zero, the kink of their absolute value."""
        random = np.random.default_rng([self.seed, self.batch, *self.widths])
        numbers = {"x": random.normal(size=(self.batch, self.widths[0]))}
        outputs = (self.batch, self.widths[-1])
        if self.likelihood == "categorical":
            numbers["y"] = random.integers(self.widths[-1], size=self.batch)
        elif self.likelihood == "bernoulli":
            numbers["y"] = random.integers(2, size=outputs).astype(float)
        elif self.likelihood == "poisson":
            numbers["y"] = random.integers(4, size=outputs).astype(float)
        else:
            numbers["y"] = random.normal(size=outputs)
        for name in self.parameters[::2]:
            layer = int(name.removesuffix("_s")[1:])
            shape = (self.widths[layer], self.widths[layer - 1])
            signs = random.choice([-1, 1], size=shape)
            numbers[name] = signs * random.uniform(0.1, 1.2, size=shape)
            numbers[f"b{name[1:]}"] = random.normal(size=shape[0])
        if self.named:
            numbers |= {name: np.asarray(value) for name, value in self.strengths.items()}
        return numbers

    def distance_to_kinks(self) -> float:
        """The smallest |z| of a rectified unit and |y − z| of a Laplace one; infinite if smooth."""
        numbers, nearest = self.numbers(), np.inf
        h, kinked = numbers["x"], self.activation == "relu"
        if not kinked and self.likelihood != "laplace":
            return np.inf
        for layer in self.layers:
            z = h @ numbers[f"W{layer}"].T + numbers[f"b{layer}"]
            if layer == self.layers[-1]:
                gap = np.abs(numbers["y"] - z) if self.likelihood == "laplace" else np.inf
                return min(nearest, float(np.min(gap)))
            nearest = min(nearest, float(np.min(np.abs(z)))) if kinked else nearest
            h = NUMPY[self.activation](z)
        raise AssertionError


NUMPY = {
    "relu": lambda z: np.maximum(z, 0),
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.log1p(np.exp(z)),
    "linear": lambda z: z,
}


# The definition ----------------------------------------------------------------------------


def activation(name: str, z: Any, field: Any) -> Any:
    """g(z)"""
    if name == "relu":
        return sp.Piecewise((z, z > 0), (0, True)) if field is sp else max(z, 0)
    return {
        "linear": lambda: z,
        "tanh": lambda: (field.exp(z) - field.exp(-z)) / (field.exp(z) + field.exp(-z)),
        "logistic": lambda: 1 / (1 + field.exp(-z)),
        "softplus": lambda: field.log(1 + field.exp(z)),
    }[name]()


def surprise(likelihood: str, z: Sequence[Any], y: Any, field: Any, s: Sequence[Any] = ()) -> Any:
    """−log P(y | z) of one example, s its log-variances."""
    if likelihood == "categorical":
        return -field.log(field.exp(z[int(y)]) / sum(field.exp(entry) for entry in z))
    if likelihood == "bernoulli":
        p = [1 / (1 + field.exp(-entry)) for entry in z]
        return -sum(
            field.log(q) if int(label) else field.log(1 - q) for q, label in zip(p, y, strict=True)
        )
    spread = s if len(s) else [0] * len(z)
    return -sum(
        field.log(density(likelihood, label, entry, log_variance, field))
        for entry, label, log_variance in zip(z, y, spread, strict=True)
    )


def density(likelihood: str, y: Any, z: Any, s: Any, field: Any) -> Any:
    """P(y | z), or its density."""
    if likelihood == "poisson":
        rate, count = field.exp(z), int(y)
        return rate**count * field.exp(-rate) / math.factorial(count)
    if likelihood == "laplace":
        gap = sp.Abs(y - z) if field is sp else abs(y - z)
        return field.exp(-gap) / 2
    variance = field.exp(s)
    return field.exp(-((y - z) ** 2) / (2 * variance)) / field.sqrt(2 * field.pi * variance)


def affine(values: Mapping[str, Any], head: str, h: Sequence[Any]) -> list[Any]:
    """W h + b"""
    return [
        sum(w * e for w, e in zip(row, h, strict=True)) + c
        for row, c in zip(values[f"W{head}"], values[f"b{head}"], strict=True)
    ]


def objective(network: Network, values: Mapping[str, Any], field: Any) -> Any:
    """J for nested lists of numbers of a field."""
    data = 0
    for x, y in zip(values["x"], values["y"], strict=True):
        h = x
        for layer in network.layers:
            below, z = h, affine(values, str(layer), h)
            h = [activation(network.activation, entry, field) for entry in z]
        second = f"{network.layers[-1]}_s"
        s = affine(values, second, below) if f"W{second}" in values else ()
        data += surprise(network.likelihood, z, y, field, s)
    weights = [
        w for name in network.parameters if name[0] == "W" for row in values[name] for w in row
    ]
    squares, sizes = sum(w**2 for w in weights), sum(abs(w) for w in weights)
    strengths = {"λ": 0, "μ": 0} | {
        name: values.get(name, field.mpf(value) if field is mpmath else sp.Float(value, DIGITS))
        for name, value in network.strengths.items()
    }
    return data / network.batch + strengths["λ"] * squares + strengths["μ"] * sizes


# Two ways to differentiate it --------------------------------------------------------------


def nested(array: np.ndarray, of: Any) -> Any:
    """Nested lists of what `of` makes of each position of an array."""
    if not array.ndim:
        return of(())
    return [
        nested(array[i], lambda inner, i=i: of((i, *inner)))  # type: ignore[misc]
        for i in range(array.shape[0])
    ]


def by_differences(network: Network, wrt: Sequence[str]) -> dict[str, np.ndarray]:
    """J and its gradient by central differences with forty digits."""
    numbers = network.numbers()
    with mpmath.workdps(DIGITS):
        values = {
            name: array.tolist()
            if name == "y"
            else nested(array, lambda at, a=array: mpmath.mpf(float(a[at])))
            for name, array in numbers.items()
        }
        out = {"value": np.asarray(float(objective(network, values, mpmath)))}
        for name in wrt:
            slopes = np.empty(numbers[name].shape)
            for at in np.ndindex(numbers[name].shape):
                ends = []
                for sign in (1, -1):
                    moved = nested(
                        numbers[name],
                        lambda here, at=at, sign=sign, a=numbers[name]: (
                            mpmath.mpf(float(a[here])) + (sign * STEP if here == at else 0)
                        ),
                    )
                    ends.append(objective(network, values | {name: moved}, mpmath))
                slopes[at] = float((ends[0] - ends[1]) / (2 * STEP))
            out[name] = slopes
    return out


def by_sympy(network: Network, wrt: Sequence[str]) -> dict[str, np.ndarray]:
    """J and its gradient by SymPy's own derivative of J written out in scalar symbols."""
    numbers = network.numbers()

    def symbol(name: str, at: tuple[int, ...]) -> sp.Symbol:
        return sp.Symbol("_".join([name, *map(str, at)]), real=True)

    symbols = {
        name: nested(array, lambda at, name=name: symbol(name, at))
        for name, array in numbers.items()
    }
    values = symbols | {"y": numbers["y"].tolist()}
    J = objective(network, values, sp)
    flat = [
        (here, sp.Float(float(array[at]), DIGITS))
        for name, array in numbers.items()
        if name != "y"
        for at in np.ndindex(array.shape)
        for here in [entry(symbols[name], at)]
    ]
    names, at_point = zip(*flat, strict=True)

    def number(expression: sp.Expr) -> float:
        return float(sp.lambdify(names, expression, "mpmath")(*at_point))

    with mpmath.workdps(DIGITS):
        out = {"value": np.asarray(number(J))}
        for name in wrt:
            slopes = np.empty(numbers[name].shape)
            for at in np.ndindex(numbers[name].shape):
                slopes[at] = number(sp.diff(J, entry(symbols[name], at)))
            out[name] = slopes
    return out


def entry(of: Any, at: Sequence[int]) -> Any:
    """An entry of nested lists."""
    for i in at:
        of = of[i]
    return of
