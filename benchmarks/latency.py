"""How soon the first gradient is there, and what a gradient costs from then on.

A dense network 64-128-64-10 with relu, softmax cross-entropy and an L2 penalty, a batch of 32, in
float64.  First result: from the packages imported to value and gradient in hand; for backproof
that is stating the model, deriving, compiling and calling.
"""

from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant

WIDTHS = (64, 128, 64, 10)
BATCH = 32
L2 = 1e-4
PARAMETERS = tuple(f"{letter}{layer}" for layer in range(1, len(WIDTHS)) for letter in "Wb")
LAST = len(WIDTHS) - 1


def inputs() -> Arrays:
    """A batch and parameters."""
    import numpy as np

    random = np.random.default_rng(0)
    arrays = {
        "x": random.normal(size=(BATCH, WIDTHS[0])),
        "y": random.integers(WIDTHS[-1], size=BATCH),
    }
    for layer in range(1, len(WIDTHS)):
        below, above = WIDTHS[layer - 1], WIDTHS[layer]
        arrays[f"W{layer}"] = random.normal(size=(above, below)) * np.sqrt(2 / below)
        arrays[f"b{layer}"] = 0.1 * random.normal(size=above)
    return arrays


def split(arrays: Arrays) -> tuple[Arrays, Any, Any]:
    """The parameters, x and y."""
    return {name: arrays[name] for name in PARAMETERS}, arrays["x"], arrays["y"]


# backproof -------------------------------------------------------------------------------


def load_backproof() -> Any:
    import backproof

    return backproof


def start_backproof(bp: Any, arrays: Arrays) -> Call:
    model = bp.networks.mlp(WIDTHS, "relu", "categorical", {"l2": L2})
    kernel = bp.compile(bp.derive(model))
    return lambda: kernel(**arrays)


# NumPy, by hand ----------------------------------------------------------------------------


def load_numpy() -> Any:
    import numpy

    return numpy


def start_numpy(np: Any, arrays: Arrays) -> Call:
    parameters, x, y = split(arrays)
    rows = np.arange(BATCH)

    def call() -> Arrays:
        h = [x]
        for layer in range(1, LAST):
            h.append(np.maximum(h[-1] @ parameters[f"W{layer}"].T + parameters[f"b{layer}"], 0))
        z = h[-1] @ parameters[f"W{LAST}"].T + parameters[f"b{LAST}"]
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        value = np.mean(np.log(total[:, 0]) - z[rows, y])
        p[rows, y] -= 1
        p /= BATCH
        out = {}
        for layer in range(LAST, 0, -1):
            W = parameters[f"W{layer}"]
            value += L2 * np.vdot(W, W)
            out[f"W{layer}"] = p.T @ h[layer - 1] + 2 * L2 * W
            out[f"b{layer}"] = p.sum(axis=0)
            if layer > 1:
                p = (p @ W) * (h[layer - 1] > 0)
        return {"value": value, **out}

    return call


# One objective for the libraries that differentiate NumPy's language ---------------------------


def objective(np: Any, parameters: Arrays, x: Any, y: Any) -> Any:
    """J, in the NumPy of JAX or of autograd."""
    h = x
    for layer in range(1, LAST):
        h = np.maximum(h @ parameters[f"W{layer}"].T + parameters[f"b{layer}"], 0)
    z = h @ parameters[f"W{LAST}"].T + parameters[f"b{LAST}"]
    z = z - np.max(z, axis=1, keepdims=True)
    nll = np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(BATCH), y]
    return np.mean(nll) + L2 * sum(
        np.sum(parameters[f"W{layer}"] ** 2) for layer in range(1, LAST + 1)
    )


def load_jax() -> Any:
    import jax
    import jax.numpy

    jax.config.update("jax_enable_x64", True)
    return jax


def start_jax(jax: Any, arrays: Arrays) -> Call:
    import numpy as np

    parameters, x, y = split({name: jax.numpy.asarray(array) for name, array in arrays.items()})
    gradient = jax.jit(jax.value_and_grad(lambda p, x, y: objective(jax.numpy, p, x, y)))

    def call() -> Arrays:
        value, slopes = jax.block_until_ready(gradient(parameters, x, y))
        return {"value": np.asarray(value), **{n: np.asarray(slope) for n, slope in slopes.items()}}

    return call


def load_autograd() -> Any:
    import autograd
    import autograd.numpy

    return autograd


def start_autograd(autograd: Any, arrays: Arrays) -> Call:
    parameters, x, y = split(arrays)
    gradient = autograd.value_and_grad(lambda p: objective(autograd.numpy, p, x, y))

    def call() -> Arrays:
        value, slopes = gradient(parameters)
        return {"value": value, **slopes}

    return call


def load_torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def start_torch(torch: Any, arrays: Arrays) -> Call:
    parameters, x, y = split({name: torch.from_numpy(array) for name, array in arrays.items()})
    for parameter in parameters.values():
        parameter.requires_grad_(True)

    def call() -> Arrays:
        h = x
        for layer in range(1, LAST):
            h = torch.relu(torch.addmm(parameters[f"b{layer}"], h, parameters[f"W{layer}"].T))
        z = torch.addmm(parameters[f"b{LAST}"], h, parameters[f"W{LAST}"].T)
        value = torch.nn.functional.cross_entropy(z, y) + L2 * sum(
            (parameters[f"W{layer}"] ** 2).sum() for layer in range(1, LAST + 1)
        )
        slopes = torch.autograd.grad(value, list(parameters.values()))
        named = zip(parameters, slopes, strict=True)
        return {"value": value.detach().numpy(), **{name: slope.numpy() for name, slope in named}}

    return call


latency = Benchmark(
    name="latency",
    about="first result and steady state of value and gradient of an MLP 64-128-64-10, batch 32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", load_backproof, start_backproof),
        Contestant("NumPy by hand", "numpy", load_numpy, start_numpy),
        Contestant("JAX jit", "jax", load_jax, start_jax),
        Contestant("torch eager", "torch", load_torch, start_torch),
        Contestant("autograd", "autograd", load_autograd, start_autograd),
    ),
    tolerance=1e-9,
)
