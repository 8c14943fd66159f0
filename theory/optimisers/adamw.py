"""AdamW: Adam with weight decay that is not scaled by the second moment."""

from backproof.theory.optimisers.rule import (
    EPSILON,
    Quantity,
    UpdateRule,
    decay_rate,
    learning_rate,
)

adamw = UpdateRule(
    name="adamw",
    title="AdamW",
    lines="""
m_new = beta1 * m + (1 - beta1) * g
v_new = beta2 * v + (1 - beta2) * g**2
m_hat = m_new / (1 - beta1**t)
v_hat = v_new / (1 - beta2**t)
theta_new = theta - lr * (m_hat / (np.sqrt(v_hat) + eps) + decay * theta)
""",
    state=(Quantity("m"), Quantity("v", known="nonnegative")),
    hyperparameters=(
        learning_rate(0.001),
        decay_rate("beta1", 0.9),
        decay_rate("beta2", 0.999),
        EPSILON,
        Quantity("decay", 0.01, "nonnegative", "lambda"),
    ),
    reference="Loshchilov and Hutter, Decoupled weight decay regularization (ICLR 2019), "
    "algorithm 2",
    conventions=(
        "The decay is multiplied by the learning rate, as in libraries; the paper's schedule "
        "multiplier η is 1 and its α is inside.",
        "ε is added to the root, not under it; t counts from 1.",
    ),
)
