"""The Jacobian of a function from 48 numbers to four, where calls cost more than arithmetic.

f₁ = Σ_i x_i tanh y_i              f₂ = Σ_i exp(−x_i²) cos z_i
f₃ = Σ_i √(1 + (y_i − w_i)²)       f₄ = Σ_i log(1 + z_i² w_i²)           i = 1 … 12
"""

from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.compilers import load_pytensor
from benchmarks.dense import load_autograd, load_jax, load_torch

COUNT = 12
NAMES = ("x", "y", "z", "w")
SOURCE = """
a = np.sum(x*np.tanh(y))
b = np.sum(np.exp(-x**2)*np.cos(z))
c = np.sum(np.sqrt(1 + (y - w)**2))
d = np.sum(np.log(1 + z**2*w**2))
return np.stack([a, b, c, d])
"""


def inputs() -> Arrays:
    """48 numbers."""
    import numpy as np

    random = np.random.default_rng(0)
    return {name: random.normal(size=COUNT) for name in NAMES}


def start_backproof(bp: Any, arrays: Arrays, backend: str = "numpy") -> Call:
    """Stated, derived and compiled."""
    model = bp.trace(SOURCE, **dict.fromkeys(NAMES, str(COUNT)))
    kernel = bp.compile(bp.derive(model, wrt=NAMES), backend=backend)
    return lambda: kernel(**arrays)


def start_backproof_c(bp: Any, arrays: Arrays) -> Call:
    """The same, compiled to C."""
    return start_backproof(bp, arrays, "c")


def start_bound(bp: Any, arrays: Arrays) -> Call:
    """The kernel in C bound to memory: results are written to the same arrays at each run."""
    model = bp.trace(SOURCE, **dict.fromkeys(NAMES, str(COUNT)))
    bound = bp.compile(bp.derive(model, wrt=NAMES), backend="c").bound(**arrays)
    run, found = bound.run, dict(bound.results)

    def call() -> Arrays:
        run()
        return found

    return call


def start_numpy(np: Any, arrays: Arrays) -> Call:
    """By hand, on arrays."""
    x, y, z, w = (arrays[name] for name in NAMES)

    def call() -> Arrays:
        t, e, c = np.tanh(y), np.exp(-(x**2)), np.cos(z)
        d, zw = y - w, z * w
        r, q = np.sqrt(1 + d**2), 1 + zw**2
        J = np.zeros((4, 4, COUNT))
        J[0, 0], J[0, 1] = t, x * (1 - t**2)
        J[1, 0], J[1, 2] = -2 * x * e * c, -e * np.sin(z)
        J[2, 1] = d / r
        J[2, 3] = -J[2, 1]
        J[3, 2], J[3, 3] = 2 * zw * w / q, 2 * zw * z / q
        value = np.array([np.dot(x, t), np.dot(e, c), r.sum(), np.log(q).sum()])
        return {"value": value, **dict(zip(NAMES, J.transpose(1, 0, 2), strict=True))}

    return call


def start_math(math: Any, arrays: Arrays) -> Call:
    """By hand, a number at a time in plain Python."""
    import numpy as np

    lists = [arrays[name].tolist() for name in NAMES]

    def call() -> Arrays:
        f = [0.0] * 4
        J = [[[0.0] * COUNT for _ in range(4)] for _ in NAMES]
        for i, (x, y, z, w) in enumerate(zip(*lists, strict=True)):
            t, e, c, d, zw = math.tanh(y), math.exp(-x * x), math.cos(z), y - w, z * w
            r, q = math.sqrt(1 + d * d), 1 + zw * zw
            f[0] += x * t
            f[1] += e * c
            f[2] += r
            f[3] += math.log(q)
            J[0][0][i], J[1][0][i] = t, x * (1 - t * t)
            J[0][1][i], J[2][1][i] = -2 * x * e * c, -e * math.sin(z)
            J[1][2][i], J[3][2][i] = d / r, -d / r
            J[2][3][i], J[3][3][i] = 2 * zw * w / q, 2 * zw * z / q
        return {"value": np.array(f), **dict(zip(NAMES, np.array(J), strict=True))}

    return call


