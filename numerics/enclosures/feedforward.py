"""Feed-forward networks with numbers: what the enclosures of networks work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.composition import compose, partly_saturated
from backproof.numerics.enclosures.functions import BY_SYMBOL
from backproof.numerics.enclosures.functions.derivative import Derivative
from backproof.numerics.enclosures.kinks import Boxes, relu, step
from backproof.numerics.enclosures.local import Local
from backproof.numerics.enclosures.rounding import Array, up
from backproof.numerics.enclosures.taylor import Taylor
from backproof.theory import scalars
from backproof.theory.errors import BackproofError, UnsupportedError

ACTIVATIONS: dict[str, type[sp.Function]] = {
    "sigmoid": scalars.sigmoid,
    "logistic": scalars.sigmoid,
    "tanh": sp.tanh,
    "softplus": scalars.softplus,
    "relu": scalars.relu,
    "step": scalars.step,
    "sin": sp.sin,
    "cos": sp.cos,
    "erf": sp.erf,
    "atan": sp.atan,
    "exp": sp.exp,
}
KINKED = {scalars.relu: relu, scalars.step: step}


@dataclass(frozen=True)
class Layer:
    """h ↦ g⁽ⁿ⁾(W h + b) entry by entry, n = ``times``; no ``activation`` is the identity.

    ``loss`` is the relative error of weights and bias, zero where they are exact; ``exact`` holds
    the numbers that they were rounded from, rows and bias, for engines that can use them.
    """

    weights: Array
    bias: Array
    activation: type[sp.Function] | None = None
    times: int = 0
    loss: float = 0.0
    exact: tuple[tuple[tuple[sp.Expr, ...], ...], tuple[sp.Expr, ...]] | None = None

    @property
    def numbers(self) -> tuple[tuple[tuple[sp.Expr, ...], ...], tuple[sp.Expr, ...]] | None:
        """The true weights and bias as SymPy numbers; `None` where only their error is known."""
        if self.exact is not None:
            return self.exact
        if self.loss:
            return None
        rows = tuple(tuple(map(sp.Rational, row)) for row in self.weights.tolist())
        return rows, tuple(map(sp.Rational, self.bias.tolist()))

    def enclose(self, boxes: Boxes, h: Taylor | Local) -> Taylor | Local:
        """The Taylor models of the units."""
        z = self.before(h)
        if self.activation is None:
            return z
        if self.activation in KINKED:
            if self.times:
                raise UnsupportedError(
                    "derivatives",
                    f"the activation {self.activation.__name__}",
                    "a smooth one",
                    "use 0",
                )
            return KINKED[self.activation](boxes, z)
        g = BY_SYMBOL[self.activation]
        smooth = Derivative(g, self.times) if self.times else g
        return partly_saturated(smooth, z) or compose(smooth, z)

    def before(self, h: Taylor | Local, shifted: bool = True) -> Taylor:
        """W h + b, or W h alone."""
        bias = self.bias if shifted else np.zeros_like(self.bias)
        z = h.affine(self.weights, bias)
        if not self.loss:
            return z
        h = whole(h)
        lost = ((h.size + h.e) @ np.abs(self.weights).T + np.abs(bias)) * self.loss
        return Taylor(z.basis, z.degree, z.c, up(z.e + lost))


def whole(h: Taylor | Local) -> Taylor:
    """The same as Taylor models of all units."""
    return h.dense() if isinstance(h, Local) else h


@dataclass(frozen=True)
class FeedForward:
    """A function of R^d to R by layers of numbers.

        h_0 = x,    h_l = g_l(W_l h_{l−1} + b_l),    N(x) = h_L,

    ``W_l`` of shape (units, inputs); the last layer has one unit.  The numbers are float64, taken
    as exact.

    >>> net = shallow([1.0, -1.0], [2.0, 2.0], [0.0, -1.0], activation="relu")
    >>> float(net(0.25)), float(net(2.0))
    (0.5, 1.0)
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        width = self.dimension
        for n, layer in enumerate(self.layers, 1):
            units = len(layer.bias)
            if layer.weights.shape != (units, width):
                raise BackproofError(
                    f"layer {n}",
                    f"weights of shape {layer.weights.shape} and {units} biases",
                    f"weights of shape ({units}, {width})",
                    "give W one row a unit and one column an input",
                )
            if not (np.isfinite(layer.weights).all() and np.isfinite(layer.bias).all()):
                raise BackproofError(
                    f"layer {n}", "a weight that is not finite", "numbers", "mend it"
                )
            width = units
        if width != 1:
            raise BackproofError(
                "the network", f"{width} outputs", "one", "certify them one by one"
            )

    @property
    def dimension(self) -> int:
        """The number of inputs."""
        return self.layers[0].weights.shape[1]

    def __call__(self, *x: Any) -> Any:
        """N(x) in float64, without any guarantee."""
        h = np.stack(np.broadcast_arrays(*map(np.asarray, x)), -1).astype(float)
        for layer in self.layers:
            h = h @ layer.weights.T + layer.bias
            if layer.activation is not None:
                h = VALUES[layer.activation](h)
        return h[..., 0]

    def enclose(self, boxes: Boxes) -> Taylor:
        """The Taylor model of N over boxes."""
        h: Taylor | Local = boxes.variables()
        for layer in self.layers:
            h = layer.enclose(boxes, h)
        h = whole(h)
        return Taylor(h.basis, h.degree, h.c[..., 0], h.e[..., 0])

    @property
    def kinks(self) -> Array:
        """Where the first layer has kinks or jumps, for one input."""
        first = self.layers[0]
        if self.dimension != 1 or first.activation not in KINKED:
            return np.empty(0)
        sloped = first.weights[:, 0] != 0
        return -first.bias[sloped] / first.weights[sloped, 0]

    @property
    def steepness(self) -> float:
        """The largest sum of |weights| of a unit of the first layer: the scale of its detail."""
        return float(np.abs(self.layers[0].weights).sum(1).max())


