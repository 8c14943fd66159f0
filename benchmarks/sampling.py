"""A step of contrastive divergence, and Gibbs sweeps, restricted and deep.

CD-1: a restricted machine 784 × 500, a batch of 100, one gradient and one step, in float32.
Gibbs: 100 chains of that machine, h | v and then v | h.
Sweep: layers 784-500-1000, 100 chains, every layer drawn once.  Random numbers differ between
libraries, so contestants are compared by P(h = 1 | v) of the inputs, which every call computes.
"""

from functools import partial
from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.dense import load_jax, load_torch

VISIBLE, HIDDEN, TOP, ROWS = 784, 500, 1000, 100
RATE = 1e-9  # so small that every call sees the same parameters


def inputs() -> Arrays:
    """A batch of binary rows and parameters."""
    import numpy as np

    random = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return (0.01 * random.standard_normal(shape)).astype("float32")

    return {
        "v": (random.random((ROWS, VISIBLE)) < 0.3).astype("float32"),
        "h2": (random.random((ROWS, TOP)) < 0.5).astype("float32"),
        "W1": normal(VISIBLE, HIDDEN),
        "W2": normal(HIDDEN, TOP),
        "b_v": normal(VISIBLE),
        "b_h1": normal(HIDDEN),
        "b_h2": normal(TOP),
    }


def restricted(arrays: Arrays) -> dict[str, Any]:
    """The parameters of the restricted machine, by the names of `bp.energy.rbm`."""
    return {"W": arrays["W1"], "b_v": arrays["b_v"], "b_h": arrays["b_h1"]}


def load_sklearn() -> Any:
    import sklearn.neural_network

    return sklearn.neural_network


# CD-1 --------------------------------------------------------------------------------------


def cd_backproof(bp: Any, arrays: Arrays) -> Call:
    import numpy as np

    random = np.random.Generator(np.random.SFC64(1))
    values = {"W": arrays["W1"].copy(), "b_v": arrays["b_v"].copy(), "b_h": arrays["b_h1"].copy()}
    learner = bp.sampling.learner(bp.energy.rbm(VISIBLE, HIDDEN), values, random, dtype="float32")
    first = learner.conditionals.mean("h", {"v": arrays["v"]})

    def call() -> Arrays:
        learner.step({"v": arrays["v"]}, RATE)
        return {"p": first}

    return call


def cd_torch(torch: Any, arrays: Arrays) -> Call:
    v, W, b, c = (torch.from_numpy(arrays[n].copy()) for n in ("v", "W1", "b_v", "b_h1"))

    def call() -> Arrays:
        p = torch.sigmoid(torch.addmm(c, v, W))
        back = torch.sigmoid(torch.addmm(b, torch.bernoulli(p), W.T))
        model = torch.bernoulli(back)
        last = torch.sigmoid(torch.addmm(c, model, W))
        W.addmm_(v.T, p, alpha=RATE / ROWS).addmm_(model.T, last, alpha=-RATE / ROWS)
        b.add_((v - model).sum(0), alpha=RATE / ROWS)
        c.add_((p - last).sum(0), alpha=RATE / ROWS)
        return {"p": p.numpy()}

    return call


def cd_products(numpy: Any, arrays: Arrays) -> Call:
    """The five matrix products that a step consists of, and nothing else."""
    v, W = arrays["v"], arrays["W1"]
    h = (arrays["h2"][:, :HIDDEN]).copy()
    up, down, slope = numpy.empty_like(h), numpy.empty_like(v), numpy.empty_like(W)

    def call() -> Arrays:
        numpy.dot(v, W, out=up)
        numpy.dot(h, W.T, out=down)
        numpy.dot(v, W, out=up)
        numpy.dot(v.T, h, out=slope)
        numpy.dot(v.T, h, out=slope)
        return {"p": up}

    return call


def cd_sklearn_double(network: Any, arrays: Arrays) -> Call:
    """scikit-learn with the data in double precision, NumPy's own."""
    return cd_sklearn(network, {name: x.astype("float64") for name, x in arrays.items()})


def fitted(network: Any, arrays: Arrays) -> Any:
    """scikit-learn's machine with our parameters."""
    model = network.BernoulliRBM(HIDDEN, learning_rate=RATE, batch_size=ROWS, n_iter=1)
    model.fit(arrays["v"])
    model.components_ = arrays["W1"].T.copy()
    model.intercept_visible_, model.intercept_hidden_ = arrays["b_v"].copy(), arrays["b_h1"].copy()
    return model


def cd_sklearn(network: Any, arrays: Arrays) -> Call:
    import numpy as np

    model = fitted(network, arrays)
    random = np.random.RandomState(0)
    model.h_samples_ = np.zeros((ROWS, HIDDEN), arrays["v"].dtype)
    first = model._mean_hiddens(arrays["v"])

    def call() -> Arrays:
        model._fit(arrays["v"], random)  # one step of PCD, the work of CD-1
        return {"p": first}

    return call


contrastive_divergence = Benchmark(
    name="cd1",
    about="a step of CD-1, machine 784 × 500, batch 100, float32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", loading("backproof"), cd_backproof),
        Contestant("torch eager", "torch", load_torch, cd_torch),
        Contestant("scikit-learn (PCD)", "sklearn", load_sklearn, cd_sklearn),
        Contestant("scikit-learn, float64", "sklearn", load_sklearn, cd_sklearn_double),
        Contestant("the products alone", "numpy", loading("numpy"), cd_products, floor=True),
    ),
    tolerance=1e-5,
)


