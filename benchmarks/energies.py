"""What is derived from an energy: energies of states, free energies, and the learning rule.

    energy          E[n] of states of a deep machine 784-500-1000
    free energy     F[n] of the rows v of a restricted machine 784 × 500
    learning rule   mean F of data minus mean F of model states, and its gradient

All in float32, 100 rows.  A formula is written once for all libraries that are spelt as NumPy is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant, loading
from benchmarks.dense import load_jax, load_torch
from benchmarks.devices import of_jax, of_torch, together
from benchmarks.sampling import HIDDEN, ROWS, TOP, VISIBLE, fitted, inputs, load_sklearn, restricted


def states() -> Arrays:
    """Parameters, rows v, and states of every other layer and of the model."""
    import numpy as np

    random = np.random.default_rng(2)
    drawn = {"h1": HIDDEN, "h2": TOP, "v_model": VISIBLE}
    binary = {name: (random.random((ROWS, n)) < 0.4).astype("float32") for name, n in drawn.items()}
    given = inputs()
    return {**given, **restricted(given), **binary}


@dataclass(frozen=True)
class Values:
    """A number for each row: its statement, and its formula in NumPy or JAX and in torch."""

    name: str
    statement: Callable[[Any], Any]
    formula: Callable[[Any, Arrays], Any]
    torch_formula: Callable[[Any, Arrays], Any]

    def backproof(self, bp: Any, arrays: Arrays, **backend: str) -> Call:
        """Stated and compiled."""
        statement = self.statement(bp)
        kernel = bp.compile(statement, dtype="float32", **backend)
        given = {name: arrays[name] for name in statement.arguments}
        return lambda: {self.name: kernel(**given)}

    def numpy(self, np: Any, arrays: Arrays) -> Call:
        """By hand."""
        return lambda: {self.name: self.formula(np, arrays)}

    def jax(self, jax: Any, arrays: Arrays) -> Call:
        """JAX, compiled."""
        import numpy as np

        given = {name: jax.numpy.asarray(array) for name, array in arrays.items()}
        run = jax.jit(lambda a: self.formula(jax.numpy, a))
        return lambda: {self.name: np.asarray(jax.block_until_ready(run(given)))}

    def torch(self, torch: Any, arrays: Arrays, compiled: bool = False) -> Call:
        """PyTorch, as it is or compiled."""
        given = {name: torch.from_numpy(array) for name, array in arrays.items()}
        formula = partial(self.torch_formula, torch)
        run = torch.compile(formula) if compiled else formula

        def call() -> Arrays:
            with torch.no_grad():
                return {self.name: run(given).numpy()}

        return call


PARAMETERS = ("b_v", "b_h", "W")


@dataclass(frozen=True)
class Gradient(Values):
    """A number and its slopes by the parameters of the restricted machine."""

    def backproof(self, bp: Any, arrays: Arrays, **backend: str) -> Call:
        """Stated, derived and compiled."""
        rule = self.statement(bp)
        kernel = bp.compile(rule, dtype="float32", **backend)
        given = {name: arrays[name] for name in rule.arguments}
        return lambda: kernel(**given)

    def numpy(self, np: Any, arrays: Arrays) -> Call:
        """By hand."""
        v, m, W, c = (arrays[name] for name in ("v", "v_model", "W", "b_h"))

        def call() -> Arrays:
            s, sm = (1 / (1 + np.exp(-(rows @ W + c))) for rows in (v, m))
            return {
                "value": self.formula(np, arrays),
                "b_v": (m.sum(0) - v.sum(0)) / ROWS,
                "b_h": (sm.sum(0) - s.sum(0)) / ROWS,
                "W": (m.T @ sm - v.T @ s) / ROWS,
            }

        return call

    def jax(self, jax: Any, arrays: Arrays) -> Call:
        """JAX, compiled."""
        given = {name: jax.numpy.asarray(array) for name, array in arrays.items()}
        parameters = {name: given.pop(name) for name in PARAMETERS}
        run = jax.jit(jax.value_and_grad(lambda p, a: self.formula(jax.numpy, {**a, **p})))
        return of_jax(jax, lambda: together(run(parameters, given)))

    def torch(
        self, torch: Any, arrays: Arrays, compiled: bool = False, device: str = "cpu"
    ) -> Call:
        """PyTorch, as it is or compiled."""
        given = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
        parameters = [given[name].requires_grad_(True) for name in PARAMETERS]
        formula = partial(self.torch_formula, torch)
        run = torch.compile(formula) if compiled else formula

        def call() -> Arrays:
            value = run(given)
            slopes = torch.autograd.grad(value, parameters)
            return {"value": value, **dict(zip(PARAMETERS, slopes, strict=True))}

        return of_torch(torch, call, device)


# formulas ----------------------------------------------------------------------------------


def energy(np: Any, a: Arrays) -> Any:
    """E of a deep machine."""
    v, h1, h2 = a["v"], a["h1"], a["h2"]
    pairs = ((v @ a["W1"]) * h1).sum(1) + ((h1 @ a["W2"]) * h2).sum(1)
    return -pairs - v @ a["b_v"] - h1 @ a["b_h1"] - h2 @ a["b_h2"]


def free_energy(np: Any, a: Arrays, rows: str = "v") -> Any:
    """F of a restricted machine."""
    z = a[rows] @ a["W"] + a["b_h"]
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return -(a[rows] @ a["b_v"]) - softplus.sum(1)


def free_energy_torch(torch: Any, a: Arrays, rows: str = "v") -> Any:
    """F in torch's own functions."""
    z = torch.addmm(a["b_h"], a[rows], a["W"])
    return -(a[rows] @ a["b_v"]) - torch.nn.functional.softplus(z).sum(1)


