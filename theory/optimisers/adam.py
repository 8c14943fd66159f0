"""Adam: steps along the mean of the gradient, scaled by the root of the mean of its square."""

from backproof.theory.optimisers.rule import (
    EPSILON,
    Quantity,
    UpdateRule,
    decay_rate,
    learning_rate,
)

adam = UpdateRule(
    name="adam",
    title="Adam",
    lines="""
m_new = beta1 * m + (1 - beta1) * g
v_new = beta2 * v + (1 - beta2) * g**2
m_hat = m_new / (1 - beta1**t)
v_hat = v_new / (1 - beta2**t)
theta_new = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
""",
    state=(Quantity("m"), Quantity("v", known="nonnegative")),
    hyperparameters=(
        learning_rate(0.001),
        decay_rate("beta1", 0.9),
        decay_rate("beta2", 0.999),
        EPSILON,
    ),
    reference="Kingma and Ba, Adam (ICLR 2015), algorithm 1",
    conventions=(
        "ε is added to the root of the corrected second moment, not under the root.",
        "t counts from 1: the averages of the first step are divided by 1 − β.",
    ),
)
