"""Dense networks in libraries that compile a whole program first: PyTensor, and numba by hand."""

from typing import Any

from benchmarks.benchmark import Arrays, Call


def load_pytensor() -> Any:
    """PyTensor with its tensors."""
    import pytensor
    import pytensor.tensor

    return pytensor


def in_pytensor(net: Any, pytensor: Any, arrays: Arrays) -> Call:
    """PyTensor, its graph optimised and compiled."""
    tensor = pytensor.tensor
    symbols = {
        name: tensor.tensor(name, dtype=array.dtype, shape=(None,) * array.ndim)
        for name, array in arrays.items()
    }
    parameters, x, y = net.split(symbols)
    h = x
    for layer in range(1, net.last + 1):
        h = h @ parameters[f"W{layer}"].T + parameters[f"b{layer}"]
        if layer < net.last:
            h = tensor.tanh(h) if net.activation == "tanh" else tensor.maximum(h, 0)
    if net.labels:
        h = h - tensor.max(h, axis=1, keepdims=True)
        rows = tensor.arange(h.shape[0])
        nll = tensor.log(tensor.sum(tensor.exp(h), axis=1)) - h[rows, y]
    else:
        nll = tensor.softplus(h) - y * h
    value = tensor.sum(nll) / np_cast(net.batch, net.dtype)
    for layer in range(1, net.last + 1 if net.l2 else 1):
        value = value + np_cast(net.l2, net.dtype) * (parameters[f"W{layer}"] ** 2).sum()
    slopes = pytensor.grad(value, list(parameters.values()))
    run = pytensor.function(list(symbols.values()), [value, *slopes])
    given = list(arrays.values())
    names = ("value", *parameters)
    return lambda: dict(zip(names, run(*given), strict=True))


def numba_by_hand(net: Any, numba: Any, arrays: Arrays) -> Call:
    """By hand, compiled: one hidden layer and a Bernoulli unit, all loops fused."""
    import math

    import numpy as np

    (_, width, _), batch = net.widths, net.batch
    one = np_cast(1, net.dtype)

    @numba.njit(fastmath=False)
    def run(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        dW1, db1, dW2, db2 = (
            np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), np.zeros_like(b2),
        )  # fmt: skip
        h, value, share = np.empty_like(b1), one - one, one / batch
        for n in range(batch):
            z = b2[0]
            for j in range(width):
                a = b1[j]
                for i in range(x.shape[1]):
                    a += W1[j, i] * x[n, i]
                h[j] = math.tanh(a)
                z += W2[0, j] * h[j]
            e = math.exp(-abs(z))
            value += max(z, 0) + math.log1p(e) - y[n, 0] * z
            d = ((1 if z > 0 else e) / (1 + e) - y[n, 0]) * share
            db2[0] += d
            for j in range(width):
                dW2[0, j] += d * h[j]
                a = d * W2[0, j] * (1 - h[j] * h[j])
                db1[j] += a
                for i in range(x.shape[1]):
                    dW1[j, i] += a * x[n, i]
        return value * share, dW1, db1, dW2, db2

    parameters, x, y = net.split(arrays)
    names = ("value", *parameters)
    return lambda: dict(zip(names, run(x, y, *parameters.values()), strict=True))


def np_cast(number: float, dtype: str) -> Any:
    """A number of a dtype: PyTensor would compute in double precision beside a Python number."""
    import numpy as np

    return np.dtype(dtype).type(number)
