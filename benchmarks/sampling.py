"""A step of contrastive divergence, and a sweep of a deep Boltzmann machine.

CD-1: a restricted machine 784 × 500, a batch of 100, one gradient and one step, in float32.
Sweep: layers 784-500-1000, 100 chains, every layer drawn once.  Random numbers differ between
libraries, so contestants are compared by P(h = 1 | v) of the inputs, which every call computes.
"""

from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant

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


def load_backproof() -> Any:
    import backproof

    return backproof


def load_torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def load_numpy() -> Any:
    import numpy

    return numpy


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


def cd_sklearn(network: Any, arrays: Arrays) -> Call:
    import numpy as np

    model = network.BernoulliRBM(HIDDEN, learning_rate=RATE, batch_size=ROWS, n_iter=1)
    model.fit(arrays["v"])
    model.components_ = arrays["W1"].T.copy()
    model.intercept_visible_, model.intercept_hidden_ = arrays["b_v"].copy(), arrays["b_h1"].copy()
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
        Contestant("backproof", "backproof", load_backproof, cd_backproof),
        Contestant("torch", "torch", load_torch, cd_torch),
        Contestant("scikit-learn (PCD)", "sklearn", load_sklearn, cd_sklearn),
        Contestant("scikit-learn, float64", "sklearn", load_sklearn, cd_sklearn_double),
        Contestant("the products alone", "numpy", load_numpy, cd_products, floor=True),
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
        Contestant("backproof", "backproof", load_backproof, sweep_backproof),
        Contestant("torch", "torch", load_torch, sweep_torch),
    ),
    tolerance=1e-5,
)
