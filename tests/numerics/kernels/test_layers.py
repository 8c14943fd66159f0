"""Layers drawn at random: value and gradients against loops over numbers, torch and JAX."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.layers import forward, loss, slope, winners
from scipy import signal

import backproof as bp
from backproof.theory.layers import LAYERS, Layer

QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=400)
L = bp.layers


@dataclass(frozen=True)
class Case:
    """A layer, the shape of its input in numbers, and the shape that the library is told."""

    layer: Layer
    shape: tuple[int, ...]
    told: str
    parameters: dict[str, tuple[int, ...]]
    seed: int

    def arrays(self) -> dict[str, np.ndarray]:
        """Input, target and parameters; no two entries of the input are close to each other."""
        random = np.random.default_rng([self.seed, *self.shape])
        size = int(np.prod(self.shape))
        spread = random.permutation(size) - size / 2 + random.uniform(-0.3, 0.3, size)
        x = (0.1 * spread).reshape(self.shape)
        p = {name: random.normal(size=shape) for name, shape in self.parameters.items()}
        named = {name.rstrip("1"): a for name, a in p.items()}
        y = random.normal(size=forward(self.layer, x.astype(np.longdouble), named).shape)
        return {"x": x, "y": y, **p}

    def derivation(self) -> bp.Derivation:
        """The gradient of the mean squared error in the input and all parameters."""
        model = bp.networks.sequential(self.told, [self.layer], likelihood="gaussian")
        return bp.derive(model, wrt=("x", *self.parameters))


# Cases ---------------------------------------------------------------------------------------


def small(high: int = 3) -> st.SearchStrategy[int]:
    return st.integers(1, high)


@st.composite
def told(draw: Callable[..., Any], shape: tuple[int, ...], names: str) -> str:
    """The shape, each size as a number or by its name; a space in the names keeps the number."""
    sizes = [str(n) if name == " " or not draw(st.booleans()) else name
             for n, name in zip(shape, names, strict=True)]  # fmt: skip
    return " ".join(sizes)


def axes(rank: int, *of: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """One number for all axes, or one an axis."""
    (one,) = of
    return st.one_of(one, st.tuples(*[one] * rank))


@st.composite
def convolutions(draw: Callable[..., Any]) -> Case:
    rank = draw(st.sampled_from((1, 2, 2)))
    kernel = tuple(draw(small()) for _ in range(rank))
    stride, padding = draw(axes(rank, small())), draw(axes(rank, st.integers(0, 2)))
    dilation, groups = draw(axes(rank, small(2))), draw(st.sampled_from((1, 1, 2, 3)))
    o, c = groups * draw(small(2)), groups * draw(small(2))
    pads, steps = (p if isinstance(p, tuple) else (p,) * rank for p in (padding, dilation))
    least = [max(1, d * (k - 1) + 1 - 2 * p)
             for k, p, d in zip(kernel, pads, steps, strict=True)]  # fmt: skip
    image = tuple(n + draw(st.integers(0, 3)) for n in least)
    shape = (draw(small(2)), c, *image)
    bias = draw(st.booleans())
    named = draw(st.booleans())  # the kernel's sizes by name
    given = tuple("kl"[:rank]) if named else kernel
    layer = L.Convolution(o, given, stride, padding, dilation, groups, bias)
    parameters = {"K1": (o, c // groups, *kernel)} | ({"b1": (o,)} if bias else {})
    names = "N" + ("c" if groups == 1 else " ") + "HW"[:rank]
    return Case(layer, shape, draw(told(shape, names)), parameters, draw(st.integers(0, 99)))


@st.composite
def pools(draw: Callable[..., Any]) -> Case:
    rank = draw(st.sampled_from((1, 2, 2)))
    window = draw(st.tuples(*[small()] * rank))
    stride = draw(st.one_of(st.none(), axes(rank, small())))
    padding = tuple(draw(st.integers(0, k // 2)) for k in window)
    image = tuple(
        max(1, k - 2 * p) + draw(st.integers(0, 3)) for k, p in zip(window, padding, strict=True)
    )
    shape = (draw(small(2)), draw(small(2)), *image)
    layer = draw(st.sampled_from((L.MaxPool, L.MeanPool)))(window, stride, padding)
    assume(not layer.windows.single)  # that changes nothing, and is refused alone
    return Case(layer, shape, draw(told(shape, "NcHW"[: len(shape)])), {}, draw(st.integers(0, 99)))


@st.composite
def norms(draw: Callable[..., Any]) -> Case:
    shape = tuple(draw(small()) for _ in range(draw(st.integers(2, 4))))
    epsilon = draw(st.sampled_from((1e-5, 1e-2)))
    if draw(st.booleans()):
        over = draw(st.integers(1, len(shape) - 1))
        layer, own = L.LayerNorm(over, epsilon), shape[len(shape) - over :]
    else:
        layer, own = L.BatchNorm(epsilon), shape[1:2]
    assume(np.prod(own) > 1 if isinstance(layer, L.LayerNorm) else np.prod(shape) > own[0])
    parameters = {"gamma1": own, "beta1": own}
    names = "NcHW"[: len(shape)]
    return Case(layer, shape, draw(told(shape, names)), parameters, draw(st.integers(0, 99)))


@st.composite
def attentions(draw: Callable[..., Any]) -> Case:
    heads, width = draw(small(2)), draw(small())
    given = draw(st.booleans())
    d = draw(small()) if given else heads * width
    shape = (draw(small(2)), draw(small()), d)
    layer = L.SelfAttention(heads, width if given else None)
    parameters = {f"W{name}1": (heads, d, width) for name in "qkv"} | {"Wo1": (heads, width, d)}
    names = "NLd" if given else "NL "
    return Case(layer, shape, draw(told(shape, names)), parameters, draw(st.integers(0, 99)))


@st.composite
def plain(draw: Callable[..., Any]) -> Case:
    """Layers with little to choose."""
    shape = tuple(draw(small()) for _ in range(draw(st.integers(2, 4))))
    seed, bias = draw(st.integers(0, 99)), draw(st.booleans())
    kind = draw(st.sampled_from(("dense", "filter", "flatten", "activation", "residual")))
    names = "NcHW"[: len(shape)]
    if kind == "dense":
        units = draw(small())
        parameters = {"W1": (units, shape[-1])} | ({"b1": (units,)} if bias else {})
        layer: Layer = L.Dense(draw(st.sampled_from((units, "u"))), bias)
        return Case(layer, shape, draw(told(shape, names)), parameters, seed)
    if kind == "filter":
        shape = (*shape[:-2], shape[-2] + 1, shape[-1] + 1)
        parameters = dict.fromkeys(("a1", "b1", "c1", "d1"), ())
        return Case(L.Filter2x2(), shape, draw(told(shape, names)), parameters, seed)
    if kind == "flatten":
        layer = L.Flatten(draw(st.sampled_from((None, 2))) if len(shape) > 2 else 2)
        return Case(layer, shape, draw(told(shape, names)), {}, seed)
    g = L.Activation(draw(st.sampled_from(("relu", "tanh", "softplus", "sigmoid", "logistic"))))
    if kind == "activation":
        return Case(g, shape, draw(told(shape, names)), {}, seed)
    layer = L.Residual((L.Dense(shape[-1]), L.Activation("tanh")))
    parameters = {"W1": (shape[-1], shape[-1]), "b1": shape[-1:]}
    return Case(layer, shape, draw(told(shape, names[:-1] + " ")), parameters, seed)


KINDS = {
    "convolutions": convolutions(),
    "pools": pools(),
    "norms": norms(),
    "attentions": attentions(),
    "plain": plain(),
}


# What is compared ----------------------------------------------------------------------------


def close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Same shape, and entries that agree relative to the largest."""
    assert np.shape(found) == np.shape(expected), what
    scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-2)
    off = float(np.max(np.abs(np.asarray(found, np.longdouble) - expected), initial=0.0))
    assert off <= tolerance * scale, f"{what} is off by {off:.1e} of {scale:.1e}"


