"""Value and gradient of a convolutional network on images of 28 × 28 pixels.

Two blocks of 5 × 5 filters (8, then 16), relu and 2 × 2 max pooling, and a dense layer to ten
classes with softmax cross-entropy; a batch of 64, in float32.
"""

from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.dense import load_jax, load_torch
from benchmarks.devices import of_jax, of_torch, together

BATCH, SIDE, CLASSES, KERNEL = 64, 28, 10, 5
CHANNELS = (1, 8, 16)
SHAPES = {
    "K1": (8, 1, KERNEL, KERNEL), "b1": (8,), "K2": (16, 8, KERNEL, KERNEL), "b2": (16,),
    "W3": (CLASSES, 256), "b3": (CLASSES,),
}  # fmt: skip


def inputs(batch: int = BATCH) -> Arrays:
    """Images, labels and parameters."""
    import numpy as np

    random = np.random.default_rng(0)
    arrays: dict[str, Any] = {"x": random.normal(size=(batch, 1, SIDE, SIDE)).astype("float32")}
    arrays["y"] = random.integers(CLASSES, size=batch)
    for name, shape in SHAPES.items():
        scale = (2 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else 0.1
        arrays[name] = (scale * random.normal(size=shape)).astype("float32")
    return arrays


def derived(bp: Any) -> Any:
    """Stated and derived."""
    shape = f"N 1 {SIDE} {SIDE}"
    return bp.derive(bp.networks.convolutional(shape, CHANNELS[1:], CLASSES, kernel=KERNEL))


def start_backproof(bp: Any, arrays: Arrays, backend: str = "numpy") -> Call:
    """Stated, derived and compiled."""
    kernel = bp.compile(derived(bp), dtype="float32", backend=backend)
    return lambda: kernel(**arrays)


def start_backproof_c(bp: Any, arrays: Arrays) -> Call:
    """The same, compiled to C."""
    return start_backproof(bp, arrays, "c")


def start_numpy(np: Any, arrays: Arrays) -> Call:
    """By hand: windows, products over axes, and masks of maxima."""
    x, y, rows = arrays["x"], arrays["y"], np.arange(BATCH)
    windows = np.lib.stride_tricks.sliding_window_view

    def forward(h: Any, K: Any, b: Any) -> Any:
        seen = windows(h, (KERNEL, KERNEL), axis=(2, 3))
        z = np.tensordot(seen, K, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        z = np.maximum(z + b[:, None, None], 0)
        n, c, height, width = z.shape
        blocks = z.reshape(n, c, height // 2, 2, width // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        blocks = blocks.reshape(n, c, height // 2, width // 2, 4)
        where = blocks.argmax(axis=-1)[..., None]
        return seen, z, where, np.take_along_axis(blocks, where, axis=-1)[..., 0]

    def unpooled(d: Any, where: Any, z: Any) -> Any:
        n, c, height, width = z.shape
        blocks = np.zeros((n, c, height // 2, width // 2, 4), d.dtype)
        np.put_along_axis(blocks, where, d[..., None], axis=-1)
        blocks = blocks.reshape(n, c, height // 2, width // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5)
        return blocks.reshape(z.shape) * (z > 0)

    def call() -> Arrays:
        seen1, z1, where1, p1 = forward(x, arrays["K1"], arrays["b1"])
        seen2, z2, where2, p2 = forward(p1, arrays["K2"], arrays["b2"])
        v = p2.reshape(BATCH, -1)
        z3 = v @ arrays["W3"].T + arrays["b3"]
        z3 -= z3.max(axis=1, keepdims=True)
        e = np.exp(z3)
        total = e.sum(axis=1, keepdims=True)
        value = np.mean(np.log(total[:, 0]) - z3[rows, y])
        d3 = e / total
        d3[rows, y] -= 1
        d3 /= BATCH
        d2 = unpooled((d3 @ arrays["W3"]).reshape(p2.shape), where2, z2)
        spread = np.tensordot(d2, arrays["K2"], axes=([1], [0]))
        dp1 = np.zeros_like(p1)
        size = d2.shape[2]
        for u in range(KERNEL):
            for w in range(KERNEL):
                part = spread[..., u, w].transpose(0, 3, 1, 2)
                dp1[:, :, u : u + size, w : w + size] += part
        d1 = unpooled(dp1, where1, z1)
        return {
            "value": value,
            "K1": np.tensordot(d1, seen1, axes=([0, 2, 3], [0, 2, 3])),
            "b1": d1.sum(axis=(0, 2, 3)),
            "K2": np.tensordot(d2, seen2, axes=([0, 2, 3], [0, 2, 3])),
            "b2": d2.sum(axis=(0, 2, 3)),
            "W3": d3.T @ v,
            "b3": d3.sum(axis=0),
        }

    return call


def start_jax(jax: Any, arrays: Arrays) -> Call:
    """JAX, compiled."""
    jnp, lax = jax.numpy, jax.lax
    given = {name: jnp.asarray(array) for name, array in arrays.items()}
    parameters = {name: given[name] for name in SHAPES}

    def block(h: Any, K: Any, b: Any) -> Any:
        z = lax.conv(h, K, (1, 1), "VALID") + b[:, None, None]
        window = (1, 1, 2, 2)
        return lax.reduce_window(jnp.maximum(z, 0), -jnp.inf, lax.max, window, window, "VALID")

    def loss(p: Any, x: Any, y: Any) -> Any:
        h = block(block(x, p["K1"], p["b1"]), p["K2"], p["b2"])
        z = h.reshape(len(x), -1) @ p["W3"].T + p["b3"]
        return jnp.mean(jax.nn.logsumexp(z, axis=1) - z[jnp.arange(len(x)), y])

    gradient = jax.jit(jax.value_and_grad(loss))
    return of_jax(jax, lambda: together(gradient(parameters, given["x"], given["y"])))


def start_torch(torch: Any, arrays: Arrays, compiled: bool = False, device: str = "cpu") -> Call:
    """PyTorch, as it is or compiled."""
    given = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
    parameters = {name: given[name].requires_grad_(True) for name in SHAPES}
    functions = torch.nn.functional

    def loss(p: Any, x: Any, y: Any) -> Any:
        h = functions.max_pool2d(torch.relu(functions.conv2d(x, p["K1"], p["b1"])), 2)
        h = functions.max_pool2d(torch.relu(functions.conv2d(h, p["K2"], p["b2"])), 2)
        return functions.cross_entropy(functions.linear(h.flatten(1), p["W3"], p["b3"]), y)

    run = torch.compile(loss) if compiled else loss

    def call() -> Arrays:
        value = run(parameters, given["x"], given["y"])
        slopes = torch.autograd.grad(value, list(parameters.values()))
        return {"value": value, **dict(zip(parameters, slopes, strict=True))}

    return of_torch(torch, call, device)


def start_torch_compiled(torch: Any, arrays: Arrays) -> Call:
    """PyTorch, compiled."""
    return start_torch(torch, arrays, compiled=True)


convolutional = Benchmark(
    name="cnn",
    about="value and gradient of a convolutional network, 28 × 28 pixels, batch 64, float32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", loading("backproof"), start_backproof),
        Contestant("backproof C", "backproof", loading("backproof"), start_backproof_c, own=True),
        Contestant("NumPy by hand", "numpy", loading("numpy"), start_numpy),
        Contestant("JAX jit", "jax", load_jax("float32"), start_jax),
        Contestant("torch eager", "torch", load_torch, start_torch),
        Contestant("torch compiled", "torch", load_torch, start_torch_compiled),
    ),
    tolerance=2e-4,
)
