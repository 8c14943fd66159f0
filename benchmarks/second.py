"""Second derivatives and gradients of each example: a network 4-30-3 (243 parameters), batch 150.

The size is that of Fisher's irises.  HVP: value-free, the Hessian times a direction; Hessian: all
ten blocks, in the order of the parameters W1, b1, W2, b2; per-sample: 150 gradients.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.compilers import load_pytensor
from benchmarks.dense import Dense, load_autograd, load_jax, load_torch
from benchmarks.devices import of_jax, of_torch

NET = Dense((4, 30, 3), 150, "tanh", "float64")
NAMES = NET.parameters


def direction(arrays: Arrays) -> Arrays:
    """A vector for every parameter."""
    import numpy as np

    random = np.random.default_rng(1)
    kind = {name: str(arrays[name].dtype).removeprefix("torch.") for name in NAMES}
    return {name: random.normal(size=arrays[name].shape).astype(kind[name]) for name in NAMES}


def blocks(hessian: Any) -> Arrays:
    """The blocks on and above the diagonal, by the names that `bp.derive` gives them."""
    import numpy as np

    pairs = ((a, b) for n, a in enumerate(NAMES) for b in NAMES[n:])
    return {a if a == b else f"{a},{b}": np.asarray(hessian[a][b]) for a, b in pairs}


@dataclass(frozen=True)
class Second:
    """One of the three, as every contestant states it."""

    kind: str
    net: Dense = NET

    def backproof_c(self, bp: Any, arrays: Arrays) -> Call:
        """The same as `backproof`, compiled to C."""
        return self.backproof(bp, arrays, "c")

    def derived(self, bp: Any) -> Any:
        """Stated and derived."""
        model = bp.networks.mlp(self.net.widths, self.net.activation, "categorical")
        if self.kind == "hvp":
            return bp.derive(model, order=2, along={name: f"v_{name}" for name in NAMES})
        if self.kind == "hessian":
            return bp.derive(model, order=2)
        return bp.derive(model, per_sample="N")

    def arguments(self, arrays: Arrays) -> Arrays:
        """The inputs, with the direction where there is one."""
        along = direction(arrays) if self.kind == "hvp" else {}
        return {**arrays, **{f"v_{name}": v for name, v in along.items()}}

    def backproof(self, bp: Any, arrays: Arrays, backend: str = "numpy") -> Call:
        """Stated, derived and compiled."""
        derived, arrays = self.derived(bp), self.arguments(arrays)
        kernel = bp.compile(derived, dtype=self.net.dtype, backend=backend)

        def call() -> Arrays:
            out = kernel(**arrays)
            return {name: array for name, array in out.items() if name != "value"}

        return call

    def jax(self, jax: Any, arrays: Arrays) -> Call:
        """JAX, compiled: forward over reverse, or one gradient mapped over the examples."""
        arrays = {name: jax.numpy.asarray(array) for name, array in arrays.items()}
        parameters, x, y = self.net.split(arrays)

        def loss(p: Any, x: Any, y: Any) -> Any:
            return self.net.objective(jax.numpy, p, x, y)

        if self.kind == "hvp":
            v = {k: jax.numpy.asarray(a) for k, a in direction(arrays).items()}
            along = jax.jit(
                lambda p, v, x, y: jax.jvp(lambda q: jax.grad(loss)(q, x, y), (p,), (v,))[1]
            )
            run = lambda: along(parameters, v, x, y)  # noqa: E731
        elif self.kind == "hessian":
            whole = jax.jit(jax.hessian(loss))
            return lambda: blocks(jax.block_until_ready(whole(parameters, x, y)))
        else:

            def one(p: Any, x: Any, y: Any) -> Any:
                return alone(jax.numpy, p, x, y)

            each = jax.jit(jax.vmap(jax.grad(one), (None, 0, 0)))
            run = lambda: each(parameters, x, y)  # noqa: E731
        return of_jax(jax, run)

    def torch(
        self,
        torch: Any,
        arrays: Arrays,
        compiled: Callable[..., Any] = lambda run: run,
        device: str = "cpu",
    ) -> Call:
        """PyTorch: `torch.func`, as its documentation has it."""
        arrays = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
        parameters, x, y = self.net.split(arrays)
        func = torch.func

        def loss(p: Any) -> Any:
            return self.net.torch_loss(torch, p, x, y)

        if self.kind == "hvp":
            v = {k: torch.from_numpy(a).to(device) for k, a in direction(arrays).items()}
            along = compiled(lambda p, v: func.jvp(func.grad(loss), (p,), (v,))[1])
            run: Callable[[], Any] = lambda: along(parameters, v)  # noqa: E731
        elif self.kind == "hessian":
            whole = compiled(func.hessian(loss))
            return lambda: blocks(whole(parameters))
        else:

            def one(p: Any, x: Any, y: Any) -> Any:
                return self.net.torch_loss(torch, p, x[None], y[None])

            each = compiled(func.vmap(func.grad(one), (None, 0, 0)))
            run = lambda: each(parameters, x, y)  # noqa: E731
        return of_torch(torch, run, device)

    def torch_compiled(self, torch: Any, arrays: Arrays) -> Call:
        """The same, compiled."""
        return self.torch(torch, arrays, torch.compile)

    def pytensor(self, pytensor: Any, arrays: Arrays) -> Call:
        """PyTensor: a gradient of a gradient along v."""
        tensor = pytensor.tensor
        along = direction(arrays)
        given = {**arrays, **{f"v_{name}": v for name, v in along.items()}}
        symbols = {
            name: tensor.tensor(name, dtype=array.dtype, shape=(None,) * array.ndim)
            for name, array in given.items()
        }
        parameters, x, y = self.net.split(symbols)
        h = tensor.tanh(x @ parameters["W1"].T + parameters["b1"])
        z = h @ parameters["W2"].T + parameters["b2"]
        nll = tensor.logsumexp(z, axis=1) - z[tensor.arange(z.shape[0]), y]
        slopes = pytensor.grad(tensor.mean(nll), list(parameters.values()))
        sides = zip(slopes, (symbols[f"v_{name}"] for name in along), strict=True)
        inner = sum(tensor.sum(slope * v) for slope, v in sides)
        products = pytensor.grad(inner, list(parameters.values()))
        run = pytensor.function(list(symbols.values()), products, on_unused_input="ignore")
        values = list(given.values())
        return lambda: dict(zip(parameters, run(*values), strict=True))

    def numpy(self, np: Any, arrays: Arrays) -> Call:
        """By hand: backpropagation with its last sum left out, or a derivative of it."""
        parameters, x, y = self.net.split(arrays)
        v = direction(arrays)
        return lambda: by_hand(np, parameters, x, y, v if self.kind == "hvp" else None)

    def autograd(self, autograd: Any, arrays: Arrays) -> Call:
        """HIPS autograd: a gradient of a gradient along v."""
        parameters, x, y = self.net.split(arrays)
        v = direction(arrays)
        slope = autograd.grad(lambda p: self.net.objective(autograd.numpy, p, x, y))

        def along(p: Any) -> Any:
            found = slope(p)
            return sum(autograd.numpy.sum(found[name] * v[name]) for name in NAMES)

        product = autograd.grad(along)
        return lambda: product(parameters)


def alone(np: Any, p: Any, x: Any, y: Any) -> Any:
    """The loss of one example."""
    z = p["W2"] @ np.tanh(p["W1"] @ x + p["b1"]) + p["b2"]
    z = z - np.max(z)
    return np.log(np.sum(np.exp(z))) - z[y]


def by_hand(np: Any, p: Arrays, x: Any, y: Any, v: Arrays | None) -> Arrays:
    """Gradients of each example; with ``v`` the Hessian-vector product instead."""
    count = len(x)
    h = np.tanh(x @ p["W1"].T + p["b1"])
    z = h @ p["W2"].T + p["b2"]
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    s = e / e.sum(axis=1, keepdims=True)
    dz = s.copy()
    dz[np.arange(count), y] -= 1
    dh = dz @ p["W2"]
    slope = 1 - h * h
    if v is None:
        da = dh * slope
        return {
            "W1": da[:, :, None] * x[:, None, :], "b1": da,
            "W2": dz[:, :, None] * h[:, None, :], "b2": dz,
        }  # fmt: skip
    ta = x @ v["W1"].T + v["b1"]
    th = slope * ta
    tz = th @ p["W2"].T + h @ v["W2"].T + v["b2"]
    tdz = s * (tz - (s * tz).sum(axis=1, keepdims=True))
    tdh = tdz @ p["W2"] + dz @ v["W2"]
    tda = (tdh * slope - 2 * dh * h * th) / count
    tdz /= count
    return {
        "W1": tda.T @ x, "b1": tda.sum(axis=0),
        "W2": tdz.T @ h + dz.T @ th / count, "b2": tdz.sum(axis=0),
    }  # fmt: skip


def second(kind: str, about: str) -> Benchmark:
    """The benchmark of one of the three."""
    work = Second(kind)
    hand = (Contestant("NumPy by hand", "numpy", loading("numpy"), work.numpy),)
    grad = (
        Contestant("autograd", "autograd", load_autograd, work.autograd),
        Contestant("PyTensor", "pytensor", load_pytensor, work.pytensor),
    )
    return Benchmark(
        name=kind,
        about=f"{about} of an MLP 4-30-3 (243 parameters), tanh, batch 150, {NET.dtype}",
        inputs=NET.inputs,
        contestants=(
            Contestant("backproof", "backproof", loading("backproof"), work.backproof),
            Contestant(
                "backproof C", "backproof", loading("backproof"), work.backproof_c, own=True
            ),
            *(hand if kind != "hessian" else ()),
            Contestant("JAX jit", "jax", load_jax(NET.dtype), work.jax),
            Contestant("torch.func", "torch", load_torch, work.torch),
            Contestant("torch.func compiled", "torch", load_torch, work.torch_compiled),
            *(grad if kind == "hvp" else ()),
        ),
        tolerance=1e-9,
    )


hvp = second("hvp", "Hessian-vector product")
hessian = second("hessian", "Hessian")
each = second("per-sample", "gradient of each example")