def contrast(np: Any, a: Arrays) -> Any:
    """Mean F of data minus mean F of model states."""
    return free_energy(np, a).mean() - free_energy(np, a, "v_model").mean()


def contrast_torch(torch: Any, a: Arrays) -> Any:
    """The same in torch."""
    return free_energy_torch(torch, a).mean() - free_energy_torch(torch, a, "v_model").mean()


def free_energy_sklearn(network: Any, arrays: Arrays) -> Call:
    """scikit-learn."""
    model = fitted(network, arrays)
    return lambda: {"F": model._free_energy(arrays["v"])}


def benchmark(name: str, about: str, work: Values, *further: Contestant) -> Benchmark:
    """The benchmark of one of them."""
    in_c = partial(work.backproof, backend="c")
    compiled = partial(work.torch, compiled=True)
    return Benchmark(
        name=name,
        about=about,
        inputs=states,
        contestants=(
            Contestant("backproof", "backproof", loading("backproof"), work.backproof),
            Contestant("backproof C", "backproof", loading("backproof"), in_c, own=True),
            Contestant("NumPy by hand", "numpy", loading("numpy"), work.numpy),
            Contestant("JAX jit", "jax", load_jax("float32"), work.jax),
            Contestant("torch eager", "torch", load_torch, work.torch),
            Contestant("torch compiled", "torch", load_torch, compiled),
            *further,
        ),
        tolerance=1e-4,
    )


energies = benchmark(
    "energy",
    f"energies of {ROWS} states of a deep Boltzmann machine 784-500-1000, float32",
    Values("E", lambda bp: bp.energy.dbm([VISIBLE, HIDDEN, TOP]).energy("N"), energy, energy),
)
free_energies = benchmark(
    "free-energy",
    f"free energies of {ROWS} rows of a restricted machine {VISIBLE} × {HIDDEN}, float32",
    Values(
        "F",
        lambda bp: bp.energy.free_energy(bp.energy.rbm(VISIBLE, HIDDEN), "N"),
        free_energy,
        free_energy_torch,
    ),
    Contestant("scikit-learn", "sklearn", load_sklearn, free_energy_sklearn),
)
RULE = Gradient(
    "value",
    lambda bp: bp.energy.learning_rule(bp.energy.rbm(VISIBLE, HIDDEN)),
    contrast,
    contrast_torch,
)
learning_rule = benchmark(
    "learning-rule",
    f"free energies of data minus those of model states and the gradient, twice {ROWS} rows, "
    f"machine {VISIBLE} × {HIDDEN}, float32",
    RULE,
)