_KNOWN: dict[int, tuple[Any, FeedForward]] = {}


def of_model(model: Any) -> FeedForward:
    """The network of a model with fields ``c``, ``w``, ``b``, ``c0`` and ``activation``.

    Numbers that are no float64 are rounded, and the rounding is counted.  The last models seen are
    remembered, since reading many exact numbers takes longer than certifying the network.
    """
    known = _KNOWN.get(id(model))
    if known is not None and known[0] is model:
        return known[1]
    numbers = [*model.c, *model.b, model.c0, *(x for row in model.w for x in row)]
    if not model.c or any(not x.is_number for x in numbers):
        raise BackproofError(
            "the network", "symbols for weights", "numbers", "give c, w, b and c0 as numbers"
        )
    hidden = _rounded(model.w, model.b, activation_named(model.activation))
    network = FeedForward((hidden, _rounded((model.c,), (model.c0,), None)))
    if len(_KNOWN) >= 32:
        _KNOWN.clear()
    _KNOWN[id(model)] = (model, network)
    return network


def _is_float(x: sp.Expr) -> bool:
    """Whether a number is a float64, for which few bits over a power of two are enough."""
    return (
        bool(x.is_Rational)
        and x.q & (x.q - 1) == 0
        and abs(x.p).bit_length() <= 53
        and x.q < 2**900
    )


def _rounded(
    rows: Sequence[Sequence[sp.Expr]], bias: Sequence[sp.Expr], g: type[sp.Function] | None
) -> Layer:
    weights = np.array([[float(x) for x in row] for row in rows])
    shift = np.array([float(x) for x in bias])
    exact = all(map(_is_float, (*bias, *(x for row in rows for x in row))))
    if exact:
        return Layer(weights, shift, g)
    return Layer(weights, shift, g, 0, 2.0**-52, (tuple(map(tuple, rows)), tuple(bias)))


def _expit(z: Array) -> Array:
    from scipy.special import expit

    return expit(z)


def _erf(z: Array) -> Array:
    from scipy.special import erf

    return erf(z)


VALUES: dict[type[sp.Function], Any] = {
    scalars.sigmoid: _expit,
    sp.tanh: np.tanh,
    scalars.softplus: lambda z: np.logaddexp(0, z),
    scalars.relu: lambda z: np.maximum(z, 0),
    scalars.step: lambda z: np.heaviside(z, 0),
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.erf: _erf,
    sp.atan: np.arctan,
    sp.exp: np.exp,
}


def activation_named(name: str | type[sp.Function]) -> type[sp.Function]:
    """The SymPy function of an activation's name."""
    if isinstance(name, str):
        if name not in ACTIVATIONS:
            raise BackproofError(
                "activation", repr(name), f"one of {', '.join(ACTIVATIONS)}", "pick one"
            )
        return ACTIVATIONS[name]
    if name not in VALUES:
        raise BackproofError(
            "activation", str(name), f"one of {', '.join(ACTIVATIONS)}", "pick one"
        )
    return name


def shallow(
    c: Sequence[float] | Array,
    w: Any,
    b: Sequence[float] | Array,
    c0: float = 0.0,
    activation: str | type[sp.Function] = "sigmoid",
) -> FeedForward:
    """c₀ + Σ_j c_j σ(w_j · x + b_j), ``w`` of shape (N,) for one input or (N, d)."""
    weights = np.asarray(w, float)
    weights = weights[:, None] if weights.ndim == 1 else weights
    hidden = Layer(weights, np.asarray(b, float), activation_named(activation))
    return FeedForward((hidden, Layer(np.asarray(c, float)[None], np.array([float(c0)]))))


def deep(
    layers: Sequence[tuple[Any, Any]], activation: str | type[sp.Function] = "sigmoid"
) -> FeedForward:
    """Layers (W, b) with one activation between them, the last one linear."""
    g = activation_named(activation)
    return FeedForward(
        tuple(
            Layer(
                np.asarray(weights, float).reshape(len(np.atleast_1d(bias)), -1),
                np.atleast_1d(np.asarray(bias, float)),
                g if n < len(layers) else None,
            )
            for n, (weights, bias) in enumerate(layers, 1)
        )
    )
