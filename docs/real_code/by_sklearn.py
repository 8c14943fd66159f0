"""Objects of scikit-learn: a restricted Boltzmann machine, and networks of dense layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor
from sklearn.utils.extmath import softmax
from subject import Subject

import backproof as bp

WEIGHTS = {"components_": "W.T", "intercept_hidden_": "b_h", "intercept_visible_": "b_v"}
HIDDEN = {k: WEIGHTS[k] for k in ("components_", "intercept_hidden_")}
VISIBLE = {k: WEIGHTS[k] for k in ("components_", "intercept_visible_")}
UPDATED = {"W": "components_.T", "b_v": "intercept_visible_", "b_h": "intercept_hidden_"}
LAYERS = {"coefs_": ["W1", "W2"], "intercepts_": ["b1", "b2"], "alpha": "alpha"}
ALPHA = "alpha*(np.sum(W1**2) + np.sum(W2**2))/(2*x.shape[0])"
SHAPES = {"x": "N d", "W1": "d h", "b1": "h", "W2": "h k", "b2": "k", "alpha": ""}


def machine(method: str, keeps: dict[str, str], passes: tuple[str, ...] = ("v",)) -> Any:
    """A method of a machine with given weights."""
    random = "rng" if "rng" in (*passes, *keeps.values()) else ""
    return bp.adapt.sklearn(BernoulliRBM, method, passes, keeps, generator=random)


def partial_fit() -> Any:
    """What one call adds to the weights, at a learning rate of 1."""
    keeps = {**WEIGHTS, "h_samples_": "h", "random_state_": "rng"}
    make = lambda: BernoulliRBM(learning_rate=1.0)  # noqa: E731 - a new one for each call
    return bp.adapt.sklearn(make, "partial_fit", ("v",), keeps, UPDATED, True, "rng")


def network(kind: Any, activation: str, output: str, loss: str) -> Any:
    """Loss and gradients of a network, as its fit asks for them at each step."""

    def make() -> Any:
        made = kind(activation=activation)
        made.n_layers_, made.n_outputs_, made.out_activation_ = 3, 1, output
        made.loss = loss
        return made

    def backprop(made: Any, x: Any, target: Any) -> Any:
        if target.dtype.kind == "i":
            classes = made.coefs_[-1].shape[1]
            target = np.eye(classes, dtype=x.dtype)[target]
        empty: list[Any] = [None, None]
        loss_, coefs, intercepts = made._backprop(
            x, target, None, [x, None, None], list(empty), list(empty), list(empty)
        )
        return {"value": loss_, **dict(zip(("W1", "W2", "b1", "b2"), [*coefs, *intercepts],
                                           strict=True))}  # fmt: skip

    target = "labels" if output == "softmax" else "y"
    return bp.adapt.sklearn(make, backprop, ("x", target), LAYERS)


def stated(activation: str, losses: str, **more: Any) -> Any:
    """The mean of the losses and the penalty, as the user guide states them; and its gradients."""
    source = f"""
    h = {activation}
    z = h @ W2 + b2
    return np.sum({losses})/x.shape[0] + {ALPHA}
    """
    return bp.derive(bp.trace(source, **SHAPES, **more), wrt=("W1", "b1", "W2", "b2"))


def classifier() -> Any:
    labels = bp.array("N", dtype=int, below="k")
    losses = "special.logsumexp(z, axis=1) - z[np.arange(x.shape[0]), labels]"
    return stated("np.tanh(x @ W1 + b1)", losses, labels=labels)


def many_labels() -> Any:
    return stated(
        "np.tanh(x @ W1 + b1)", "np.logaddexp(0, z) - y*z", y=bp.array("N k", fraction=True)
    )


def regressor() -> Any:
    return stated("np.maximum(x @ W1 + b1, 0)", "(z - y)**2/2", y="N k")


SUBJECTS = (
    Subject(
        "sklearn.BernoulliRBM._mean_hiddens",
        lambda: machine("_mean_hiddens", HIDDEN),
        "rbm_hidden",
    ),
    Subject(
        "sklearn.BernoulliRBM.free_energy",
        lambda: machine("_free_energy", WEIGHTS),
        "rbm_free_energy",
    ),
    Subject(
        "sklearn.BernoulliRBM._sample_hiddens",
        lambda: machine("_sample_hiddens", HIDDEN, ("v", "rng")),
        "rbm_sample_hidden",
        ("float64",),
    ),
    Subject(
        "sklearn.BernoulliRBM._sample_visibles",
        lambda: machine("_sample_visibles", VISIBLE, ("h", "rng")),
        "rbm_sample_visible",
        ("float64",),
    ),
    Subject(
        "sklearn.BernoulliRBM.gibbs",
        lambda: machine("gibbs", {**WEIGHTS, "random_state_": "rng"}),
        "gibbs",
        ("float64",),
    ),
    Subject(
        "sklearn.BernoulliRBM.score_samples",
        lambda: machine("score_samples", {**WEIGHTS, "random_state": "rng"}),
        "pseudo_log_likelihood",
        ("float64",),
    ),
    Subject(
        "sklearn.BernoulliRBM.partial_fit",
        partial_fit,
        "persistent_contrastive_divergence",
        ("float64",),
        outcome="defect",
        words="The negative phase is a sum over `batch_size` chains, divided by the number of rows "
        "that the call is given. Where the two numbers differ it has the weight "
        "chains / rows: with 1000 rows and `batch_size=10` a hundredth, so that the biases grow "
        "without end; in `fit` the last batch is short and its negative phase weighs too much. "
        "Right where each call is given exactly `batch_size` rows.",
        confirmed="persistent_chains",
    ),
    Subject(
        "sklearn.MLPClassifier._backprop, softmax",
        lambda: network(MLPClassifier, "tanh", "softmax", "log_loss"),
        classifier,
        outcome="limit",
        words="The loss is taken from probabilities that are clipped at the roundoff unit of the "
        "format: it is at most 36.04 a row in double precision. The gradients, which are taken "
        "from the logits, are right everywhere.",
        confirmed="clipped_loss",
    ),
    Subject(
        "sklearn.MLPClassifier._backprop, logistic",
        lambda: network(MLPClassifier, "tanh", "logistic", "log_loss"),
        many_labels,
        outcome="limit",
        words="The same clipping; the gradients are right.",
        confirmed="clipped_loss",
    ),
    Subject(
        "sklearn.MLPRegressor._backprop",
        lambda: network(MLPRegressor, "relu", "identity", "squared_error"),
        regressor,
        outcome="defect",
        words="With several outputs the loss is a mean over them, and the gradient that of the "
        "sum: the gradient is (number of outputs) times that of the loss beside the penalty. "
        "L-BFGS is given both. Right with one output.",
        confirmed="several_outputs",
    ),
    Subject("sklearn.utils.extmath.softmax", lambda: lambda x: softmax(x), "softmax:axis=1"),
)