def check_against_loops(case: Case) -> None:
    """The value; the gradient along a random direction; float32 beside float64."""
    arrays, derivation = case.arrays(), case.derivation()
    kernel = bp.compile(derivation)
    out = kernel(**arrays)
    exact = {name: np.asarray(a, np.longdouble) for name, a in arrays.items()}
    close(out["value"], loss(case.layer, exact), 1e-12, "J")
    model = bp.networks.sequential(case.told, [case.layer])
    given = {name: arrays[name] for name in model.arguments}
    named = {name.rstrip("1"): exact[name] for name in case.parameters}
    close(bp.compile(model)(**given), forward(case.layer, exact["x"], named), 1e-12, "the result")
    random = np.random.default_rng(case.seed)
    direction = {n: random.normal(size=np.shape(arrays[n])) for n in ("x", *case.parameters)}
    largest = max(np.max(np.abs(way), initial=1.0) for way in direction.values())
    expected = slope(case.layer, arrays, direction, 1e-4 / float(largest))
    found = sum(np.vdot(out[name], way) for name, way in direction.items())
    scale = sum(np.vdot(np.abs(out[name]), np.abs(way)) for name, way in direction.items())
    assert abs(found - expected) <= 1e-9 * max(scale, 1e-2), (found, expected, kernel.source)
    single = bp.compile(derivation, dtype="float32")(**arrays)
    for name, value in out.items():
        assert single[name].dtype == np.float32
        close(single[name], value, 2e-3, f"{name} in float32")


