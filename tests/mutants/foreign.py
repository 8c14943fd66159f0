"""Modules, functions and classes of torch and JAX that are right, and edits of them that are not.

A wrong one names its right one, the outputs that are wrong, and the line that is replaced.
"""

import textwrap
from dataclasses import dataclass
from typing import Any

from mutants.catalogue import compiled

TORCH = """
import torch
import torch.nn.functional as F
from torch import nn
"""
JAX = """
import jax
import jax.numpy as jnp
"""


@dataclass(frozen=True)
class Foreign:
    """Source that defines ``made``; the specification, as text, that it is held against."""

    name: str
    source: str
    against: str

    def made(self) -> Any:
        """What the source defines."""
        return compiled(self.source)["made"]


@dataclass(frozen=True)
class Mutant:
    """A right one with one piece of its source replaced; ``wrong`` are the outputs named."""

    of: Foreign
    old: str
    new: str
    wrong: tuple[str, ...]

    @property
    def name(self) -> str:
        """What was replaced by what."""
        return f"{self.of.name}: {self.new}"

    def made(self) -> Any:
        """What the edited source defines."""
        assert self.of.source.count(self.old) == 1, self.name
        return compiled(self.of.source.replace(self.old, self.new))["made"]


def of_torch(name: str, against: str, source: str) -> Foreign:
    return Foreign(name, TORCH + textwrap.dedent(source), against)


def of_jax(name: str, against: str, source: str) -> Foreign:
    return Foreign(name, JAX + textwrap.dedent(source), against)


