"""Gradient descent with weight decay: every step shrinks the parameter by a constant factor."""

from backproof.theory.optimisers.rule import Quantity, UpdateRule, learning_rate

sgd = UpdateRule(
    name="sgd",
    title="Gradient descent with weight decay",
    lines="""
theta_new = (1 - lr * decay) * theta - lr * g
""",
    hyperparameters=(learning_rate(), Quantity("decay", None, "nonnegative", "lambda")),
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), equation 7.5",
    conventions=(
        "The decay is that of the penalty (λ/2) Σ θ², whose gradient λ θ is not part of g.",
    ),
)