def away_from_kinks(case: Case) -> bool:
    """Whether no entry of the input is near zero, where relu has its kink."""
    smooth = not isinstance(case.layer, L.Activation) or case.layer.name != "relu"
    return smooth or bool(np.min(np.abs(case.arrays()["x"])) > 0.01)


def check_against(case: Case, value_and_gradient: Callable[..., dict[str, Any]]) -> None:
    """The value and every gradient, entry by entry."""
    arrays = case.arrays()
    out = bp.compile(case.derivation())(**arrays)
    expected = value_and_gradient(case.layer, arrays)
    assert out.keys() == expected.keys()
    for name, value in out.items():
        close(value, expected[name], 1e-10, name)


@pytest.mark.parametrize("kind", KINDS)
def test_against_loops(kind: str) -> None:
    @QUICK
    @given(case=KINDS[kind].filter(away_from_kinks))
    def agree(case: Case) -> None:
        check_against_loops(case)

    agree()


@pytest.mark.parametrize("kind", KINDS)
def test_against_torch(kind: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
    from oracles.layers_in_torch import value_and_gradient

    @QUICK
    @given(case=KINDS[kind])
    def agree(case: Case) -> None:
        check_against(case, value_and_gradient)

    agree()


@pytest.mark.parametrize("kind", KINDS)
def test_against_jax(kind: str) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install backproof[jax]")
    from oracles.layers_in_jax import value_and_gradient

    @settings(QUICK, max_examples=3)  # JAX compiles each operation for each shape
    @given(case=KINDS[kind])
    def agree(case: Case) -> None:
        with jax.enable_x64(True):
            check_against(case, value_and_gradient)

    agree()


@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
def test_sweep(kind: str) -> None:
    """Many more of the same; torch and JAX where they are installed."""
    checks = [lambda case: check_against_loops(case) if away_from_kinks(case) else None]
    try:
        from oracles.layers_in_torch import value_and_gradient as by_torch

        checks.append(lambda case: check_against(case, by_torch))
    except ModuleNotFoundError:
        print("torch is not installed: not compared with it")

    @LONG
    @given(case=KINDS[kind])
    def agree(case: Case) -> None:
        for check in checks:
            check(case)

    agree()


# Ties, and what SciPy says -------------------------------------------------------------------


@QUICK
@given(case=pools().filter(lambda case: isinstance(case.layer, L.MaxPool)))
def test_of_equal_entries_the_first_row_by_row_counts(case: Case) -> None:
    """Whole numbers tie all the time: the gradient is one for each window at its first maximum."""
    random = np.random.default_rng(case.seed)
    x = random.integers(0, 3, case.shape).astype(float)
    model = bp.networks.sequential(case.told, [case.layer])
    value = bp.compile(model)(x=x)
    y = value - random.integers(1, 9, value.shape)  # so that dJ/dz is a whole number over N
    gradient = bp.networks.sequential(case.told, [case.layer], likelihood="gaussian")
    out = bp.compile(bp.derive(gradient, "x"))(x=x, y=y)["x"]
    expected, at = np.zeros(case.shape), iter(winners(case.layer, x))
    rank = len(case.layer.windows)
    for place in np.ndindex(value.shape[-rank:]):
        for front in np.ndindex(value.shape[:-rank]):
            expected[next(at)] += (value - y)[(*front, *place)] / case.shape[0]
    close(out, expected, 1e-13, "the gradient at ties")


def test_scipy_correlates_too() -> None:
    """Forward a correlation, backward a convolution, in the kernel a correlation again."""
    random = np.random.default_rng(5)
    x, K, G = (random.normal(size=shape) for shape in ((7, 6), (3, 2), (5, 5)))
    layer = L.Convolution(1, ("k", "l"), bias=False)
    z = signal.correlate2d(x, K, "valid")
    model = bp.networks.sequential("1 1 H W", [layer], likelihood="gaussian")
    given = {"x": x[None, None], "K1": K[None, None], "y": (z - G)[None, None]}
    out = bp.compile(bp.derive(model, ("x", "K1")))(**given)
    close(out["x"][0, 0], signal.convolve2d(G, K, "full"), 1e-13, "dx")
    close(out["K1"][0, 0], signal.correlate2d(x, G, "valid"), 1e-13, "dK")


def test_every_layer_is_drawn() -> None:
    kinds = {"Convolution", "MaxPool", "MeanPool", "LayerNorm", "BatchNorm", "SelfAttention"}
    kinds |= {"Dense", "Filter2x2", "Flatten", "Activation", "Residual"}
    assert kinds == {layer.__name__ for layer in LAYERS}
