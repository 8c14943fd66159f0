"""Gibbs sweeps of a lattice of spins: 64 × 64 with periodic edges, 64 chains, in float32.

A call makes ten sweeps of every chain, in place.  Random numbers differ between libraries, so
contestants are compared by the energies of the same states, which each has from its own couplings.
"""

from typing import Any

from benchmarks.benchmark import Arrays, Benchmark, Call, Contestant

SIDE, CHAINS, COUPLING, SWEEPS = 64, 64, 0.4, 10


def inputs() -> Arrays:
    """Random spins of every chain, −1 or 1."""
    import numpy as np

    spins = np.random.default_rng(0).random((SIDE * SIDE, CHAINS)) < 0.5
    return {"s": (2.0 * spins - 1).astype("float32")}


def bonds() -> list[tuple[int, int]]:
    """Each spin with the next in its row and in its column."""
    places = [(i, j) for i in range(SIDE) for j in range(SIDE)]
    pairs = [((i, j), (a % SIDE, b % SIDE)) for i, j in places for a, b in ((i + 1, j), (i, j + 1))]
    return [(SIDE * i + j, SIDE * a + b) for (i, j), (a, b) in pairs]


# backproof ---------------------------------------------------------------------------------


def load_backproof() -> Any:
    import backproof

    return backproof


def start_backproof(bp: Any, arrays: Arrays) -> Call:
    import numpy as np

    units = [{"name": f"s{n}", "type": "spin", "bias": 0.0} for n in range(SIDE * SIDE)]
    couplings = [[f"s{a}", f"s{b}", COUPLING] for a, b in bonds()]
    machine = bp.energy.load({"units": units, "couplings": couplings})
    random = np.random.Generator(np.random.SFC64(1))
    chains = bp.sampling.GraphChains(machine, CHAINS, random, "float32")
    chains.features[:] = arrays["s"]
    energy = -chains.log_weight()

    def call() -> Arrays:
        chains.sweep(SWEEPS)
        return {"energy": energy}

    return call


# thrml -------------------------------------------------------------------------------------


def load_thrml() -> Any:
    import thrml
    import thrml.models

    return thrml


def start_thrml(thrml: Any, arrays: Arrays) -> Call:
    import jax
    import jax.numpy as jnp
    import numpy as np

    nodes = [thrml.SpinNode() for _ in range(SIDE * SIDE)]
    edges = [(nodes[a], nodes[b]) for a, b in bonds()]
    weights = jnp.full(len(edges), COUPLING, "float32")
    biases, beta = jnp.zeros(len(nodes), "float32"), jnp.array(1.0, "float32")
    model = thrml.models.IsingEBM(nodes, edges, biases, weights, beta)
    colour = [(n // SIDE + n % SIDE) % 2 for n in range(len(nodes))]
    places = [[n for n, c in enumerate(colour) if c == k] for k in (0, 1)]
    blocks = [thrml.Block([nodes[n] for n in place]) for place in places]
    program = thrml.models.IsingSamplingProgram(model, blocks, [])
    schedule = thrml.SamplingSchedule(n_warmup=SWEEPS, n_samples=1, steps_per_sample=1)

    def one(key: Any, state: Any) -> Any:
        last = thrml.sample_states(key, program, schedule, state, [], blocks)
        return [x[-1] for x in last]

    sweeps = jax.jit(jax.vmap(one))
    up = jnp.asarray(arrays["s"].T > 0)
    state = [[up[:, np.array(place)] for place in places]]
    energies = jax.vmap(lambda *s: model.energy(list(s), blocks))
    energy = np.asarray(energies(*state[0]))
    key = [jax.random.key(1)]

    def call() -> Arrays:
        key[0], this = jax.random.split(key[0])
        state[0] = jax.block_until_ready(sweeps(jax.random.split(this, CHAINS), state[0]))
        return {"energy": energy}

    return call


ising = Benchmark(
    name="ising",
    about="ten Gibbs sweeps of 64 chains of 64 × 64 spins, periodic, float32",
    inputs=inputs,
    contestants=(
        Contestant("backproof", "backproof", load_backproof, start_backproof),
        Contestant("thrml", "thrml", load_thrml, start_thrml),
    ),
    tolerance=1e-4,
)
