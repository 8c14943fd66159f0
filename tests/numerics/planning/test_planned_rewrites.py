"""What the planner rewrites means the same, each rewrite beside an oracle; without its condition
it does not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics import contraction_order as order_module
from backproof.numerics import lowering as lowering_module
from backproof.numerics import vectors as vectors_module
from backproof.numerics.contraction_order import ALL, cheapest
from backproof.numerics.planning import maxima as maxima_module
from backproof.numerics.planning import pooling as pooling_module
from backproof.numerics.planning import rewrites as rewrites_module
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import Entry, Index
from backproof.theory.scalars import sgn

RANDOM = np.random.default_rng(5)


# Slices of a target ------------------------------------------------------------------------

ROWS = """
a = np.sum(x*np.tanh(y)) + np.sum(x)
b = np.sum(np.exp(x))
return np.stack([a, b, np.sum(y)])
"""


def rows(**arrays: Any) -> dict[str, np.ndarray]:
    """The Jacobian of ROWS by hand."""
    x, y = arrays["x"], arrays["y"]
    zero = np.zeros_like(x)
    return {
        "x": np.stack([np.tanh(y) + 1, np.exp(x), zero]),
        "y": np.stack([x / np.cosh(y) ** 2, zero, zero + 1]),
    }


def jacobian() -> tuple[Any, dict[str, np.ndarray]]:
    """The compiled Jacobian of ROWS, and arrays."""
    derived = bp.derive(bp.trace(ROWS, x="n", y="n"), wrt=("x", "y"))
    return bp.compile(derived), {"x": RANDOM.normal(size=3), "y": RANDOM.normal(size=3)}


def test_slices_that_terms_name_are_written_once() -> None:
    kernel, arrays = jacobian()
    out = kernel(**arrays)
    for name, expected in rows(**arrays).items():
        np.testing.assert_allclose(out[name], expected, rtol=1e-14)
    (stacked,) = (b for b in kernel.blocks if b.equation.tensor == kernel.results["value"])
    assert not any("fill" in line or "+=" in line for line in stacked.lines)  # all is written


def test_two_terms_of_one_slice_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lowering_module, "apart", lambda spots: True)
    kernel, arrays = jacobian()
    assert not np.allclose(kernel(**arrays)["x"], rows(**arrays)["x"])


def test_what_no_slice_covers_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lowering_module, "covered", lambda spots, out: True)
    kernel, arrays = jacobian()
    own = {"y": np.full((3, 3), 7.0)}
    assert not np.allclose(kernel(**arrays, out=own)["y"], rows(**arrays)["y"])


# Chains of vectorised functions ------------------------------------------------------------

FIELDS = np.concatenate([np.linspace(-90, 90, 61), [-1000, 1000, 0, 1e-8, -1e-8]])
FUNCTIONS = {
    "special.expit(z)": lambda z: 1 / (1 + mpmath.exp(-z)),
    "np.logaddexp(0, z)": lambda z: mpmath.log1p(mpmath.exp(z)),
}


def worst(source: str, dtype: str) -> float:
    """The largest relative error of a kernel in units of the dtype, where numbers are normal."""
    kernel = bp.compile(bp.trace(source, z="n"), dtype=dtype)
    assert "vectors." in kernel.program.source
    z, limits = np.resize(FIELDS, 520).astype(dtype), np.finfo(dtype)
    with np.errstate(all="ignore"):
        found = kernel(z=z)
    assert not np.isnan(found).any()
    few = len(FIELDS)
    np.testing.assert_array_equal(found[few : 2 * few], found[:few])
    with mpmath.workdps(500):
        exact = [FUNCTIONS[source](mpmath.mpf(float(x))) for x in z[:few]]
        errors = [
            abs(mpmath.mpf(float(y)) / e - 1) / float(limits.eps)
            for y, e in zip(found[:few], exact, strict=True)
            if abs(e) > float(limits.tiny)
        ]
    return float(max(errors))


CHAINS = [("np.logaddexp(0, z)", "float64"), ("np.logaddexp(0, z)", "float32"),
          ("special.expit(z)", "float32")]  # fmt: skip


@pytest.mark.parametrize(("source", "dtype"), CHAINS)
def test_chains_are_accurate_in_both_tails(source: str, dtype: str) -> None:
    assert worst(source, dtype) <= 6


@pytest.mark.parametrize(("source", "dtype"), CHAINS)
def test_few_entries_give_the_same_numbers(source: str, dtype: str) -> None:
    kernel = bp.compile(bp.trace(source, z="n"), dtype=dtype)
    z = FIELDS.astype(dtype)
    with np.errstate(all="ignore"):
        many = kernel(z=np.resize(z, 520))[: len(z)]
        room = 6 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(kernel(z=z[:5]), many[:5], rtol=room, atol=1e-37)


def careless(log: bool) -> Any:
    """A chain that adds a small number to a large one and takes it away again."""

    def softplus(zeros: np.ndarray) -> Any:
        def run(z: np.ndarray, target: np.ndarray, scratch: np.ndarray) -> None:
            top = np.maximum(z, zeros)
            target[...] = top + np.log(1 + np.exp(-np.abs(z)))

        return run

    def sigmoid(zeros: np.ndarray) -> Any:
        def run(z: np.ndarray, target: np.ndarray, scratch: np.ndarray) -> None:
            target[...] = np.tanh(z / 2) / 2 + zeros.dtype.type(0.5)

        return run

    return softplus if log else sigmoid


@pytest.mark.parametrize(("source", "dtype"), CHAINS)
def test_a_chain_that_cancels_is_caught(
    source: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "softplus", careless(log=True))
    monkeypatch.setattr(vectors_module, "sigmoid", careless(log=False))
    assert worst(source, dtype) > 100


# Maxima before relu ------------------------------------------------------------------------


RULE = "maximum before relu"
BLOCKS = (2, 3)


def blocks(activation: str = "relu") -> Any:
    """The slope by x of a squared distance to maxima over blocks, of an activation of x."""
    layers = [bp.networks.Activation(activation), bp.networks.MaxPool(BLOCKS)]
    return bp.derive(bp.networks.sequential("N 3 4 6", layers, "gaussian"), wrt="x")


def by_hand(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The slope, entry by entry: that of the first largest entry of relu in each block."""
    found = np.zeros_like(x)
    for place in np.ndindex(y.shape):
        n, c, i, j = place
        spots = [(n, c, 2 * i + u, 3 * j + v) for u, v in np.ndindex(BLOCKS)]
        values = [max(x[spot], 0) for spot in spots]
        best = values.index(max(values))
        found[spots[best]] = (max(values) - y[place]) / len(x) * (x[spots[best]] > 0)
    return found