def start_numba(numba: Any, arrays: Arrays) -> Call:
    """By hand, a number at a time, compiled."""
    import math

    import numpy as np

    @numba.njit(fastmath=False)
    def run(xs: Any, ys: Any, zs: Any, ws: Any) -> Any:
        f, J = np.zeros(4), np.zeros((4, 4, COUNT))
        for i in range(COUNT):
            x, y, z, w = xs[i], ys[i], zs[i], ws[i]
            t, e, c, d, zw = math.tanh(y), math.exp(-x * x), math.cos(z), y - w, z * w
            r, q = math.sqrt(1 + d * d), 1 + zw * zw
            f[0] += x * t
            f[1] += e * c
            f[2] += r
            f[3] += math.log(q)
            J[0, 0, i], J[1, 0, i] = t, x * (1 - t * t)
            J[0, 1, i], J[2, 1, i] = -2 * x * e * c, -e * math.sin(z)
            J[1, 2, i], J[3, 2, i] = d / r, -d / r
            J[2, 3, i], J[3, 3, i] = 2 * zw * w / q, 2 * zw * z / q
        return f, J

    def call() -> Arrays:
        f, J = run(*(arrays[name] for name in NAMES))
        return {"value": f, **dict(zip(NAMES, J, strict=True))}

    return call


def casadi_function(casadi: Any) -> Any:
    """CasADi's derivative of scalar expressions."""
    x, y, z, w = (casadi.SX.sym(name, COUNT) for name in NAMES)
    f = casadi.vertcat(
        casadi.sum1(x * casadi.tanh(y)),
        casadi.sum1(casadi.exp(-(x**2)) * casadi.cos(z)),
        casadi.sum1(casadi.sqrt(1 + (y - w) ** 2)),
        casadi.sum1(casadi.log(1 + z**2 * w**2)),
    )
    slopes = [casadi.densify(casadi.jacobian(f, v)) for v in (x, y, z, w)]
    return casadi.Function("run", [x, y, z, w], [f, *slopes])


def casadi_call(run: Any, arrays: Arrays) -> Call:
    """A function of CasADi's, called as it is."""
    import numpy as np

    def call() -> Arrays:
        value, *slopes = run(*(arrays[name] for name in NAMES))
        named = {name: np.asarray(J) for name, J in zip(NAMES, slopes, strict=True)}
        return {"value": np.asarray(value)[:, 0], **named}

    return call


def start_casadi(casadi: Any, arrays: Arrays) -> Call:
    """CasADi, in its own virtual machine."""
    return casadi_call(casadi_function(casadi), arrays)


def start_casadi_c(casadi: Any, arrays: Arrays) -> Call:
    """CasADi's generated C, compiled and called through CasADi."""
    return casadi_call(casadi.external("run", casadi_library(casadi, "-O3")), arrays)


def start_casadi_buffers(casadi: Any, arrays: Arrays) -> Call:
    """The same C, called on memory bound beforehand: CasADi's fastest call from Python."""
    import numpy as np

    run = casadi.external("run", casadi_library(casadi, "-O3"))
    buffers, evaluate = run.buffer()
    given = [np.ascontiguousarray(arrays[name]) for name in NAMES]
    value, slopes = np.zeros(4), [np.zeros((COUNT, 4)) for _ in NAMES]  # column by column
    for place, array in enumerate(given):
        buffers.set_arg(place, memoryview(array))  # type: ignore[arg-type]
    for place, array in enumerate((value, *slopes)):
        buffers.set_res(place, memoryview(array))  # type: ignore[arg-type]
    held = (run, buffers, given)  # the bound call keeps none of them alive
    evaluate()
    found = {"value": value, **{name: J.T for name, J in zip(NAMES, slopes, strict=True)}}

    def call() -> Arrays:
        evaluate()
        return found if held else {}

    return call


def casadi_library(casadi: Any, *flags: str) -> str:
    """The generated C of the function as a library, removed when the process ends."""
    import atexit
    import os
    import shutil
    import subprocess
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    code = casadi.CodeGenerator("run.c")
    code.add(casadi_function(casadi))
    code.generate(f"{folder}/")
    command = [os.environ.get("CC", "cc"), *flags, "-fPIC", "-shared", "run.c", "-o", "run.so"]
    subprocess.run([*command, "-lm"], check=True, cwd=folder)
    return str(folder / "run.so")


