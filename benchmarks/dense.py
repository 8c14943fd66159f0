"""Value and gradient of dense networks, by backproof and by what a user would pick instead.

First result: from the packages imported to value and gradient in hand; for backproof that is
stating the model, deriving, compiling and calling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.compilers import in_pytensor, load_pytensor, numba_by_hand
from benchmarks.devices import of_jax, of_torch, together


@dataclass(frozen=True)
class Dense:
    """A network, the batch, and the arithmetic; ``labels`` says whether the loss is categorical.

    With labels the loss is softmax cross-entropy, without it is that of a Bernoulli unit.
    """

    widths: tuple[int, ...]
    batch: int
    activation: str
    dtype: str
    l2: float = 0.0
    labels: bool = True

    @property
    def last(self) -> int:
        """The number of layers."""
        return len(self.widths) - 1

    @property
    def parameters(self) -> tuple[str, ...]:
        """Their names, layer by layer."""
        return tuple(f"{kind}{layer}" for layer in range(1, self.last + 1) for kind in "Wb")

    def inputs(self) -> Arrays:
        """A batch and parameters."""
        import numpy as np

        random = np.random.default_rng(0)
        arrays: dict[str, Any] = {"x": random.normal(size=(self.batch, self.widths[0]))}
        for layer in range(1, self.last + 1):
            below, above = self.widths[layer - 1], self.widths[layer]
            arrays[f"W{layer}"] = random.normal(size=(above, below)) * np.sqrt(2 / below)
            arrays[f"b{layer}"] = 0.1 * random.normal(size=above)
        arrays = {name: array.astype(self.dtype) for name, array in arrays.items()}
        if self.labels:
            arrays["y"] = random.integers(self.widths[-1], size=self.batch)
        else:
            arrays["y"] = random.integers(2, size=(self.batch, 1)).astype(self.dtype)
        return arrays

    def split(self, arrays: Arrays) -> tuple[Arrays, Any, Any]:
        """The parameters, x and y."""
        return {name: arrays[name] for name in self.parameters}, arrays["x"], arrays["y"]

    # contestants ---------------------------------------------------------------------------

    def derived(self, bp: Any) -> Any:
        """Stated and derived."""
        penalty = {"l2": self.l2} if self.l2 else None
        likelihood = "categorical" if self.labels else "bernoulli"
        return bp.derive(bp.networks.mlp(self.widths, self.activation, likelihood, penalty))

    def backproof(self, bp: Any, arrays: Arrays, backend: str = "numpy") -> Call:
        """Stated, derived and compiled."""
        kernel = bp.compile(self.derived(bp), dtype=self.dtype, backend=backend)
        return lambda: kernel(**arrays)

    def backproof_c(self, bp: Any, arrays: Arrays) -> Call:
        """The same, compiled to C."""
        return self.backproof(bp, arrays, "c")

    def numpy(self, np: Any, arrays: Arrays) -> Call:
        """By hand, as one writes it."""
        return lambda: by_hand(np, self, *self.split(arrays))

    def objective(self, np: Any, parameters: Arrays, x: Any, y: Any) -> Any:
        """J, in the NumPy of JAX or of autograd."""
        h = x
        for layer in range(1, self.last + 1):
            h = h @ parameters[f"W{layer}"].T + parameters[f"b{layer}"]
            if layer < self.last:
                h = np.tanh(h) if self.activation == "tanh" else np.maximum(h, 0)
        if self.labels:
            h = h - np.max(h, axis=1, keepdims=True)
            nll = np.log(np.sum(np.exp(h), axis=1)) - h[np.arange(self.batch), y]
        else:
            nll = np.logaddexp(0, h) - y * h
        value = np.sum(nll) / self.batch
        for layer in range(1, self.last + 1 if self.l2 else 1):
            value = value + self.l2 * np.sum(parameters[f"W{layer}"] ** 2)
        return value

    def jax(self, jax: Any, arrays: Arrays) -> Call:
        """JAX, compiled."""
        arrays = {name: jax.numpy.asarray(array) for name, array in arrays.items()}
        gradient = jax.jit(jax.value_and_grad(lambda p, x, y: self.objective(jax.numpy, p, x, y)))
        parameters, x, y = self.split(arrays)
        return of_jax(jax, lambda: together(gradient(parameters, x, y)))

    def autograd(self, autograd: Any, arrays: Arrays) -> Call:
        """HIPS autograd."""
        parameters, x, y = self.split(arrays)
        gradient = autograd.value_and_grad(lambda p: self.objective(autograd.numpy, p, x, y))

        def call() -> Arrays:
            value, slopes = gradient(parameters)
            return {"value": value, **slopes}

        return call

    def torch_loss(self, torch: Any, parameters: Arrays, x: Any, y: Any) -> Any:
        """J, in torch's own functions."""
        h = x
        for layer in range(1, self.last + 1):
            h = torch.addmm(parameters[f"b{layer}"], h, parameters[f"W{layer}"].T)
            if layer < self.last:
                h = torch.tanh(h) if self.activation == "tanh" else torch.relu(h)
        losses = torch.nn.functional
        value = (
            losses.cross_entropy(h, y)
            if self.labels
            else losses.binary_cross_entropy_with_logits(h, y)
        )
        for layer in range(1, self.last + 1 if self.l2 else 1):
            value = value + self.l2 * (parameters[f"W{layer}"] ** 2).sum()
        return value

    def torch(
        self, torch: Any, arrays: Arrays, compiled: bool = False, device: str = "cpu"
    ) -> Call:
        """PyTorch, as it is or compiled."""
        arrays = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
        parameters, x, y = self.split(arrays)
        for parameter in parameters.values():
            parameter.requires_grad_(True)

        def loss(parameters: Any, x: Any, y: Any) -> Any:
            return self.torch_loss(torch, parameters, x, y)

        if compiled:
            loss = torch.compile(loss)

        def call() -> Arrays:
            value = loss(parameters, x, y)
            slopes = torch.autograd.grad(value, list(parameters.values()))
            return {"value": value, **dict(zip(parameters, slopes, strict=True))}

        return of_torch(torch, call, device)

    def torch_compiled(self, torch: Any, arrays: Arrays) -> Call:
        """PyTorch, compiled."""
        return self.torch(torch, arrays, compiled=True)

    def products(self, np: Any, arrays: Arrays) -> Call:
        """The matrix products of the gradient alone, each into an array that is there."""
        below = [np.zeros((self.batch, width), self.dtype) for width in self.widths]
        above = [np.zeros_like(array) for array in below]
        weights = [arrays[f"W{layer}"] for layer in range(1, self.last + 1)]
        slopes = [np.zeros_like(weight) for weight in weights]

        def call() -> Arrays:
            for layer, weight in enumerate(weights):
                np.dot(below[layer], weight.T, out=below[layer + 1])
            for layer in range(self.last - 1, -1, -1):
                np.dot(above[layer + 1].T, below[layer], out=slopes[layer])
                if layer:
                    np.dot(above[layer + 1], weights[layer], out=above[layer])
            return {}

        return call


