"""The networks of `oracles.networks` in JAX, differentiated by it."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from oracles.networks import Network

ACTIVATIONS = {
    "relu": lambda z: jnp.where(z > 0, z, 0),
    "logistic": lambda z: 1 / (1 + jnp.exp(-z)),
    "tanh": jnp.tanh,
    "softplus": lambda z: jnp.log(1 + jnp.exp(z)),
    "linear": lambda z: z,
}


def objective(network: Network, parameters: Mapping[str, Any], x: Any, y: Any) -> Any:
    """J of a batch."""
    h = x
    for layer in network.layers:
        below, z = h, h @ parameters[f"W{layer}"].T + parameters[f"b{layer}"]
        h = ACTIVATIONS[network.activation](z)
    if network.likelihood == "categorical":
        shares = jnp.exp(z) / jnp.sum(jnp.exp(z), axis=1, keepdims=True)
        data = -jnp.log(shares[jnp.arange(len(y)), y])
    elif network.likelihood == "bernoulli":
        p = 1 / (1 + jnp.exp(-z))
        data = -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p), axis=1)
    elif network.likelihood == "poisson":
        data = jnp.sum(jnp.exp(z) - y * z + jax.scipy.special.gammaln(y + 1), axis=1)
    elif network.likelihood == "laplace":
        data = jnp.sum(jnp.abs(y - z) + jnp.log(2), axis=1)
    elif network.likelihood == "heteroscedastic":
        head = f"{network.layers[-1]}_s"
        deviation = jnp.exp((below @ parameters[f"W{head}"].T + parameters[f"b{head}"]) / 2)
        data = -jnp.sum(jax.scipy.stats.norm.logpdf(y, z, deviation), axis=1)
    else:
        data = jnp.sum((y - z) ** 2 / 2 + jnp.log(2 * jnp.pi) / 2, axis=1)
    weights = [parameters[name] for name in network.parameters if name[0] == "W"]
    l2 = sum(jnp.sum(W**2) for W in weights) * (network.l2 or 0.0)
    l1 = sum(jnp.sum(jnp.abs(W)) for W in weights) * (network.l1 or 0.0)
    return jnp.mean(data) + l2 + l1


def value_and_gradient(network: Network, numbers: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """J and its gradient in all parameters."""
    x, y = numbers["x"], numbers["y"]
    parameters = {name: numbers[name] for name in network.parameters}
    both = jax.jit(jax.value_and_grad(lambda p: objective(network, p, x, y)))
    value, gradient = both(parameters)
    return {"value": np.asarray(value)} | {name: np.asarray(g) for name, g in gradient.items()}


def gradient_of_each(network: Network, numbers: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The gradient of J for every batch of one example."""
    parameters = {name: numbers[name] for name in network.parameters}
    one = jax.grad(lambda p, x, y: objective(network, p, x[None], y[None]))
    every = jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))
    found = every(parameters, numbers["x"], numbers["y"])
    return {name: np.asarray(g) for name, g in found.items()}
