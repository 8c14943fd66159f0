"""Handwritten digits: a network is stated, its gradient derived, compiled, and trained on.

    python digits.py

The 1,797 images of 8×8 pixels come with scikit-learn; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import backproof as bp

Arrays = dict[str, np.ndarray]
SIZES, PENALTY, ITERATIONS = (64, 64, 10), 1e-4, 200


@dataclass(frozen=True)
class Digits:
    """Images as rows of 64 pixels in [0, 1], with their labels; a quarter is held out."""

    train: Arrays
    test: Arrays


@dataclass
class Training:
    """What a training leaves: the parameters, and the loss after each iteration."""

    parameters: Arrays
    losses: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    evaluations: int = 0
    message: str = ""


def digits(seed: int) -> Digits:
    """The images, split at random with equal shares of each digit."""
    images, labels = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(
        images / 16, labels, test_size=0.25, stratify=labels, random_state=seed
    )
    return Digits({"x": x, "y": y}, {"x": x_test, "y": y_test})


def network() -> bp.Model:
    """The model: 64 pixels, 64 rectified units, a softmax over 10 digits, an L2 penalty."""
    return bp.networks.mlp(
        SIZES, activation="relu", likelihood="categorical", penalty={"l2": PENALTY}
    )


def initial(model: bp.Model, seed: int) -> Arrays:
    """Weights from N(0, 2 / fan-in), biases zero (He and others 2015, for rectified units)."""
    random = np.random.default_rng(seed)
    shapes = {name: tuple(map(int, t.shape)) for name, t in model.parameters.items()}
    return {
        name: random.normal(0, np.sqrt(2 / shape[-1]), shape) if len(shape) > 1 else np.zeros(shape)
        for name, shape in shapes.items()
    }


def train(
    model: bp.Model,
    data: Digits,
    start: Arrays,
    gradient: Callable[..., tuple[np.ndarray, ...]] | None = None,
    each: Callable[[Training], Any] = lambda training: None,
) -> Training:
    """Minimise the model's loss by L-BFGS, with the compiled gradient or one written by hand.

    `gradient(x, y, W1, b1, …)` returns the derivatives in the order of the parameters; `each` is
    called after every iteration.
    """
    names = list(model.parameters)
    compiled, loss = bp.compile(bp.derive(model, wrt=names)), bp.compile(model)
    ends = np.cumsum([start[name].size for name in names])[:-1]
    training = Training(start)

    def unpacked(flat: np.ndarray) -> Arrays:
        parts = np.split(flat, ends)
        return {n: part.reshape(start[n].shape) for n, part in zip(names, parts, strict=True)}

    def packed(parts: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([part.ravel() for part in parts])

    def value_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = unpacked(flat)
        out = compiled(**data.train, **parameters)
        by_name = [out[name] for name in names]
        return float(out["value"]), packed(
            by_name if gradient is None else list(gradient(**data.train, **parameters))
        )

    def after_iteration(intermediate_result: OptimizeResult) -> None:
        training.losses.append(float(intermediate_result.fun))
        training.held_out.append(float(loss(**data.test, **unpacked(intermediate_result.x))))
        each(training)

    with threadpool_limits(1):  # matrices this small are slower on several threads
        found = minimize(
            value_and_gradient,
            packed([start[name] for name in names]),
            jac=True,
            method="L-BFGS-B",
            callback=after_iteration,
            options={"maxiter": ITERATIONS},
        )
    training.parameters, training.evaluations = unpacked(found.x), int(found.nfev)
    training.message = str(found.message)
    return training


def predictions(model: bp.Model, images: np.ndarray, parameters: Arrays) -> np.ndarray:
    """The digit with the largest logit, for each image."""
    logits = bp.compile(model.up_to(f"z{len(SIZES) - 1}"))
    return np.argmax(logits(x=images, **parameters), axis=1)


if __name__ == "__main__":
    model, data = network(), digits(seed=1)
    print(bp.derive(model))
    training = train(model, data, initial(model, seed=1))
    right = predictions(model, data.test["x"], training.parameters) == data.test["y"]
    print(f"loss {training.losses[-1]:.4f}, {np.mean(right):.1%} of the held-out digits are read")
