"""Steps of optimisers that are right, each with the optimiser that states what they compute."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mutants.catalogue import Base, function

from backproof.numerics import optimisers
from backproof.theory.declarations import array
from backproof.theory.descent.iteration import iteration
from backproof.theory.model import Model
from backproof.theory.optimisers import nesterov
from backproof.theory.trace.tracing import trace


@dataclass(frozen=True)
class Step(Base):
    """A step, held against what an optimiser states for a function with its arguments."""

    model: Callable[[], Any]

    def derivation(self) -> Any:
        """The model of the step: the optimiser's own, or that of its iteration on a loss."""
        made = self.model()
        if isinstance(made, Model):
            return made
        return made.statement_for(inspect.signature(function(self.source)).parameters)


ADAM = Step(
    "adam",
    optimisers.adam,
    """
def backward(theta, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v
""",
    ("theta", "m", "v"),
)

FIXED = Step(
    "adam of fixed numbers",
    lambda: optimisers.adam(lr=0.01),
    """
def backward(theta, g, m, v, t):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    step = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    theta = theta - step * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**t))
    return theta, m, v
""",
    ("theta", "m", "v"),
)

ADAMW = Step(
    "adamw",
    optimisers.adamw,
    """
def backward(theta, g, m, v, t, lr, beta1, beta2, eps, decay):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    move = m_hat / (np.sqrt(v_hat) + eps)
    theta = theta - lr * (move + decay * theta)
    return theta, m, v
""",
    ("theta", "m", "v"),
)

MOMENTUM = Step(
    "momentum",
    optimisers.momentum,
    """
def backward(theta, g, v, lr, beta):
    v = beta * v - lr * g
    theta = theta + v
    return theta, v
""",
    ("theta", "v"),
)

RMSPROP = Step(
    "rmsprop",
    optimisers.rmsprop,
    """
def backward(theta, g, r, lr, rho, eps):
    r = rho * r + (1 - rho) * g**2
    theta = theta - lr * g / np.sqrt(r + eps)
    return theta, r
""",
    ("theta", "r"),
)

ADAGRAD = Step(
    "adagrad",
    optimisers.adagrad,
    """
def backward(theta, g, r, lr, eps):
    r = r + g**2
    theta = theta - lr * g / (np.sqrt(r) + eps)
    return theta, r
""",
    ("theta", "r"),
)

ADAMAX = Step(
    "adamax",
    optimisers.adamax,
    """
def backward(theta, g, m, u, t, lr, beta1, beta2):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g))
    theta = theta - lr / (1 - beta1**t) * m / u
    return theta, m, u
""",
    ("theta", "m", "u"),
)

SGD = Step(
    "sgd",
    optimisers.sgd,
    """
def backward(theta, g, lr, decay):
    return (1 - lr * decay) * theta - lr * g
""",
    ("theta",),
)

NESTEROV = Step(
    "nesterov on least squares",
    lambda: iteration(
        nesterov,
        trace("np.sum((X @ w - y)**2) / 2", X="n d", y="n", w=array("d")),
        "w",
    ),
    """
def backward(X, y, w, v, lr, beta):
    ahead = w + beta * v
    g = X.T @ (X @ ahead - y)
    v = beta * v - lr * g
    return w + v, v
""",
    ("w", "v"),
)

STEPS = (ADAM, FIXED, ADAMW, MOMENTUM, RMSPROP, ADAGRAD, ADAMAX, SGD, NESTEROV)