# Gibbs -------------------------------------------------------------------------------------


def gibbs_backproof(bp: Any, arrays: Arrays) -> Call:
    import numpy as np

    random = np.random.Generator(np.random.SFC64(1))
    machine = bp.energy.rbm(VISIBLE, HIDDEN)
    chains = bp.sampling.Chains.start(machine, restricted(arrays), ROWS, random, "float32")
    first = chains.conditionals.mean("h", {"v": arrays["v"]})

    def call() -> Arrays:
        chains.advance()
        return {"p": first}

    return call


def gibbs_numpy(np: Any, arrays: Arrays) -> Call:
    W, b, c = restricted(arrays).values()
    random = np.random.Generator(np.random.SFC64(1))

    def drawn(z: Any) -> Any:
        return (random.random(z.shape, "float32") < 1 / (1 + np.exp(-z))).astype("float32")

    first = 1 / (1 + np.exp(-(arrays["v"] @ W + c)))
    state = [arrays["v"]]

    def call() -> Arrays:
        state[0] = drawn(drawn(state[0] @ W + c) @ W.T + b)
        return {"p": first}

    return call


def gibbs_jax(jax: Any, arrays: Arrays) -> Call:
    import numpy as np

    W, b, c = (jax.numpy.asarray(array) for array in restricted(arrays).values())
    v, random = jax.numpy.asarray(arrays["v"]), jax.random
    first = np.asarray(jax.nn.sigmoid(v @ W + c))

    def drawn(key: Any, z: Any) -> Any:
        return (random.uniform(key, z.shape) < jax.nn.sigmoid(z)).astype("float32")

    @jax.jit
    def sweep(v: Any, key: Any, W: Any, b: Any, c: Any) -> Any:
        key, one, other = random.split(key, 3)
        return drawn(other, drawn(one, v @ W + c) @ W.T + b), key

    state = [(v, random.key(0, impl="rbg"))]  # its fastest generator

    def call() -> Arrays:
        state[0] = jax.block_until_ready(sweep(*state[0], W, b, c))
        return {"p": first}

    return call


def gibbs_torch(torch: Any, arrays: Arrays, compiled: bool = False) -> Call:
    W, b, c = (torch.from_numpy(array) for array in restricted(arrays).values())
    first = torch.sigmoid(torch.addmm(c, torch.from_numpy(arrays["v"]), W))
    state = [torch.from_numpy(arrays["v"])]

    def sweep(v: Any) -> Any:
        h = torch.bernoulli(torch.sigmoid(torch.addmm(c, v, W)))
        return torch.bernoulli(torch.sigmoid(torch.addmm(b, h, W.T)))

    run = torch.compile(sweep) if compiled else sweep

    def call() -> Arrays:
        state[0] = run(state[0])
        return {"p": first.numpy()}

    return call


def gibbs_sklearn(network: Any, arrays: Arrays) -> Call:
    model = fitted(network, arrays)
    first, state = model._mean_hiddens(arrays["v"]), [arrays["v"]]

    def call() -> Arrays:
        state[0] = model.gibbs(state[0])
        return {"p": first}

    return call


gibbs = Benchmark(
    name="gibbs",
    about=f"a Gibbs sweep of {ROWS} chains of a restricted machine 784 × 500, float32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", loading("backproof"), gibbs_backproof),
        Contestant("NumPy by hand", "numpy", loading("numpy"), gibbs_numpy),
        Contestant("JAX jit", "jax", load_jax("float32"), gibbs_jax),
        Contestant("torch eager", "torch", load_torch, gibbs_torch),
        Contestant("torch compiled", "torch", load_torch, partial(gibbs_torch, compiled=True)),
        Contestant("scikit-learn", "sklearn", load_sklearn, gibbs_sklearn),
    ),
    tolerance=1e-5,
)


# Sweep -------------------------------------------------------------------------------------


def sweep_backproof(bp: Any, arrays: Arrays) -> Call:
    import numpy as np

    names = ("W1", "W2", "b_v", "b_h1", "b_h2")
    machine = bp.energy.dbm([VISIBLE, HIDDEN, TOP])
    random = np.random.Generator(np.random.SFC64(1))
    values = {name: arrays[name] for name in names}
    chains = bp.sampling.Chains.start(machine, values, ROWS, random, "float32")
    first = chains.conditionals.mean("h1", {"v": arrays["v"], "h2": arrays["h2"]})

    def call() -> Arrays:
        chains.advance()
        return {"p": first}

    return call


def sweep_torch(torch: Any, arrays: Arrays) -> Call:
    names = ("v", "h2", "W1", "W2", "b_v", "b_h1", "b_h2")
    v, h2, W1, W2, b, c, d = (torch.from_numpy(arrays[n]) for n in names)
    first = torch.sigmoid(v @ W1 + h2 @ W2.T + c)
    state = [torch.bernoulli(first)]

    def call() -> Arrays:
        below = torch.bernoulli(torch.sigmoid(torch.addmm(b, state[0], W1.T)))
        above = torch.bernoulli(torch.sigmoid(torch.addmm(d, state[0], W2)))
        state[0] = torch.bernoulli(torch.sigmoid(torch.addmm(c, below, W1) + above @ W2.T))
        return {"p": first.numpy()}

    return call


deep_sweep = Benchmark(
    name="dbm-sweep",
    about="a Gibbs sweep of 100 chains of a deep Boltzmann machine 784-500-1000, float32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", loading("backproof"), sweep_backproof),
        Contestant("torch eager", "torch", load_torch, sweep_torch),
    ),
    tolerance=1e-5,
)