def images() -> dict[str, np.ndarray]:
    """Images with ties and zeros, blocks without a positive entry, and what is observed."""
    x = RANDOM.integers(-2, 3, size=(7, 3, 4, 6)).astype(float)
    x[0], x[1, 0, :2, :3] = -1, 0
    return {"x": x, "y": RANDOM.normal(size=(7, 3, 2, 2))}


def rules(kernel: Any) -> list[str]:
    """The rules that made the equations of a kernel."""
    return [step.rule for step in kernel.steps]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_maxima_are_taken_before_relu(dtype: str) -> None:
    kernel, arrays = bp.compile(blocks(), dtype=dtype), images()
    assert RULE in rules(kernel)
    room = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(kernel(**arrays)["x"], by_hand(**arrays), rtol=room, atol=room)


def test_a_function_with_slopes_on_both_sides_is_left_alone() -> None:
    assert RULE not in rules(bp.compile(blocks("tanh")))


def test_without_its_slope_the_rewrite_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling_module, "step", sgn)  # −1 where no entry is positive
    monkeypatch.setattr(pooling_module, "_slope_of", lambda f, g, at: f.arguments[0].tensor)
    arrays = images()
    assert not np.allclose(bp.compile(blocks())(**arrays)["x"], by_hand(**arrays))