def start_jax(jax: Any, arrays: Arrays) -> Call:
    """JAX, compiled: reverse mode, since four rows are fewer than 48 columns."""
    import numpy as np

    jnp = jax.numpy
    given = [jnp.asarray(arrays[name]) for name in NAMES]

    def f(x: Any, y: Any, z: Any, w: Any) -> Any:
        value = stacked(jnp, x, y, z, w)
        return value, value

    run = jax.jit(jax.jacrev(f, argnums=(0, 1, 2, 3), has_aux=True))

    def call() -> Arrays:
        slopes, value = jax.block_until_ready(run(*given))
        named = {name: np.asarray(J) for name, J in zip(NAMES, slopes, strict=True)}
        return {"value": np.asarray(value), **named}

    return call


def start_autograd(autograd: Any, arrays: Arrays) -> Call:
    """HIPS autograd: a row at a time, as its `jacobian` does."""
    np = autograd.numpy

    def f(x: Any, y: Any, z: Any, w: Any) -> Any:
        return stacked(np, x, y, z, w)

    slopes = [autograd.jacobian(f, place) for place in range(4)]
    given = [arrays[name] for name in NAMES]

    def call() -> Arrays:
        named = {name: slope(*given) for name, slope in zip(NAMES, slopes, strict=True)}
        return {"value": f(*given), **named}

    return call


def start_torch(torch: Any, arrays: Arrays, compiled: bool = False) -> Call:
    """PyTorch: reverse mode, as it is or compiled."""
    given = tuple(torch.from_numpy(arrays[name]) for name in NAMES)

    def f(x: Any, y: Any, z: Any, w: Any) -> Any:
        value = stacked(torch, x, y, z, w)
        return value, value

    run = torch.func.jacrev(f, argnums=(0, 1, 2, 3), has_aux=True)
    run = torch.compile(run) if compiled else run

    def call() -> Arrays:
        slopes, value = run(*given)
        named = {name: J.numpy() for name, J in zip(NAMES, slopes, strict=True)}
        return {"value": value.numpy(), **named}

    return call


def start_torch_compiled(torch: Any, arrays: Arrays) -> Call:
    """PyTorch, compiled."""
    return start_torch(torch, arrays, compiled=True)


def start_pytensor(pytensor: Any, arrays: Arrays) -> Call:
    """PyTensor, its graph optimised and compiled."""
    tensor = pytensor.tensor
    symbols = [tensor.dvector(name) for name in NAMES]
    value = stacked(tensor, *symbols)
    slopes = pytensor.gradient.jacobian(value, symbols, vectorize=True)
    run = pytensor.function(symbols, [value, *slopes])
    given = [arrays[name] for name in NAMES]
    return lambda: dict(zip(("value", *NAMES), run(*given), strict=True))


def stacked(np: Any, x: Any, y: Any, z: Any, w: Any) -> Any:
    """The function in any library that is spelt as NumPy is."""
    return np.stack([
        np.sum(x * np.tanh(y)),
        np.sum(np.exp(-(x**2)) * np.cos(z)),
        np.sum(np.sqrt(1 + (y - w) ** 2)),
        np.sum(np.log(1 + z**2 * w**2)),
    ])  # fmt: skip


jacobian = Benchmark(
    name="jacobian",
    about="value and Jacobian of a function from 48 numbers to 4, float64",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", loading("backproof"), start_backproof),
        Contestant("backproof C", "backproof", loading("backproof"), start_backproof_c, own=True),
        Contestant("backproof C, bound", "backproof", loading("backproof"), start_bound, own=True),
        Contestant("CasADi", "casadi", loading("casadi"), start_casadi),
        Contestant("CasADi's C", "casadi", loading("casadi"), start_casadi_c),
        Contestant("CasADi's C, bound", "casadi", loading("casadi"), start_casadi_buffers),
        Contestant("NumPy by hand", "numpy", loading("numpy"), start_numpy),
        Contestant("math by hand", "math", loading("math"), start_math),
        Contestant("numba by hand", "numba", loading("numba"), start_numba),
        Contestant("JAX jit", "jax", load_jax("float64"), start_jax),
        Contestant("torch eager", "torch", load_torch, start_torch),
        Contestant("torch compiled", "torch", load_torch, start_torch_compiled),
        Contestant("autograd", "autograd", load_autograd, start_autograd),
        Contestant("PyTensor", "pytensor", load_pytensor, start_pytensor),
    ),
    tolerance=1e-9,
)