def by_hand(np: Any, net: Dense, parameters: Arrays, x: Any, y: Any) -> Arrays:
    """Value and gradient in plain NumPy."""
    h = [x]
    for layer in range(1, net.last):
        z = h[-1] @ parameters[f"W{layer}"].T + parameters[f"b{layer}"]
        h.append(np.tanh(z) if net.activation == "tanh" else np.maximum(z, 0))
    z = h[-1] @ parameters[f"W{net.last}"].T + parameters[f"b{net.last}"]
    if net.labels:
        rows = np.arange(net.batch)
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        value = np.mean(np.log(total[:, 0]) - z[rows, y])
        p[rows, y] -= 1
    else:
        value = np.mean(np.logaddexp(0, z) - y * z)
        p = 1 / (1 + np.exp(-z)) - y
    p /= net.batch
    out = {}
    for layer in range(net.last, 0, -1):
        W = parameters[f"W{layer}"]
        out[f"W{layer}"] = p.T @ h[layer - 1]
        out[f"b{layer}"] = p.sum(axis=0)
        if net.l2:
            value += net.l2 * np.vdot(W, W)
            out[f"W{layer}"] += 2 * net.l2 * W
        if layer > 1:
            slope = 1 - h[layer - 1] ** 2 if net.activation == "tanh" else h[layer - 1] > 0
            p = (p @ W) * slope
    return {"value": value, **out}


def load_jax(dtype: str) -> Callable[[], Any]:
    """JAX, with double precision where that is asked."""

    def load() -> Any:
        import jax
        import jax.numpy

        jax.config.update("jax_enable_x64", dtype == "float64")
        return jax

    return load


def load_torch() -> Any:
    """PyTorch, with as many threads as the run allows."""
    import os

    import torch

    torch.set_num_threads(int(os.environ["BENCHMARK_THREADS"]))
    return torch


def load_autograd() -> Any:
    """HIPS autograd and its NumPy."""
    import autograd
    import autograd.numpy

    return autograd


def dense(name: str, net: Dense, compilers: tuple[str, ...] = ()) -> Benchmark:
    """The benchmark of a dense network; ``compilers`` are further peers that compile for long."""
    further = {
        "PyTensor": Contestant("PyTensor", "pytensor", load_pytensor, partial(in_pytensor, net)),
        "numba": Contestant(
            "numba by hand", "numba", loading("numba"), partial(numba_by_hand, net)
        ),
    }
    widths = "-".join(map(str, net.widths))
    return Benchmark(
        name=name,
        about=f"value and gradient of an MLP {widths}, {net.activation}, batch {net.batch}, "
        f"{net.dtype}",
        inputs=net.inputs,
        contestants=(
            Contestant("backproof", "backproof", loading("backproof"), net.backproof),
            Contestant("backproof C", "backproof", loading("backproof"), net.backproof_c, own=True),
            Contestant("NumPy by hand", "numpy", loading("numpy"), net.numpy),
            Contestant("JAX jit", "jax", load_jax(net.dtype), net.jax),
            Contestant("torch eager", "torch", load_torch, net.torch),
            Contestant("torch compiled", "torch", load_torch, net.torch_compiled),
            Contestant("autograd", "autograd", load_autograd, net.autograd),
            *(further[name] for name in compilers),
            Contestant("products alone", "numpy", loading("numpy"), net.products, floor=True),
        ),
        tolerance=1e-9 if net.dtype == "float64" else 2e-4,
    )


latency = dense("latency", Dense((64, 128, 64, 10), 32, "relu", "float64", l2=1e-4))
tiny = dense(
    "mlp-tiny", Dense((2, 16, 1), 32, "tanh", "float32", labels=False), ("PyTensor", "numba")
)
small = dense("mlp-small-f32", Dense((64, 128, 64, 10), 64, "relu", "float32"), ("PyTensor",))
small_double = dense(
    "mlp-small-f64", Dense((64, 128, 64, 10), 64, "relu", "float64"), ("PyTensor",)
)
medium = dense("mlp-medium", Dense((784, 512, 256, 10), 128, "relu", "float32"))
large = dense("mlp-large", Dense((784, 2048, 2048, 10), 256, "relu", "float32"))