@pytest.mark.parametrize("kind", ["relu", "argmax", "slope"])
@pytest.mark.parametrize("use", ["result", "read"])
def test_another_use_of_what_is_left_out_forbids_it(kind: str, use: str) -> None:
    derived = blocks()
    equations = list(derived.equations)
    (h,) = (e for e in equations if "relu" in str(e))
    (a,) = (e for e in equations if "argmax" in str(e))
    (dh,) = (e for e in equations if a.tensor in e.operands)
    left_out = {"relu": h, "argmax": a, "slope": dh}[kind]
    results = list(derived.results.values())
    assert pooling_module.pooled_first(equations, results, set())[1]
    if use == "result":
        results.append(left_out.tensor)
    else:
        reader = replace(dh.tensor, name="t")
        at = left_out.indices
        term = Contraction(sp.S.One, (Entry(left_out.tensor, at), Entry(left_out.tensor, at)))
        equations.append(Equation(replace(reader, shape=left_out.tensor.shape), at, Sum((term,))))
    assert pooling_module.pooled_first(equations, results, set()) == (equations, [])


def network(dtype: str, kernel: int = 3, pool: Any = 2) -> tuple[Any, dict[str, Any]]:
    """A compiled convolutional network, and images and labels for it."""
    model = bp.networks.convolutional("N 2 9 11", [3], 4, kernel=kernel, pool=pool)
    derived = bp.derive(model)
    sizes = {"N": 6}
    arrays: dict[str, Any] = {}
    for name, tensor in derived.arguments.items():
        shape = tuple(
            int(s.xreplace({t: sizes[str(t)] for t in s.free_symbols})) for s in tensor.shape
        )
        arrays[name] = RANDOM.integers(-2, 3, size=shape).astype(dtype)  # many ties
    arrays["y"] = RANDOM.integers(4, size=6)
    return bp.compile(derived, dtype=dtype), arrays


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("pool", [2, (3, 1), (1, 3)])
def test_networks_with_ties(dtype: str, pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, arrays = network(dtype, pool=pool)
    assert rules(kernel).count(RULE) >= 2
    monkeypatch.setattr(
        rewrites_module, "pooled_first", lambda equations, outputs, names: (equations, [])
    )
    plain = bp.compile(
        bp.derive(bp.networks.convolutional("N 2 9 11", [3], 4, kernel=3, pool=pool)), dtype=dtype
    )
    assert RULE not in rules(plain)
    one, other = kernel(**arrays), plain(**arrays)
    for name, expected in other.items():
        np.testing.assert_allclose(
            one[name], expected, rtol=0, atol=float(np.abs(expected).max()) * 1e-5, err_msg=name
        )


@pytest.mark.parametrize("form", ["NEARER", "FIRST_OF_ALL"])
def test_the_last_of_equal_entries_is_caught(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, arrays = network("float64")
    expected = kernel(**arrays)
    monkeypatch.setattr(maxima_module, form, "")  # a nearer place no longer takes over
    wrong = network("float64")[0](**arrays)
    assert not all(np.allclose(wrong[name], expected[name]) for name in expected)


# The order of a product --------------------------------------------------------------------


def chain() -> Any:
    """The kernel of a product of three matrices."""
    return bp.compile(bp.trace("A @ B @ C", A="a b", B="b c", C="c d"))


def matrices(a: int, b: int, c: int, d: int) -> dict[str, np.ndarray]:
    """Three matrices."""
    shapes = {"A": (a, b), "B": (b, c), "C": (c, d)}
    return {name: RANDOM.normal(size=shape) for name, shape in shapes.items()}


def multiplications(order: Any, *sizes: int) -> int:
    """What an order of three matrices costs, counted by hand."""
    a, b, c, d = sizes
    return a * b * c + a * c * d if order[0] == (0, 1) else b * c * d + a * b * d


@pytest.mark.parametrize("sizes", [(50, 40, 30, 2), (2, 30, 40, 50), (9, 2, 9, 3), (2, 9, 3, 9)])
def test_the_order_is_that_of_the_sizes_of_a_call(sizes: tuple[int, ...]) -> None:
    kernel, arrays = chain(), matrices(*sizes)
    expected = np.einsum("ij,jk,kl->il", *arrays.values())
    np.testing.assert_allclose(kernel(**arrays), expected, rtol=1e-12, atol=1e-12)
    known = dict(zip(kernel.arguments.sizes, sizes, strict=True))
    (order,) = kernel._orders.at(known)
    assert multiplications(order, *sizes) == min(
        multiplications(((0, 1),), *sizes), multiplications(((1, 2),), *sizes)
    )
    ways = ("A.dot(B", "B.T.dot(A.T") if order[0] == (0, 1) else ("B.dot(C", "C.T.dot(B.T")
    assert any(first in kernel.planned(known).source for first in ways)


def test_an_order_is_decided_once() -> None:
    kernel = chain()
    for sizes in [(50, 40, 30, 2), (60, 40, 30, 3), (2, 30, 40, 50), (50, 40, 30, 2)]:
        kernel(**matrices(*sizes))
    assert len(kernel._programs) == 2  # one for each order
    (step,) = (s for s in kernel.steps if s.rule == "contraction order")
    assert str(step.after) == "(A · B) · C"


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_orders_of_many_factors_cost_the_least(count: int) -> None:
    symbols = sp.symbols(f"s:{count + 1}", integer=True, positive=True)
    indices = [Index(f"i{n}", s) for n, s in enumerate(symbols)]
    factors = list(itertools.pairwise(indices))
    extents = dict(zip(symbols, RANDOM.integers(1, 40, count + 1).tolist(), strict=True))
    order = cheapest(factors, (indices[0], indices[-1]), extents)
    sizes = list(extents.values())
    best = least(sizes)
    found = spent(order, factors, {indices[0], indices[-1]}, dict(zip(indices, sizes, strict=True)))
    assert found == best if count <= ALL else found >= best


def test_factors_meet_where_none_is_turned_over() -> None:
    """Σ_jk h[n,j] W[j,k] g[n,k]: h W is a product as they lie, W gᵀ one of rows with rows."""
    n, j, k = (Index(name, sp.Symbol(name)) for name in "njk")
    factors = [(n, j), (j, k), (n, k)]
    sizes = {n.size: 100, j.size: 500, k.size: 1000}  # h W writes more, W gᵀ multiplies less
    assert cheapest(factors, (n,), sizes) == ((0, 1), (0, 1))
    vector = [(n, j), (k, j), (k,)]
    assert cheapest(vector, (n,), sizes)[0] == (1, 2)  # turning is no match for a vector


def least(sizes: list[int]) -> int:
    """The cost of the best bracketing of a chain: the recurrence of a textbook (CLRS 14.2)."""
    if len(sizes) < 3:
        return 0
    return min(
        least(sizes[: k + 1]) + least(sizes[k:]) + sizes[0] * sizes[k] * sizes[-1]
        for k in range(1, len(sizes) - 1)
    )


def spent(order: Any, factors: list[Any], out: set[Any], sizes: dict[Any, int]) -> int:
    """The multiplications of an order, factor after factor."""
    left, total = list(factors), 0
    for a, b in order:
        together = set(left[a]) | set(left[b])
        left = [f for n, f in enumerate(left) if n not in (a, b)]
        total += int(np.prod([sizes[i] for i in together]))
        left.append(tuple(i for i in together if i in out.union(*left)))
    return total


def test_sizes_that_are_ignored_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_module, "weight", lambda index, extents=None: 64)
    orders = [(2, 30, 40, 50), (50, 40, 30, 2)]
    wrong = 0
    for sizes in orders:
        try:
            test_the_order_is_that_of_the_sizes_of_a_call(sizes)
        except AssertionError:
            wrong += 1
    assert wrong == 1  # one order for all sizes is wrong for one of the two


def test_factors_that_would_both_be_transposed_change_places() -> None:
    model = bp.energy.rbm(40, 30).energy("N")
    kernel = bp.compile(model)
    assert "v.dot(W," in kernel.program.source
    sizes = {"v": (5, 40), "h": (5, 30), "W": (40, 30), "b_v": 40, "b_h": 30}
    a = {name: RANDOM.normal(size=shape) for name, shape in sizes.items()}
    expected = [
        -v @ a["W"] @ h - a["b_v"] @ v - a["b_h"] @ h for v, h in zip(a["v"], a["h"], strict=True)
    ]
    np.testing.assert_allclose(kernel(**a), expected, rtol=1e-12)