DENSE = of_torch(
    "dense class",
    "dense:transposed=True:rank=2",
    """
class made(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, W, b):
        ctx.save_for_backward(x, W)
        return x @ W.T + b

    @staticmethod
    def backward(ctx, dy):
        x, W = ctx.saved_tensors
        dx = dy @ W
        dW = dy.T @ x
        db = dy.sum(0)
        return dx, dW, db
""",
)
SOFTMAX = of_torch(
    "softmax class",
    "softmax:axis=-1:rank=2",
    """
class made(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return torch.softmax(x, -1)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        inner = (dy * y).sum(-1, keepdim=True)
        return y * (dy - inner)
""",
)
NORM = of_torch(
    "norm module",
    "layernorm:eps=1e-5:rank=2",
    """
class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(4))
        self.beta = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        mu = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, correction=0)
        return self.gamma * (x - mu) / torch.sqrt(var + 1e-5) + self.beta

made = Norm()
""",
)
ATTENTION = of_torch(
    "attention function",
    "attention:causal=True:rank=2",
    """
def made(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor):
    S = Q @ K.T / Q.shape[1] ** 0.5
    seen = torch.ones_like(S).tril().bool()
    A = torch.softmax(S.masked_fill(~seen, -torch.inf), -1)
    return A @ V
""",
)
LOSS = of_torch(
    "cross-entropy function",
    "softmax_cross_entropy:smoothing=0.0:reduction=mean",
    """
def made(x: torch.Tensor, labels: torch.Tensor):
    logs = x - torch.logsumexp(x, 1, keepdim=True)
    picked = logs.gather(1, labels[:, None])
    return -picked.mean()
""",
)
SOFTPLUS = of_jax(
    "softplus with a vjp",
    "softplus:rank=1",
    """
@jax.custom_vjp
def made(x):
    return jnp.logaddexp(x, 0)

def forward(x):
    return made(x), x

def backward(x, dy):
    return (dy * jax.nn.sigmoid(x),)

made.defvjp(forward, backward)
""",
)
TABLE = of_jax(
    "table with a vjp",
    "embedding:rank=1",
    """
@jax.custom_vjp
def made(ids, E):
    return E[ids]

def forward(ids, E):
    return made(ids, E), (ids, E)

def backward(kept, dy):
    ids, E = kept
    dE = jnp.zeros_like(E).at[ids].add(dy)
    return None, dE

made.defvjp(forward, backward)
""",
)
RMS = of_jax(
    "root mean square, jitted",
    "rmsnorm:eps=1e-5:rank=2",
    """
@jax.jit
def made(x, gamma):
    s = jnp.sqrt(jnp.mean(x**2, axis=-1, keepdims=True) + 1e-5)
    return gamma * x / s
""",
)
RIGHT = (DENSE, SOFTMAX, NORM, ATTENTION, LOSS, SOFTPLUS, TABLE, RMS)
WRONG = (
    Mutant(DENSE, "dx = dy @ W", "dx = 2 * dy @ W", ("dx",)),
    Mutant(DENSE, "dW = dy.T @ x", "dW = dy.T @ x / len(x)", ("dW",)),
    Mutant(DENSE, "db = dy.sum(0)", "db = dy.mean(0)", ("db",)),
    Mutant(DENSE, "dW = dy.T @ x", "dW = (dy.T @ x).clamp(-1, 1)", ("dW",)),
    Mutant(DENSE, "return x @ W.T + b", "return x @ W.T", ("y",)),
    Mutant(DENSE, "ctx.save_for_backward(x, W)", "ctx.save_for_backward(x.abs(), W)", ("dW",)),
    Mutant(SOFTMAX, "return y * (dy - inner)", "return y * dy", ("dx",)),
    Mutant(SOFTMAX, "return y * (dy - inner)", "return y * (1 - y) * dy", ("dx",)),
    Mutant(SOFTMAX, "(dy * y).sum(-1, keepdim=True)", "(dy * y).sum(0, keepdim=True)", ("dx",)),
    Mutant(SOFTMAX, "torch.softmax(x, -1)", "x.exp() / x.exp().sum(-1, keepdim=True)", ("y", "dx")),
    Mutant(NORM, "correction=0", "correction=1", ("y", "dx", "dgamma")),
    Mutant(NORM, "torch.sqrt(var + 1e-5)", "(torch.sqrt(var) + 1e-5)", ("y", "dx", "dgamma")),
    Mutant(NORM, "mu = x.mean(-1, keepdim=True)", "mu = x.mean(-1, keepdim=True).detach()", ("dx",)),
    Mutant(NORM, "+ self.beta", "+ self.beta.detach()", ("dbeta",)),
    Mutant(NORM, "var = x.var(-1, keepdim=True, correction=0)",
           "var = (x * x).mean(-1, keepdim=True) - mu**2", ("y", "dx", "dgamma")),
    Mutant(ATTENTION, "-torch.inf", "-50.0", ("y", "dQ", "dK", "dV")),
    Mutant(ATTENTION, "Q.shape[1] ** 0.5", "Q.shape[0] ** 0.5", ("y", "dQ", "dK", "dV")),
    Mutant(ATTENTION, ".tril()", ".tril(-1)", ("y", "dQ", "dK", "dV")),
    Mutant(LOSS, "torch.logsumexp(x, 1, keepdim=True)", "x.exp().sum(1, keepdim=True).log()",
           ("y", "dx")),
    Mutant(LOSS, "-picked.mean()", "-picked.sum()", ("y", "dx")),
    Mutant(LOSS, "logs = x -", "logs = x.clamp(-30, 30) -", ("y", "dx")),
    Mutant(SOFTPLUS, "dy * jax.nn.sigmoid(x)", "dy * jnp.exp(x) / (1 + jnp.exp(x))", ("dx",)),
    Mutant(SOFTPLUS, "dy * jax.nn.sigmoid(x)", "jax.nn.sigmoid(x)", ("dx",)),
    Mutant(SOFTPLUS, "jnp.logaddexp(x, 0)", "jnp.log(1 + jnp.exp(x))", ("y",)),
    Mutant(TABLE, ".add(dy)", ".set(dy)", ("dE",)),
    Mutant(TABLE, ".at[ids].add(dy)", ".at[ids].add(2 * dy)", ("dE",)),
    Mutant(RMS, "jnp.mean(x**2", "jnp.sum(x**2", ("y", "dx", "dgamma")),
    Mutant(RMS, "+ 1e-5)", ") + 1e-5", ("y", "dx", "dgamma")),
)  # fmt: skip
