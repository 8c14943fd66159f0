"""Derived gradients on a GPU: kernels of torch and JAX beside what those differentiate themselves.

The work is that of the other files, larger where a GPU would have nothing to do.  Products are as
precise as float32 is (no TF32), arrays lie on the device, and a round launches its calls one after
the other and waits once.  Contestants call `kernel.function`, which checks nothing; what checks
cost is a contestant of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmarks import energies, images, second
from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant
from benchmarks.dense import Dense, load_jax
from benchmarks.devices import of_jax, of_torch

GPU = "cuda"


def load_torch() -> Any:
    """PyTorch, whose convolutions would else be of TF32."""
    import torch

    torch.backends.cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    return torch


def beside_backproof(load: Callable[[], Any]) -> Callable[[], Any]:
    """A framework and backproof."""

    def both() -> Any:
        import backproof

        return SimpleNamespace(bp=backproof, framework=load())

    return both


@dataclass(frozen=True)
class Work:
    """What is computed: derived by backproof, and as a user would write it in torch and JAX."""

    derived: Callable[[Any], Any]
    torch: Callable[..., Call]
    compiled: Any  # what torch's contestant takes to be compiled
    jax: Callable[[Any, Arrays], Call]
    arguments: Callable[[Arrays], Arrays] = lambda arrays: arrays
    value: bool = True  # whether the value is a result

    def kernel(self, bp: Any, backend: str) -> Any:
        """The derived equations in a framework."""
        return bp.compile(self.derived(bp), dtype="float32", backend=backend)

    def results(self, run: Callable[..., Arrays]) -> Callable[[Arrays], Arrays]:
        """A function of all arrays to the results that the peers have too."""
        return lambda given: {k: a for k, a in run(**given).items() if self.value or k != "value"}

    def in_torch(
        self, both: Any, arrays: Arrays, compiled: bool = False, checked: bool = False
    ) -> Call:
        """Backproof's equations in torch, as they are or compiled."""
        torch, kernel = both.framework, self.kernel(both.bp, "torch")
        wanted = {name: self.arguments(arrays)[name] for name in kernel.arguments.names}
        given = {name: torch.from_numpy(array).to(GPU) for name, array in wanted.items()}
        run = self.results(kernel if checked else kernel.function)
        if compiled:
            run = torch.compile(run)
        return of_torch(torch, lambda: run(given), GPU)

    def in_jax(self, both: Any, arrays: Arrays) -> Call:
        """Backproof's equations in JAX, compiled."""
        jax, kernel = both.framework, self.kernel(both.bp, "jax")
        wanted = {name: self.arguments(arrays)[name] for name in kernel.arguments.names}
        given = {name: jax.numpy.asarray(array) for name, array in wanted.items()}
        run = jax.jit(self.results(kernel.function))
        return of_jax(jax, lambda: run(given))

    def in_torch_compiled(self, torch: Any, arrays: Arrays) -> Call:
        """The peer, compiled."""
        compiled = torch.compile if self.compiled is None else self.compiled
        return self.torch(torch, arrays, compiled, GPU)


def benchmark(
    name: str, about: str, inputs: Callable[[], Arrays], work: Work, *further: Contestant
) -> Benchmark:
    """The benchmark of one work on a GPU."""
    ours, jax = beside_backproof(load_torch), load_jax("float32")
    compiled, checked = (partial(work.in_torch, **{how: True}) for how in ("compiled", "checked"))
    return Benchmark(
        name=name,
        about=about,
        inputs=inputs,
        contestants=(
            Contestant("backproof torch", "torch", ours, work.in_torch),
            Contestant("backproof torch checked", "torch", ours, checked, own=True),
            Contestant("backproof torch compiled", "torch", ours, compiled, own=True),
            Contestant("backproof JAX jit", "jax", beside_backproof(jax), work.in_jax, own=True),
            Contestant("torch eager", "torch", load_torch, partial(work.torch, device=GPU)),
            Contestant("torch compiled", "torch", load_torch, work.in_torch_compiled),
            Contestant("JAX jit", "jax", jax, work.jax),
            *further,
        ),
        tolerance=5e-4,
        accelerator=True,
    )


def products(net: Dense, torch: Any, arrays: Arrays) -> Call:
    """The matrix products of the gradient alone."""
    x = torch.from_numpy(arrays["x"]).to(GPU)
    weights = [torch.from_numpy(arrays[f"W{n}"]).to(GPU) for n in range(1, net.last + 1)]

    def call() -> Arrays:
        below = [x]
        for weight in weights:
            below.append(below[-1] @ weight.T)
        above, found = below[-1], {}
        for layer in range(net.last, 0, -1):
            found[f"W{layer}"] = above.T @ below[layer - 1]
            above = above @ weights[layer - 1] if layer > 1 else above
        return found

    return of_torch(torch, call, GPU)


def functional(net: Dense, torch: Any, arrays: Arrays) -> Call:
    """`torch.func`, value and gradient compiled as one."""
    given = {name: torch.from_numpy(array).to(GPU) for name, array in arrays.items()}
    parameters, x, y = net.split(given)
    both = torch.func.grad_and_value(lambda p, x, y: net.torch_loss(torch, p, x, y))
    run = torch.compile(both)

    def call() -> Arrays:
        slopes, value = run(parameters, x, y)
        return {"value": value, **slopes}

    return of_torch(torch, call, GPU)


def dense(name: str, net: Dense) -> Benchmark:
    """Value and gradient of a dense network."""
    widths = "-".join(map(str, net.widths))
    alone, whole = partial(products, net), partial(functional, net)
    return benchmark(
        name,
        f"value and gradient of an MLP {widths}, {net.activation}, batch {net.batch}, {net.dtype}",
        net.inputs,
        Work(net.derived, net.torch, True, net.jax),
        Contestant("torch.func compiled", "torch", load_torch, whole),
        Contestant("products alone", "torch", load_torch, alone, floor=True),
    )


def second_order(name: str, kind: str, about: str, net: Dense) -> Benchmark:
    """A product with the Hessian, or the gradient of each example."""
    work = second.Second(kind, net)
    widths = "-".join(map(str, net.widths))
    return benchmark(
        name,
        f"{about} of an MLP {widths}, {net.activation}, batch {net.batch}, {net.dtype}",
        net.inputs,
        Work(work.derived, work.torch, None, work.jax, work.arguments, value=False),
    )


def learning_rule(bp: Any) -> Any:
    """The contrast of a restricted machine and its gradient, as the other benchmark states it."""
    return energies.RULE.statement(bp)


ACCELERATOR: tuple[Benchmark, ...] = (
    dense("gpu-mlp-medium", Dense((784, 512, 256, 10), 128, "relu", "float32")),
    dense("gpu-mlp-large", Dense((784, 2048, 2048, 10), 256, "relu", "float32")),
    dense("gpu-mlp-wide", Dense((784, 8192, 8192, 10), 4096, "relu", "float32")),
    benchmark(
        "gpu-cnn",
        "value and gradient of a convolutional network, 28 × 28 pixels, batch 1024, float32",
        partial(images.inputs, 1024),
        Work(images.derived, images.start_torch, True, images.start_jax),
    ),
    second_order(
        "gpu-hvp",
        "hvp",
        "Hessian-vector product",
        Dense((784, 2048, 10), 1024, "tanh", "float32"),
    ),
    second_order(
        "gpu-per-sample",
        "per-sample",
        "gradient of each example",
        Dense((784, 512, 10), 256, "tanh", "float32"),
    ),
    benchmark(
        "gpu-learning-rule",
        energies.learning_rule.about,
        energies.states,
        Work(learning_rule, energies.RULE.torch, True, energies.RULE.jax),
    ),
)
